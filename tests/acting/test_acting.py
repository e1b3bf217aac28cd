"""CSR acts for a shopper: `impersonatecart` and the admin page, marked, for 15 minutes, and not for everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest

from authsvc.callers import Caller
from authsvc.login.rules import Ticket
from authsvc.staff.rules import Role, StaffUser
from authsvc.staff.use_cases import Staff
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, PASSWORD, VISIT, hire, sign_in


@pytest.fixture(name="john")
def _john(merchant: Merchant) -> Ticket:
    return merchant.sign_up("john@mail.com", "Mystic Sports", first_name="John")


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def impersonate(merchant: Merchant, ticket: Ticket, **changes: object) -> dict[str, Any]:
    """Take John's cart over on Mystic Kids; return the ticket."""
    body = {"accountId": account_id(ticket), "cartId": "c4f7", "userId": ticket.user_id} | changes
    answer = merchant.call("POST", "authtickets/impersonatecart", body, site="Mystic Kids")
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.get_json()
    return got


def test_a_cart_is_taken_over_in_a_session_that_says_so(merchant: Merchant, john: Ticket) -> None:
    got = impersonate(merchant, john)
    assert (got["userId"], got["customerAccount"]["id"]) == (john.user_id, account_id(john))
    checked = merchant.check(got["accessToken"], "Mystic Sports").get_json()
    assert checked["methods"] == ["act_as:application:tests"] or checked["methods"][0].startswith(
        "act_as:application:"
    )
    sessions = merchant.call("GET", f"accounts/{account_id(john)}/sessions").get_json()["items"]
    assert sessions[0]["methods"] == checked["methods"]
    entries, _ = merchant.services.trail.entries(
        merchant.tenant_id, f"account:{account_id(john)}", 0, 1
    )
    assert entries[0].action == "account.acted_for"
    assert {each.field: each.new for each in entries[0].changes} == {
        "session": sessions[0]["id"],
        "site": merchant.site("Mystic Kids"),
        "cart": "c4f7",
    }


def test_every_answer_about_the_session_names_who_acts(merchant: Merchant, john: Ticket) -> None:
    """As RFC 8693 §4.1 does, in the JWT too, and after it is refreshed."""
    got = impersonate(merchant, john)
    again = merchant.call(
        "PUT", f"authtickets/refresh?refreshToken={got['refreshToken']}", site="Mystic Kids"
    ).get_json()
    for ticket in (got, again):
        token = ticket["accessToken"]
        claims = jwt.decode(ticket["jwtAccessToken"], options={"verify_signature": False})
        checked = merchant.check(token, "Mystic Sports")
        checks = {"checks": [{"token": token, "siteId": merchant.site("Mystic Sports")}]}
        many = merchant.client.post("/sessions/check", json=checks).get_json()["answers"]
        told = merchant.client.post(
            "/oauth2/introspect",
            data={"token": token},
            headers={"Authorization": f"Bearer {merchant.application_token}"},
        ).get_json()
        seen = [claims["act"], checked.get_json()["act"], many[0]["session"]["act"], told["act"]]
        actor = checked.headers["X-Auth-Act"]
        assert actor.startswith("application:")
        assert seen == [{"sub": actor}] * 4
    own = merchant.check(john.tokens.access_token, "Mystic Sports")
    assert own.get_json()["act"] is None
    assert "X-Auth-Act" not in own.headers
    assert "act" not in jwt.decode(john.jwt, options={"verify_signature": False})


def test_it_lasts_15_minutes_refreshed_or_not(merchant: Merchant, john: Ticket) -> None:
    got = impersonate(merchant, john)
    assert got["accessTokenExpiration"] == got["refreshTokenExpiration"]
    again = merchant.call(
        "PUT", f"authtickets/refresh?refreshToken={got['refreshToken']}", site="Mystic Kids"
    ).get_json()
    assert again["accessTokenExpiration"] == got["accessTokenExpiration"]
    (acting, own) = merchant.services.account_sessions.signed_in(
        merchant.tenant_id, account_id(john)
    )
    assert acting.expires_at - acting.opened_at == timedelta(minutes=15)
    assert own.expires_at - own.opened_at > timedelta(minutes=15)


def test_passwords_cards_and_the_accounts_end_are_out_of_reach(
    merchant: Merchant, john: Ticket
) -> None:
    token, path = impersonate(merchant, john)["accessToken"], f"accounts/{account_id(john)}"
    merchant.services.account_data.cards.add(merchant.caller(), account_id(john), "token-1", {})
    for method, below, body in (
        ("POST", "/change-password", {"oldPassword": "x", "newPassword": "Mystic-2027"}),
        ("GET", "/cards", None),
        ("GET", "/cards/token-1", None),
        ("POST", "/cards", {"id": "t"}),
        ("PUT", "/cards/token-1", {"expireYear": 2030}),
        ("DELETE", "/cards/token-1", None),
        ("POST", "/erase", {"password": "x"}),
        ("GET", "/export", None),
        ("DELETE", "", None),
        # Where a new password would be sent to.
        ("PUT", "", {"emailAddress": "csr@mail.com"}),
    ):
        answer = merchant.call(method, path + below, body, shopper=token)
        assert answer.status_code == 403, (method, below, answer.text)
    mine = "accounts/current/my-account"
    acted = merchant.call("GET", mine, shopper=token).get_json()
    own = merchant.call("GET", mine, shopper=john.tokens.access_token).get_json()
    assert acted["cards"] is None
    assert [card["id"] for card in own["cards"]] == ["token-1"]


def test_what_is_done_meanwhile_is_told_by_who_did_it(merchant: Merchant, john: Ticket) -> None:
    token, path = impersonate(merchant, john)["accessToken"], f"accounts/{account_id(john)}"
    contact = merchant.call("POST", f"{path}/contacts", {"email": "x@mail.com"}, shopper=token)
    assert contact.status_code == 201
    entries, _ = merchant.services.trail.entries(
        merchant.tenant_id, f"account:{account_id(john)}", 0, 1
    )
    assert entries[0].actor.startswith("application:")
    assert entries[0].actor.endswith(f" as shopper:{john.user_id}")


def test_nobody_acts_where_the_shopper_could_not(merchant: Merchant, john: Ticket) -> None:
    def status(site: str = "Mystic Kids", **body: object) -> int:
        sent = {"accountId": account_id(john)} | body
        return merchant.call("POST", "authtickets/impersonatecart", sent, site=site).status_code

    assert status("Mystic Business") == 403
    assert status(userId="somebody-elses") == 404
    assert status(accountId=999_999_999) == 404
    assert status(accountId=0) == 400
    merchant.services.credentials.set_locked(merchant.caller(), account_id(john), locked=True)
    assert status() == 403
    token = john.tokens.access_token
    by_shopper = merchant.call(
        "POST", "authtickets/impersonatecart", {}, site="Mystic Kids", shopper=token
    )
    assert by_shopper.status_code in (401, 403)


def act(merchant: Merchant, staff: StaffUser, ticket: Ticket) -> str:
    """Let a staff user act for John on Mystic Kids; return the access token."""
    caller = replace(staff.caller(None, None), site_id=merchant.site("Mystic Kids"))
    return merchant.services.acting.begin(caller, account_id(ticket)).ticket.tokens.access_token


def is_let_in(merchant: Merchant, token: str) -> bool:
    """Tell whether a session is good on Mystic Kids."""
    return merchant.check(token, "Mystic Kids").status_code == 200


@pytest.mark.parametrize(
    "stop",
    [
        lambda staff, caller, name: staff.users.set_active(caller, name, active=False),
        lambda staff, caller, name: staff.users.sign_out_everywhere(caller, name),
        lambda staff, caller, name: staff.users.reset_password(caller, name),
        lambda staff, caller, name: staff.users.set_role(caller, name, Role.AUDITOR),
        lambda staff, caller, name: staff.second_factors.reset(caller, name),
    ],
    ids=["locked", "signed out", "new password", "another role", "second factor reset"],
)
def test_a_staff_user_who_is_stopped_acts_for_nobody_any_more(
    merchant: Merchant, john: Ticket, stop: Callable[[Staff, Caller, str], object]
) -> None:
    people = merchant.services.staff
    anna, bob = (hire(merchant.services, merchant.tenant_id) for _ in range(2))
    tokens = [act(merchant, anna, john) for _ in range(2)]
    others = [act(merchant, bob, john), john.tokens.access_token]
    assert all(is_let_in(merchant, token) for token in tokens + others)
    stop(people, Caller(merchant.tenant_id), anna.username)
    assert [is_let_in(merchant, token) for token in tokens] == [False, False]
    assert all(is_let_in(merchant, token) for token in others)


def test_what_leaves_a_staff_user_the_right_leaves_the_session_too(
    merchant: Merchant, john: Ticket
) -> None:
    anna = hire(merchant.services, merchant.tenant_id)
    token = act(merchant, anna, john)
    role, system = Role.CUSTOMER_SERVICE, Caller(merchant.tenant_id)
    merchant.services.staff.users.set_role(system, anna.username, role)
    assert is_let_in(merchant, token)


def test_a_staff_users_own_new_password_ends_what_somebody_else_may_have_begun(
    merchant: Merchant, john: Ticket
) -> None:
    services = merchant.services
    anna = hire(services, merchant.tenant_id)
    token = act(merchant, anna, john)
    _, signed_in = sign_in(services, anna)
    services.staff.users.change_password(
        signed_in.caller(VISIT), signed_in, PASSWORD, OTHER_PASSWORD
    )
    assert not is_let_in(merchant, token)
