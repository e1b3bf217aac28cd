"""Sensitive acts of shoppers ask for a fresh sign-in: of who calls the API with a ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from authsvc.callers import FreshSignIn, Shopper
from authsvc.sessions.freshness import FreshSignInRequired
from tests.merchants import PASSWORD, Merchant
from tests.sessions.ageing import let_sign_ins_age

CARD = {"id": "card-1", "cardType": "VISA", "cardNumberPart": "1111"}


def test_what_is_sensitive_is_refused_until_the_shopper_has_signed_in_again(
    merchant: Merchant,
) -> None:
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports", first_name="Ada")
    assert ticket.account is not None
    account = f"accounts/{ticket.account.id}"
    acts: list[tuple[str, str, object, int]] = [
        ("POST", f"{account}/cards", CARD, 201),
        ("DELETE", f"{account}/cards/card-1", None, 204),
        ("PUT", account, {"emailAddress": "ada@other.example"}, 200),
        ("DELETE", f"{account}/sessions", None, 204),
    ]
    let_sign_ins_age(merchant)

    def call(method: str, path: str, body: object, shopper: str | None) -> tuple[int, object]:
        answer = merchant.call(method, path, body, site="Mystic Sports", shopper=shopper)
        return answer.status_code, (answer.get_json(silent=True) or {}).get("errorCode")

    for method, path, body, _ in acts:
        stale = ticket.tokens.access_token
        assert call(method, path, body, stale) == (403, "FRESH_SIGN_IN_REQUIRED"), path
    # What is not stays as it was, and so do acts that carry the password.
    assert call("PUT", account, {"firstName": "Adah"}, ticket.tokens.access_token)[0] == 200
    assert call("GET", f"{account}/cards", None, ticket.tokens.access_token)[0] == 200
    info = {"oldPassword": PASSWORD, "newPassword": PASSWORD + "2"}
    path = f"{account}/change-password"
    assert call("POST", path, info, ticket.tokens.access_token)[0] == 200
    again = merchant.sign_in("ada@mail.com", "Mystic Sports", PASSWORD + "2")
    for method, path, body, good in acts:
        assert call(method, path, body, again.tokens.access_token)[0] == good, path


def test_second_factors_and_passkeys_are_changed_after_a_fresh_sign_in_only(
    merchant: Merchant,
) -> None:
    """Whoever finds a session open neither adds a means of signing in nor takes one away."""
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    assert ticket.account is not None
    account = f"accounts/{ticket.account.id}"
    app, code = f"{account}/authenticatorApp", {"code": "000000"}
    acts: list[tuple[str, str, object]] = [
        ("POST", app, None),
        ("POST", f"{app}/confirmation", {"enrolment": "begun", **code}),
        ("POST", f"{app}/recoveryCodes", code),
        ("POST", f"{app}/removal", code),
        ("PUT", f"{account}/passkeys/1", {"name": "Telephone"}),
        ("DELETE", f"{account}/passkeys/1", None),
    ]
    let_sign_ins_age(merchant)
    again = merchant.sign_in("ada@mail.com", "Mystic Sports")
    for shown, is_refused in ((ticket, True), (again, False)):
        token = shown.tokens.access_token
        for method, path, body in acts:
            answer = merchant.call(method, path, body, site="Mystic Sports", shopper=token)
            wants_proof = answer.get_json()["errorCode"] == "FRESH_SIGN_IN_REQUIRED"
            assert wants_proof is is_refused, (method, path)


def test_refreshing_a_ticket_proves_nothing(merchant: Merchant) -> None:
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    let_sign_ins_age(merchant)
    assert ticket.account is not None
    token = ticket.tokens.refresh_token
    refreshed = merchant.services.login.refresh(merchant.caller("Mystic Sports"), token)
    path = f"accounts/{ticket.account.id}/cards"
    answer = merchant.call(
        "POST", path, CARD, site="Mystic Sports", shopper=refreshed.tokens.access_token
    )
    assert answer.status_code == 403
    assert answer.get_json()["additionalErrorData"] == [{"name": "MaxAgeSeconds", "value": "900"}]


def test_applications_and_staff_are_judged_by_what_they_may_do(merchant: Merchant) -> None:
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    let_sign_ins_age(merchant)
    assert ticket.account is not None
    path = f"accounts/{ticket.account.id}/cards"
    assert merchant.call("POST", path, CARD, site="Mystic Sports").status_code == 201
    freshness = merchant.services.sessions.freshness
    shopper = Shopper(ticket.tokens.session_id, ticket.user_id, ticket.account.id, "b2c")
    acted = replace(merchant.caller(), shopper=replace(shopper, acted_for_by="staff:anna"))
    freshness.ensure(acted)
    freshness.ensure(replace(merchant.caller(), staff="anna"))
    with pytest.raises(FreshSignInRequired):
        freshness.ensure(replace(merchant.caller(), shopper=shopper))


def test_the_vendors_calls_can_be_left_as_they_are_with_the_vendor(merchant: Merchant) -> None:
    """A storefront that saves cards at its checkout, written for the vendor, knows no such refusal."""
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    let_sign_ins_age(merchant)
    assert ticket.account is not None
    shopper = Shopper(ticket.tokens.session_id, ticket.user_id, ticket.account.id, "b2c")
    caller = replace(merchant.caller(), shopper=shopper)
    as_vendor = replace(merchant.services.sessions.freshness, as_vendor=True)
    as_vendor.ensure(caller, FreshSignIn.NEEDED_BEYOND_VENDOR)
    with pytest.raises(FreshSignInRequired):
        as_vendor.ensure(caller, FreshSignIn.NEEDED)


def test_a_session_that_has_ended_is_fresh_for_nothing(merchant: Merchant) -> None:
    ticket = merchant.sign_up("ada@mail.com", "Mystic Sports")
    sessions, session_id = merchant.services.sessions, ticket.tokens.session_id
    assert sessions.freshness.is_fresh(merchant.tenant_id, session_id)
    sessions.sign_out(merchant.caller(), session_id)
    assert not sessions.freshness.is_fresh(merchant.tenant_id, session_id)
