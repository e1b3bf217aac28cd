"""Issue 6: applications may be bound to sites, and then no other site's data is within their reach."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from authsvc.callers import Behavior
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid
from authsvc.infra.clock import utc_now
from authsvc.services import Services
from authsvc.site_bounds import TELLS_OF_OTHER_SITES, WITHIN_A_SITE
from authsvc.web.running import Endpoint
from tests.merchants import PASSWORD, Merchant
from tests.trail import actions

HOME, SISTER, AWAY = "Mystic Sports", "Mystic Kids", "Mystic Parts"
FORBIDDEN = 403


@pytest.fixture(name="credentials")
def _credentials(services: Services, merchant: Merchant) -> tuple[str, str]:
    """Id and secret of an application that may do everything, on one site."""
    application, secret = services.applications.create(
        merchant.caller(), "Sports", Behavior, frozenset({merchant.site(HOME)})
    )
    return application.client_id, secret


@pytest.fixture(name="bound")
def _bound(services: Services, merchant: Merchant, credentials: tuple[str, str]) -> Merchant:
    """The merchant, called by that application."""
    ticket = services.applications.authenticate(*credentials)
    return replace(merchant, application_token=ticket.access_token)


def operations(app: Flask) -> list[tuple[str, str, str]]:
    """Return name, method and address of every operation that asks an application who it is."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not isinstance(view, Endpoint) or view._requires is None:
            # Open to anybody, whom tests/architecture names.
            continue
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found.append((rule.endpoint, method, rule.rule))
    return found


def test_on_its_own_site_it_does_what_it_may(bound: Merchant) -> None:
    account = {"account": {"emailAddress": "ada@mail.com"}, "password": PASSWORD}
    made = bound.call("POST", "accounts/Add-Account-And-Login", account, site=HOME)
    assert made.status_code == 201
    account_id = made.get_json()["customerAccount"]["id"]
    assert bound.call("GET", f"accounts/{account_id}", site=HOME).status_code == 200
    signed_in = bound.call(
        "POST", "authtickets", {"username": "ada@mail.com", "password": PASSWORD}, site=HOME
    )
    assert signed_in.status_code == 201
    token = signed_in.get_json()["accessToken"]
    own = bound.call("GET", f"accounts/{account_id}/orders", site=HOME, shopper=token)
    assert own.status_code == 200
    assert bound.call("GET", f"sites/{bound.site(HOME)}/orders", site=HOME).status_code == 200
    # Its customers are customers of the whole set.
    stacy = bound.sign_up("stacy@mail.com", SISTER).account
    assert stacy is not None
    assert bound.call("GET", f"accounts/{stacy.id}", site=HOME).status_code == 200


def test_no_operation_is_open_to_it_elsewhere_or_nowhere(app: Flask, bound: Merchant) -> None:
    """Every operation there is, with what belongs to another site in its address: none may succeed."""
    john = bound.sign_up("john@mail.com", AWAY)
    assert john.account is not None
    there = {
        "account_id": str(john.account.id),
        "site_id": str(bound.site(AWAY)),
        "tenant_id": str(bound.tenant_id),
        "code": "b2b",
        "session_id": john.tokens.session_id,
    }
    reached = []
    for name, method, rule in operations(app):
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: there.get(found[1], "1"), rule)
        for site in (AWAY, SISTER, None):
            answer = bound.call(method, address, {}, site=site)
            if answer.status_code != FORBIDDEN and not (
                site is None and name == "invalidations.read_invalidations"
            ):
                reached.append((name, site, answer.status_code))
        if rule.startswith("/api/commerce/customer/authtickets") or name in WITHIN_A_SITE:
            # Done on the call's site, which is its own; its body is looked at below.
            continue
        answer = bound.call(method, address, {}, site=HOME)
        if answer.status_code not in (401, FORBIDDEN, 404):
            reached.append((name, HOME, answer.status_code))
    assert reached == []


def test_a_body_or_a_query_does_not_lead_out_either(bound: Merchant) -> None:
    john = bound.sign_up("john@mail.com", AWAY).account
    assert john is not None
    now = utc_now().isoformat()

    def order(site: str, account_id: int) -> dict[str, object]:
        return {
            "type": "Online",
            "siteId": bound.site(site),
            "customerAccountId": account_id,
            "status": "Accepted",
            "total": 9.99,
            "currencyCode": "USD",
            "submittedDate": now,
            "updateDate": now,
            "version": 1,
        }

    theirs = order(AWAY, john.id)
    whole = replace(bound, application_token=_unbound(bound))
    told = whole.call("PUT", "/api/commerce/orders/P-1", theirs)
    assert told.status_code == 200, told.get_json()
    for method, path, body in (
        ("PUT", "/api/commerce/orders/P-2", theirs),
        ("PUT", "/api/commerce/orders/P-1", order(HOME, john.id)),
        ("GET", "/api/commerce/orders/P-1", None),
        (
            "POST",
            "accounts/reset-password",
            {"userName": "john@mail.com", "customerSetCode": "b2b"},
        ),
        (
            "POST",
            "accounts/loginstatebyusername?userName=john@mail.com&customerSetCode=b2b",
            None,
        ),
        ("POST", "authtickets/impersonatecart", {"accountId": john.id}),
        ("GET", "accounts", None),
        ("GET", "accounts/search?q=john", None),
        ("GET", f"accounts/{john.id}", None),
    ):
        answer = bound.call(method, path, body, site=HOME)
        assert answer.status_code in {400, 403, 404, 409}, (path, answer.get_json())
        assert "john@mail.com" not in answer.get_data(as_text=True)
        assert '"total"' not in answer.get_data(as_text=True)


def test_it_invites_nobody_to_the_sister_site(bound: Merchant) -> None:
    guest = bound.call("POST", "accounts", {"emailAddress": "gus@mail.com"}, site=HOME).get_json()
    invitation = {"siteId": bound.site(SISTER)}
    answer = bound.call("POST", f"accounts/{guest['id']}/invitations", invitation, site=HOME)
    assert answer.status_code == FORBIDDEN


def test_acting_for_a_shopper_does_not_tell_it_who_is_a_customer_elsewhere(bound: Merchant) -> None:
    """Whose account is of another set, and who has none at all, it hears in the same words."""
    john = bound.sign_up("john@mail.com", AWAY).account
    assert john is not None
    told = []
    for account_id in (john.id, john.id + 999_999):
        body = {"accountId": account_id}
        answer = bound.call("POST", "authtickets/impersonatecart", body, site=HOME)
        assert answer.status_code == 404, answer.get_json()
        told.append(answer.get_json()["message"].replace(str(account_id), "#"))
    assert told[0] == told[1]


def test_it_moves_no_customer_out_of_its_set_nor_hears_who_is_in_another(bound: Merchant) -> None:
    stacy = bound.sign_up("stacy@mail.com", HOME).account
    namesake = bound.sign_up("stacy@mail.com", AWAY).account
    assert stacy is not None
    assert namesake is not None
    john = bound.sign_up("john@mail.com", HOME).account
    assert john is not None
    for account in (stacy, john):
        path = f"accounts/{account.id}"
        answer = bound.call("PUT", path, {"customerSet": "b2b", "firstName": "Moved"}, site=HOME)
        assert answer.status_code == FORBIDDEN, answer.get_json()
        assert str(namesake.id) not in answer.get_data(as_text=True)
        read = bound.call("GET", path, site=HOME).get_json()
        assert (read["customerSet"], read["firstName"]) == ("b2c", account.first_name)
        # Sent back as it was read.
        saved = bound.call("PUT", path, {"customerSet": "b2c", "firstName": "Stays"}, site=HOME)
        assert saved.status_code == 200, saved.get_json()


def test_a_shoppers_ticket_of_its_site_does_not_carry_it_to_the_sister_site(
    bound: Merchant,
) -> None:
    ticket = bound.sign_up("stacy@mail.com", HOME)
    token = ticket.tokens.access_token
    for path in ("accounts/current", "accounts/current/my-account"):
        assert bound.call("GET", path, site=HOME, shopper=token).status_code == 200
        assert bound.call("GET", path, site=SISTER, shopper=token).status_code == FORBIDDEN
        assert bound.call("GET", path, shopper=token).status_code == FORBIDDEN


def test_it_hears_of_sessions_on_its_own_site_only(
    client: FlaskClient, bound: Merchant, credentials: tuple[str, str]
) -> None:
    token = bound.sign_up("stacy@mail.com", HOME).tokens.access_token
    proof = b64encode(":".join(credentials).encode()).decode()

    def is_active(site: int | None) -> object:
        answer = client.post(
            "/oauth2/introspect",
            data={"token": token} | ({} if site is None else {"site": site}),
            headers={"Authorization": f"Basic {proof}"},
        )
        return answer.get_json()["active"]

    assert is_active(bound.site(HOME)) is True
    assert is_active(bound.site(SISTER)) is False
    assert is_active(None) is False


def test_binding_is_in_force_at_once_and_written_down(
    services: Services, merchant: Merchant
) -> None:
    application, secret = services.applications.create(merchant.caller(), "Shop", Behavior)
    ticket = services.applications.authenticate(application.client_id, secret)
    own = replace(merchant, application_token=ticket.access_token)
    caller = merchant.caller()

    def answers() -> list[int]:
        return [own.call("GET", "customersets").status_code] + [
            own.call("GET", "authtickets/anonymousshopper", site=site).status_code
            for site in (HOME, AWAY)
        ]

    assert answers() == [200, 200, 200]
    services.applications.bind(caller, application.client_id, frozenset({own.site(HOME)}))
    services.invalidation.follow()
    assert answers() == [403, 200, 403]
    services.applications.bind(caller, application.client_id, None)
    services.invalidation.follow()
    assert answers() == [200, 200, 200]
    subject = f"application:{application.client_id}"
    told = actions(services, merchant.tenant_id, subject)
    assert told == ["application.created", "application.bound", "application.bound"]


def test_only_sites_that_there_are_can_be_bound_to(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    theirs = frozenset({other_merchant.site(HOME)})
    with pytest.raises(UnknownSite):
        services.applications.create(merchant.caller(), "Shop", Behavior, theirs)
    application, _ = services.applications.create(merchant.caller(), "Shop", Behavior)
    with pytest.raises(UnknownSite):
        services.applications.bind(merchant.caller(), application.client_id, theirs)
    with pytest.raises(Invalid):
        services.applications.bind(merchant.caller(), application.client_id, frozenset())


def test_every_operation_that_is_named_is_there(app: Flask) -> None:
    assert app.view_functions.keys() >= WITHIN_A_SITE | TELLS_OF_OTHER_SITES


def _unbound(merchant: Merchant) -> str:
    application, secret = merchant.services.applications.create(
        merchant.caller(), "Whole", Behavior
    )
    return merchant.services.applications.authenticate(application.client_id, secret).access_token
