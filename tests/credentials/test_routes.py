"""Passwords, locks and login states over HTTP ([K] 3.1, 3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from authsvc.login.rules import Ticket
from tests.merchants import PASSWORD, Merchant

NEW = "Mystic-2027"
UNKNOWN = 999_999_999
BODY = {"oldPassword": PASSWORD, "newPassword": NEW}


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def path_of(ticket: Ticket, rest: str = "") -> str:
    """Return the path of a ticket's account."""
    assert ticket.account is not None
    return f"accounts/{ticket.account.id}{rest}"


def test_a_shopper_changes_their_own_password_and_stays_signed_in(
    merchant: Merchant, stacy: Ticket
) -> None:
    """Design §4: A password change ends every other session of the account."""
    other = merchant.sign_in("stacy@mail.com", "Mystic Kids").tokens.access_token
    token = stacy.tokens.access_token
    answer = merchant.call(
        "POST",
        path_of(stacy, "/Change-Password?unlockAccount=true&userId=u"),
        BODY,
        shopper=token,
    )
    assert (answer.status_code, answer.data) == (200, b"")
    assert merchant.check(token, "Mystic Sports").status_code == 200
    assert merchant.check(other, "Mystic Sports").status_code == 401
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports", NEW).user_id == stacy.user_id


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"oldPassword": "wrong-1", "newPassword": NEW}, "Missing or invalid parameter: password "),
        (
            {"oldPassword": PASSWORD, "newPassword": "short"},
            "Missing or invalid parameter: password Password must be a minimum of 6 characters "
            "with at least 1 number and 1 alphabetic character",
        ),
        (
            {"oldPassword": PASSWORD, "newPassword": "a\u200bbcdef1"},
            "Missing or invalid parameter: password Invalid password format.",
        ),
        ({"newPassword": NEW}, None),
        ({"oldPassword": PASSWORD}, None),
        (None, None),
    ],
)
def test_what_is_wrong_with_a_change_is_400_in_the_vendors_words(
    merchant: Merchant, stacy: Ticket, body: dict[str, str] | None, message: str | None
) -> None:
    """[K] 3.3, 4."""
    answer = merchant.call("POST", path_of(stacy, "/change-password"), body)
    assert answer.status_code == 400
    assert answer.get_json()["errorCode"] == "MISSING_OR_INVALID_PARAMETER"
    if message is not None:
        assert answer.get_json()["message"] == message


def test_somebody_elses_password_is_403(merchant: Merchant, stacy: Ticket) -> None:
    thief = merchant.sign_up("thief@mail.com", "Mystic Sports").tokens.access_token
    answer = merchant.call("POST", path_of(stacy, "/change-password"), BODY, shopper=thief)
    assert answer.status_code == 403


def test_several_are_changed_each_by_itself(merchant: Merchant, stacy: Ticket) -> None:
    """[K] 3.2: `{items:[{accountId,succeeded,errorMessage}], totalCount}`."""
    assert stacy.account is not None
    body = {
        "items": [
            {"accountId": stacy.account.id, "passwordInfo": BODY, "unlockAccount": True},
            {"accountId": UNKNOWN, "passwordInfo": BODY},
            # One bad item does not fail the call.
            {"accountId": stacy.account.id, "passwordInfo": {"newPassword": "Mystic-2028"}},
        ]
    }
    answer = merchant.call("POST", "accounts/Change-Passwords", body)
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["totalCount"] == 3
    assert [(item["accountId"], item["succeeded"]) for item in found["items"]] == [
        (stacy.account.id, True),
        (UNKNOWN, False),
        (stacy.account.id, False),
    ]
    assert found["items"][0]["errorMessage"] is None
    assert str(UNKNOWN) in found["items"][1]["errorMessage"]
    bodies: list[object] = [None, {}, {"items": []}]
    for bad in bodies:
        assert merchant.call("POST", "accounts/change-passwords", bad).status_code == 400


def test_foreign_hashes_are_501(merchant: Merchant, stacy: Ticket) -> None:
    body = BODY | {"externalPassword": "$2b$x"}
    answer = merchant.call("POST", path_of(stacy, "/change-password"), body)
    assert answer.status_code == 501


def test_locking_takes_a_bare_true_and_unlocking_a_bare_false(
    merchant: Merchant, stacy: Ticket
) -> None:
    """[K] 3.1: body is a bare JSON `true` or `false`."""
    for locked in (True, False):
        answer = merchant.call("POST", path_of(stacy, "/Set-Login-Locked?userId="), locked)
        assert (answer.status_code, answer.data) == (200, b"")
        assert merchant.call("GET", path_of(stacy)).get_json()["isLocked"] is locked
    assert merchant.check(stacy.tokens.access_token, "Mystic Sports").status_code == 401
    bodies: list[object] = [None, "maybe", {}]
    for bad in bodies:
        answer = merchant.call("POST", path_of(stacy, "/set-login-locked"), bad)
        assert answer.status_code == 400
    answer = merchant.call("POST", f"accounts/{UNKNOWN}/set-login-locked", body=True)
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_a_password_change_can_be_required(merchant: Merchant, stacy: Ticket) -> None:
    answer = merchant.call("POST", path_of(stacy, "/Set-Password-Change-Required"), body=True)
    assert answer.status_code == 200
    body = {"username": "stacy@mail.com", "password": PASSWORD}
    refused = merchant.call("POST", "authtickets", body, site="Mystic Sports")
    assert (refused.status_code, refused.get_json()["errorCode"]) == (403, "FORBIDDEN")
    path = f"accounts/{UNKNOWN}/set-password-change-required"
    assert merchant.call("POST", path, body=True).status_code == 404


def test_login_states_are_found_by_id_username_and_address(
    merchant: Merchant, stacy: Ticket
) -> None:
    """[K] 3.1: POST, parameters in the query, no body."""
    by_id = merchant.call("GET", path_of(stacy, "/loginstate?userId="))
    assert by_id.status_code == 200
    state: dict[str, Any] = by_id.get_json()
    assert set(state) == {
        "isPasswordChangeRequired",
        "lastPasswordChangeOn",
        "isLocked",
        "lastLockedOn",
        "failedLoginAttemptCount",
        "remainingLoginAttempts",
        "firstFailedLoginAttemptOn",
        "lastLoginOn",
        "createdOn",
        "updatedOn",
    }
    for path, site in (
        ("loginstatebyusername?userName=STACY@mail.com&customerSetCode=B2C", None),
        ("loginstatebyemailaddress?emailAddress=stacy@mail.com&customerSetCode=b2c", None),
        ("loginstatebyusername?userName=stacy@mail.com&customerSetCode=", "Mystic Kids"),
    ):
        answer = merchant.call("POST", f"accounts/{path}", site=site)
        assert (answer.status_code, answer.get_json()) == (200, state)
    for path in (
        "loginstatebyusername?userName=stacy@mail.com&customerSetCode=b2b",
        "loginstatebyemailaddress?emailAddress=nobody@mail.com&customerSetCode=b2c",
        "loginstatebyusername?userName=not a name&customerSetCode=b2c",
    ):
        answer = merchant.call("POST", f"accounts/{path}")
        assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")
    assert merchant.call("GET", f"accounts/{UNKNOWN}/loginstate").status_code == 404
    nameless = merchant.call("POST", "accounts/loginstatebyusername?userName=x")
    assert nameless.status_code == 400
