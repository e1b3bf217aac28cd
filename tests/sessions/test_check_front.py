"""Checks answered in front of Flask: the same answers, from what a process remembers, and never a stale one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from authsvc.app import create_app
from authsvc.infra.valkey import Valkey
from authsvc.regrouping.sites import SiteChange
from authsvc.settings import Settings
from tests.machines import machine, on
from tests.merchants import Merchant


@pytest.fixture(name="here")
def _here(settings: Settings, merchant: Merchant) -> Iterator[Merchant]:
    """A machine whose follower looks when the test says so."""
    with machine(settings) as services:
        services.invalidation.follow()
        yield on(services, merchant)


@pytest.fixture(name="browser")
def _browser(here: Merchant) -> FlaskClient:
    return create_app(here.services).test_client()


def check(
    browser: FlaskClient,
    here: Merchant,
    token: str,
    site: str = "Mystic Kids",
    path: str = "/session",
) -> TestResponse:
    return browser.get(
        path,
        headers={
            "Authorization": f"Bearer {token}",
            "x-vol-tenant": str(here.tenant_id),
            "x-vol-site": str(here.site(site)),
            "x-vol-correlation": "a-page-view",
        },
    )


def said(answer: TestResponse) -> dict[str, str]:
    """Return an answer's headers, but for the moment it is true for."""
    return {name.lower(): value for name, value in answer.headers if name != "X-Auth-As-Of"}


def test_it_answers_as_flask_does(here: Merchant, browser: FlaskClient) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    # A path with a slash behind it is left to Flask.
    plain, first, second = (
        check(browser, here, token, path=path) for path in ("/session/", "/session", "/session")
    )
    assert {answer.status_code for answer in (plain, first, second)} == {200}
    assert said(plain) == said(first) == said(second)
    bodies = [answer.get_json() for answer in (plain, first, second)]
    for answer, body in zip((plain, first, second), bodies, strict=True):
        assert body.pop("asOf") == answer.headers["X-Auth-As-Of"]
    assert bodies[0] == bodies[1] == bodies[2]


def test_an_anonymous_shopper_is_answered_for_as_by_flask(
    here: Merchant, browser: FlaskClient
) -> None:
    site = here.services.directory.site(here.tenant_id, here.site("Mystic Sports"))
    _, issued = here.services.sessions.open_anonymous(site)
    plain, first = (
        check(browser, here, issued.access_token, path=path) for path in ("/session/", "/session")
    )
    assert said(plain) == said(first)
    assert plain.get_json() | {"asOf": None} == first.get_json() | {"asOf": None}
    assert plain.get_json()["isAnonymous"] is True


def test_a_worker_may_remember_no_session_and_ask_valkey_each_time(
    settings: Settings, merchant: Merchant
) -> None:
    with machine(settings, remembered_sessions=0) as services:
        here = on(services, merchant)
        browser = create_app(services).test_client()
        ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
        for _ in range(2):
            assert check(browser, here, ticket.tokens.access_token).status_code == 200
        assert len(services.session_copies) == 0
        # Without a look: the bar stands in Valkey before the sign-out is acknowledged.
        merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
        assert check(browser, here, ticket.tokens.access_token).status_code == 401


def test_headers_say_what_the_body_says(here: Merchant, browser: FlaskClient) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    answer = check(browser, here, token)
    shown = answer.get_json()
    assert answer.headers["X-Auth-Account"] == str(shown["accountId"])
    assert answer.headers["X-Auth-User"] == shown["userId"]
    assert answer.headers["X-Auth-Customer-Set"] == shown["customerSet"] == "b2c"
    assert answer.headers["X-Auth-Site"] == str(shown["siteId"])
    assert answer.headers["X-Auth-Methods"] == "new_account"
    assert answer.headers["X-Auth-Expires-At"] == shown["expiresAt"]
    assert answer.headers["Cache-Control"] == "private, max-age=1"
    assert answer.headers["x-vol-correlation"] == "a-page-view"


def test_head_is_answered_without_a_body(here: Merchant, browser: FlaskClient) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    headers = {"Authorization": f"Bearer {token}", "x-vol-site": str(here.site("Mystic Kids"))}
    answers = [browser.head("/session", headers=headers) for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["X-Auth-Customer-Set"] == "b2c"
    assert browser.head("/session").status_code == 401


def test_a_second_check_asks_no_store(here: Merchant, browser: FlaskClient) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    assert check(browser, here, token).status_code == 200
    here.services.database.close()
    valkey = here.services.valkey
    assert isinstance(valkey, Valkey)
    valkey.close()
    asked = valkey.pool.away_until
    valkey.pool.away_until = float("inf")
    assert check(browser, here, token).status_code == 200
    valkey.pool.away_until = asked


def test_what_was_remembered_goes_with_the_next_look(
    here: Merchant, browser: FlaskClient, merchant: Merchant
) -> None:
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    token = ticket.tokens.access_token
    assert check(browser, here, token).status_code == 200
    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
    here.services.invalidation.follow()
    answer = check(browser, here, token)
    assert answer.status_code == 401
    assert answer.get_json()["additionalErrorData"] == [
        {"name": "Reason", "value": "session_ended"}
    ]
    assert "X-Auth-Account" not in answer.headers


def test_without_a_look_within_a_second_nothing_remembered_is_believed(
    here: Merchant, browser: FlaskClient, merchant: Merchant
) -> None:
    ticket = here.sign_up("stacy@mail.com", "Mystic Sports")
    assert check(browser, here, ticket.tokens.access_token).status_code == 200
    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
    here.services.invalidation._trusted_until = float("-inf")
    assert check(browser, here, ticket.tokens.access_token).status_code == 401


def test_the_same_token_on_a_site_of_another_set_is_refused(
    here: Merchant, browser: FlaskClient
) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    assert check(browser, here, token).status_code == 200
    assert check(browser, here, token, "Mystic Parts").status_code == 401


def test_a_site_that_moves_takes_remembered_answers_along_when_that_is_in_force(
    here: Merchant, browser: FlaskClient
) -> None:
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    assert check(browser, here, token).status_code == 200
    here.services.customer_sets.assign_site(here.caller(), here.site("Mystic Kids"), "b2b")
    here.services.directory.forget()
    assert check(browser, here, token).status_code == 401


def test_a_host_that_is_given_to_another_site_is_that_sites_once_it_is_in_force(
    here: Merchant, browser: FlaskClient
) -> None:
    """Though somebody has asked for the site it was of meanwhile."""
    token = here.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token
    host = f"shop.t{here.tenant_id}.example"
    sites, caller = here.services.sites, here.caller()
    sites.change(caller, here.site("Mystic Kids"), SiteChange(hosts=[host]))

    def asked() -> int:
        headers = {"Authorization": f"Bearer {token}", "Host": host}
        return browser.get("/session", headers=headers).status_code

    assert asked() == 200
    sites.change(caller, here.site("Mystic Kids"), SiteChange(hosts=[]))
    sites.change(caller, here.site("Mystic Parts"), SiteChange(hosts=[host]))
    here.services.propagation.apply_now(caller)
    here.services.invalidation.follow()
    assert check(browser, here, token).status_code == 200
    assert asked() == 401


def test_a_request_that_is_no_http_is_refused_as_everywhere(browser: FlaskClient) -> None:
    answer = browser.get("/session", headers={"x-vol-site": "none"})
    assert answer.status_code in (400, 401)
    assert "errorCode" in answer.get_json()
