"""Browsers' sessions: a cookie shows them, use keeps them alive within limits, and it opens nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from authsvc.app import create_app
from authsvc.login.rules import holder_of
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant

OWN = "http://localhost"
IDLE_SECONDS = 7_200
DAY_SECONDS = 86_400


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="here")
def _here(settings: Settings, merchant: Merchant, clock: HeldClock) -> Iterator[Merchant]:
    with machine(settings, clock) as services:
        yield on(services, merchant)


@pytest.fixture(name="app_client")
def _app_client(here: Merchant) -> FlaskClient:
    return create_app(here.services).test_client(use_cookies=False)


def signed_in(here: Merchant, *, remembered: bool = False) -> str:
    """Return the cookie of a browser that stacy has signed in on."""
    account = here.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    with here.services.database.transaction():
        return here.services.browser_sessions.open(
            here.sites["Mystic Sports"], holder_of(account), ("password",), remembered=remembered
        ).token


def check(
    client: FlaskClient, here: Merchant, cookie: str, site: str = "Mystic Kids", **headers: str
) -> TestResponse:
    here.services.invalidation.follow()
    return client.get(
        "/session",
        headers={
            "Cookie": f"basket=7; authsvc-session={cookie}",
            "x-vol-site": str(here.site(site)),
            "x-vol-tenant": str(here.tenant_id),
            **headers,
        },
    )


def test_a_check_takes_the_cookie_as_it_takes_a_ticket(
    here: Merchant, app_client: FlaskClient
) -> None:
    cookie = signed_in(here)
    for _ in range(2):
        answer = check(app_client, here, cookie)
        assert answer.status_code == 200
        assert answer.get_json()["customerSet"] == "b2c"
        assert "Cookie" in answer.headers["Vary"]
    assert check(app_client, here, cookie, "Mystic Parts").status_code == 401
    assert check(app_client, here, "1b~nonsense").status_code == 401


def test_a_planted_cookie_counts_only_where_browsers_need_no_prefix(
    here: Merchant, app_client: FlaskClient
) -> None:
    cookie = signed_in(here)
    assert check(app_client, here, cookie, Host="shop.example.com").status_code == 401
    prefixed = f"__Host-authsvc-session={cookie}"
    answer = check(app_client, here, "", Host="shop.example.com", Cookie=prefixed)
    assert answer.status_code == 200


def test_a_cookie_is_no_ticket(here: Merchant, app_client: FlaskClient) -> None:
    cookie = signed_in(here)
    assert check(app_client, here, cookie).status_code == 200
    assert check(app_client, here, "", Authorization=f"Bearer {cookie}").status_code == 401
    site = {"x-vol-site": str(here.site("Mystic Kids")), "Cookie": f"authsvc-session={cookie}"}
    own = {"Sec-Fetch-Site": "same-origin", "Origin": OWN}
    path = "/api/commerce/customer/accounts/current"
    assert app_client.get(path, headers={**site, **own}).status_code == 401


@pytest.mark.parametrize(
    ("proof", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Origin": OWN}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 401),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 401),
        ({}, 401),
    ],
)
def test_signing_out_by_cookie_asks_for_proof_of_the_same_origin(
    here: Merchant, app_client: FlaskClient, proof: dict[str, str], status: int
) -> None:
    cookie = signed_in(here)
    headers = {"Cookie": f"authsvc-session={cookie}", "x-vol-site": str(here.site("Mystic Kids"))}
    assert app_client.delete("/session", headers={**headers, **proof}).status_code == status
    assert check(app_client, here, cookie).status_code == (401 if status == 204 else 200)


def test_use_keeps_a_browser_signed_in_until_its_longest_time(
    here: Merchant, app_client: FlaskClient, clock: HeldClock
) -> None:
    cookie = signed_in(here)
    for _ in range(DAY_SECONDS // (IDLE_SECONDS - 600)):
        clock.pass_time(seconds=IDLE_SECONDS - 600)
        assert check(app_client, here, cookie).status_code == 200
        here.services.sessions.uses.write()
    clock.pass_time(seconds=IDLE_SECONDS - 600)
    assert check(app_client, here, cookie).status_code == 401


def test_a_browser_left_alone_is_signed_out(
    here: Merchant, app_client: FlaskClient, clock: HeldClock
) -> None:
    cookie = signed_in(here)
    clock.pass_time(seconds=IDLE_SECONDS)
    assert check(app_client, here, cookie).status_code == 401
    assert here.services.sessions.uses.write() == 0


def test_remember_me_lasts_longer(
    here: Merchant, app_client: FlaskClient, clock: HeldClock
) -> None:
    cookie = signed_in(here, remembered=True)
    clock.pass_time(seconds=13 * DAY_SECONDS)
    assert check(app_client, here, cookie).status_code == 200


def test_what_was_read_before_another_process_put_the_end_off_refuses_nobody(
    here: Merchant, app_client: FlaskClient, clock: HeldClock, merchant: Merchant
) -> None:
    cookie = signed_in(here)
    clock.pass_time(seconds=IDLE_SECONDS - 10)
    assert check(app_client, here, cookie).status_code == 200
    # Written before this process's copy, which ends in ten seconds, has grown old.
    assert here.services.sessions.uses.write() == 1
    clock.pass_time(seconds=20)
    assert check(app_client, here, cookie).status_code == 200


def test_a_use_is_written_once_though_copies_go_on_telling_the_old_end(
    here: Merchant, app_client: FlaskClient, clock: HeldClock
) -> None:
    cookie, uses = signed_in(here), here.services.sessions.uses
    clock.pass_time(seconds=IDLE_SECONDS - 10)
    assert check(app_client, here, cookie).status_code == 200
    # It ends soon, and is written at once.
    assert uses._urgent.is_set()
    assert uses.write() == 1
    clock.pass_time(seconds=5)
    assert check(app_client, here, cookie).status_code == 200
    assert not uses._urgent.is_set()
    assert uses.write() == 0


def test_a_check_writes_nothing(here: Merchant, app_client: FlaskClient, clock: HeldClock) -> None:
    cookie = signed_in(here)
    clock.pass_time(seconds=IDLE_SECONDS // 2)
    assert check(app_client, here, cookie).status_code == 200
    clock.pass_time(seconds=IDLE_SECONDS // 2)
    # Nobody has written that it was used.
    assert check(app_client, here, cookie).status_code == 401
