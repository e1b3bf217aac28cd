"""With a shopper's ticket along a call is the shopper's: they assign nothing that is the merchant's to say."""

from __future__ import annotations

import pytest

from tests.merchants import PASSWORD, Merchant


@pytest.mark.parametrize(
    "field",
    [
        {"taxExempt": True},
        {"taxId": "1"},
        {"externalId": "7"},
        {"accountType": "B2B"},
        {"userId": "chosen"},
    ],
)
def test_a_shopper_cannot_sign_up_with_what_is_the_merchants_to_say(
    merchant: Merchant, field: dict[str, object]
) -> None:
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Sports"))
    answer = merchant.call(
        "POST",
        "accounts/add-account-and-login",
        {"account": {"emailAddress": "eve@mail.com", **field}, "password": PASSWORD},
        site="Mystic Sports",
        shopper=anonymous.tokens.access_token,
    )
    assert answer.status_code == 403


def test_an_anonymous_shopper_keeps_their_user_id_and_cannot_choose_set_or_lock(
    merchant: Merchant,
) -> None:
    """[K] 3.3: a new account may carry the anonymous shopper's id."""
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Sports"))
    sent = {
        "id": 0,
        "userId": anonymous.user_id,
        "emailAddress": "ann@mail.com",
        "customerSet": "b2b",
        "isLocked": True,
        "isActive": False,
    }
    answer = merchant.call(
        "POST",
        "accounts/add-account-and-login",
        {"account": sent, "password": PASSWORD},
        site="Mystic Sports",
        shopper=anonymous.tokens.access_token,
    )
    assert answer.status_code == 201
    assert answer.json is not None
    account = answer.json["customerAccount"]
    assert account["userId"] == anonymous.user_id
    assert account["customerSet"] == "b2c"
    assert account["isLocked"] is False
    assert account["isActive"] is True


def test_an_application_without_a_shopper_may_set_them_all(merchant: Merchant) -> None:
    sent = {
        "emailAddress": "b@mail.com",
        "taxExempt": True,
        "externalId": "7",
        "userId": "import-7",
    }
    answer = merchant.call("POST", "accounts", sent, site="Mystic Sports")
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["taxExempt"] is True
    assert answer.json["userId"] == "import-7"
