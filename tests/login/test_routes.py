"""Signing up, signing in and refreshing over HTTP: the vendor's statuses, codes and texts ([K] 1.5, 2, 3.5)."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.merchants import PASSWORD, Merchant

STACY = {"username": "stacy@mail.com", "password": PASSWORD}
TICKET = {
    "accessToken",
    "accessTokenExpiration",
    "refreshToken",
    "refreshTokenExpiration",
    "userId",
    "jwtAccessToken",
    "requires2FA",
    "secondFactors",
    "customerAccount",
}


def sign_in(merchant: Merchant, body: object, site: str = "Mystic Sports") -> TestResponse:
    """Sign in over HTTP."""
    return merchant.call("POST", "authtickets", body, site=site)


def add_account(merchant: Merchant, site: str = "Mystic Sports", **account: Any) -> TestResponse:  # noqa: ANN401  JSON
    """Sign up over HTTP."""
    body = {"account": account, "password": PASSWORD}
    return merchant.call("POST", "accounts/Add-Account-And-Login", body, site=site)


def test_a_sign_in_is_201_with_a_ticket_of_the_vendors_shape(merchant: Merchant) -> None:
    signed_up = merchant.sign_up("stacy@mail.com", "Mystic Sports", first_name="Stacy")
    answer = sign_in(merchant, STACY, "Mystic Kids")
    assert answer.status_code == 201
    ticket = answer.get_json()
    assert set(ticket) == TICKET
    assert ticket["userId"] == signed_up.user_id
    assert ticket["requires2FA"] is False
    assert ticket["accessTokenExpiration"].endswith("Z")
    account = ticket["customerAccount"]
    assert (account["firstName"], account["customerSet"]) == ("Stacy", "b2c")
    assert account["userName"] == "stacy@mail.com"
    assert merchant.check(ticket["accessToken"], "Mystic Sports").status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"username": "stacy@mail.com"}, {"password": "x"}, []])
def test_an_empty_or_null_body_is_400(merchant: Merchant, body: object) -> None:
    """[K] 2.5: Empty or null body: 400."""
    answer = sign_in(merchant, body)
    assert answer.status_code == 400
    assert answer.get_json()["errorCode"] == "MISSING_OR_INVALID_PARAMETER"


def test_who_may_not_sign_in_cannot_be_told_apart(merchant: Merchant) -> None:
    """Rule 11: same status, same text; and the same headers."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.call("POST", "accounts", {"emailAddress": "guest@mail.com"}, site="Mystic Sports")
    answers = [
        sign_in(merchant, {"username": username, "password": password}, site)
        for username, password, site in (
            ("nobody@mail.com", PASSWORD, "Mystic Sports"),
            ("stacy@mail.com", "wrong-1", "Mystic Sports"),
            ("stacy@mail.com", PASSWORD, "Mystic Parts"),
            ("guest@mail.com", PASSWORD, "Mystic Sports"),
        )
    ]
    seen = set()
    for answer in answers:
        assert answer.status_code == 401
        body = answer.get_json()
        assert body["errorCode"] == "INVALID_CREDENTIALS"
        correlation = body.pop("correlationId")
        assert answer.headers["x-vol-correlation"] == correlation
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in ("x-vol-correlation", "date")
        }
        seen.add((repr(sorted(body.items())), repr(sorted(headers.items()))))
    assert len(seen) == 1


def test_a_locked_account_is_403_in_the_vendors_words(merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    merchant.call("POST", f"accounts/{ticket.account.id}/Set-Login-Locked", True)
    answer = sign_in(merchant, STACY)
    assert (answer.status_code, answer.get_json()["errorCode"]) == (403, "FORBIDDEN")
    assert answer.get_json()["message"] == (
        "The system does not permit the attempted operation.  "
        "User account is locked, Please contact System Administrator "
    )


def test_lifetimes_may_be_wished_for(merchant: Merchant) -> None:
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    answer = sign_in(merchant, STACY | {"authTicketTtlMinutes": 1, "refreshTokenTtlMinutes": 2})
    ticket = answer.get_json()
    assert ticket["accessTokenExpiration"] < ticket["refreshTokenExpiration"]
    for minutes in (0, -1, 43_201, "soon"):
        answer = sign_in(merchant, STACY | {"authTicketTtlMinutes": minutes})
        assert answer.status_code == 400


def test_a_sign_up_is_201_and_signed_in(merchant: Merchant) -> None:
    answer = add_account(
        merchant,
        id=0,
        emailAddress="stacy@mail.com",
        firstName="Stacy",
        isAnonymous=False,
        isActive=True,
        contacts=[{"email": "stacy@mail.com", "types": [{"name": "Billing", "isPrimary": True}]}],
    )
    assert answer.status_code == 201
    ticket = answer.get_json()
    assert set(ticket) == TICKET
    account = ticket["customerAccount"]
    assert (account["userName"], account["isAnonymous"]) == ("stacy@mail.com", False)
    assert account["contacts"][0]["types"] == [{"name": "Billing", "isPrimary": True}]
    assert merchant.check(ticket["jwtAccessToken"], "Mystic Kids").status_code == 200


def test_duplicates_are_refused_in_the_vendors_way(merchant: Merchant) -> None:
    """[K] 1.5."""
    assert add_account(merchant, emailAddress="a@mail.com", userName="stacy").status_code == 201
    answer = add_account(merchant, "Mystic Kids", emailAddress="A@mail.com")
    assert answer.status_code == 400
    body = answer.get_json()
    assert body["errorCode"] == "MISSING_OR_INVALID_PARAMETER"
    assert body["message"] == (
        "Missing or invalid parameter: EmailAddress EmailAddress already associated with a login"
    )
    assert body["additionalErrorData"] == [{"name": "ParameterName", "value": "EmailAddress"}]
    assert body["applicationName"] == "Customer"
    answer = add_account(merchant, "Mystic Kids", emailAddress="b@mail.com", userName="STACY")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (409, "VALIDATION_CONFLICT")
    assert add_account(merchant, "Mystic Parts", emailAddress="a@mail.com").status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"account": {"emailAddress": "a@mail.com"}},
        {"account": {}, "password": PASSWORD},
        {"account": {"emailAddress": "a@mail.com"}, "password": "weak"},
    ],
)
def test_a_sign_up_that_lacks_something_is_400(merchant: Merchant, body: object) -> None:
    answer = merchant.call("POST", "accounts/add-account-and-login", body, site="Mystic Sports")
    assert answer.status_code == 400


def test_a_sign_up_without_a_site_is_400_and_on_an_unknown_one_404(merchant: Merchant) -> None:
    body = {"account": {"emailAddress": "a@mail.com"}, "password": PASSWORD}
    path = "accounts/add-account-and-login"
    assert merchant.call("POST", path, body).status_code == 400
    answer = merchant.call("POST", path, body, headers={"x-vol-site": "999999999"})
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_attributes_and_notes_come_along_with_a_sign_up_or_nothing_does(merchant: Merchant) -> None:
    for code, value_type in (("sport", "ShopperEntered"), ("tier", "AdminEntered")):
        definition = {"attributeCode": code, "displayGroup": "Profile", "valueType": value_type}
        made = merchant.call("POST", "attributedefinition/attributes", definition)
        assert made.status_code == 201
    sport = {"fullyQualifiedName": "tenant~sport", "values": ["golf"]}
    tier = {"fullyQualifiedName": "tenant~tier", "values": ["gold"]}
    path = "accounts/add-account-and-login"

    def sign_up(shopper: str | None = None, **beside: object) -> Any:  # noqa: ANN401  JSON
        account = {"emailAddress": "a@mail.com", **beside}
        body = {"account": account, "password": PASSWORD}
        return merchant.call("POST", path, body, site="Mystic Sports", shopper=shopper)

    # A browser's ticket comes along: of themselves shoppers say what is theirs to say.
    visitor = merchant.services.login.anonymous(merchant.caller("Mystic Sports"))
    token = visitor.tokens.access_token
    notes = [{"content": "Collects bats."}]
    assert sign_up(token, notes=notes).status_code == 403
    assert sign_up(token, attributes=[tier]).status_code == 403
    assert sign_up(attributes=[{**sport, "fullyQualifiedName": "tenant~none"}]).status_code == 404
    assert sign_up(notes=[{"content": "4111 1111 1111 1111"}]).status_code == 400
    # Nothing of these was kept, so the name is still free.
    answer = sign_up(token, attributes=[sport])
    assert answer.status_code == 201
    account = answer.get_json()["customerAccount"]
    assert [each["values"] for each in account["attributes"]] == [["golf"]]
    people = [
        {"account": {"emailAddress": "b@mail.com", "attributes": [tier], "notes": notes}},
        {"account": {"emailAddress": "c@mail.com"}},
    ]
    created = merchant.call("POST", "accounts/bulk", people, site="Mystic Sports").get_json()
    assert [len(each["attributes"]) for each in created["items"]] == [1, 0]
    assert [each["content"] for each in created["items"][0]["notes"]] == ["Collects bats."]


def test_create_login_is_201_then_409_and_400_without_a_password(merchant: Merchant) -> None:
    guest = merchant.call(
        "POST", "accounts", {"emailAddress": "guest@mail.com"}, site="Mystic Sports"
    ).get_json()
    path = f"accounts/{guest['id']}/Create-Login"
    body = {"username": "gus", "emailAddress": "guest@mail.com", "password": PASSWORD}
    assert merchant.call("POST", path, {"username": "gus"}, site="Mystic Kids").status_code == 400
    answer = merchant.call("POST", path, body | {"isImport": True}, site="Mystic Kids")
    assert answer.status_code == 201
    assert answer.get_json()["customerAccount"]["userName"] == "gus"
    assert merchant.call("POST", path, body, site="Mystic Kids").status_code == 409
    path = "accounts/999999999/create-login"
    assert merchant.call("POST", path, body, site="Mystic Kids").status_code == 404


def test_bulk_is_201_with_the_accounts_and_400_with_what_is_wrong(merchant: Merchant) -> None:
    body = [
        {"account": {"emailAddress": f"{name}@mail.com"}, "password": PASSWORD} for name in "ab"
    ]
    answer = merchant.call("POST", "accounts/Bulk", body, site="Mystic Sports")
    assert answer.status_code == 201
    assert [item["emailAddress"] for item in answer.get_json()["items"]] == [
        "a@mail.com",
        "b@mail.com",
    ]
    again = merchant.call("POST", "accounts/Bulk", body, site="Mystic Sports")
    assert again.status_code == 400
    assert [item["errorCode"] for item in again.get_json()["items"]] == [
        "MISSING_OR_INVALID_PARAMETER"
    ] * 2
    nothing: list[object] = []
    for empty in (None, nothing):
        answer = merchant.call("POST", "accounts/bulk", empty, site="Mystic Sports")
        assert answer.status_code == 400


def test_a_refresh_is_200_and_an_unknown_token_404(merchant: Merchant) -> None:
    """[K] 2.4: no body, or the old ticket as JSON; unknown refresh token → 404."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    path = f"authtickets/refresh/?refreshToken={ticket.tokens.refresh_token}"
    first = merchant.call("PUT", path, site="Mystic Kids")
    second = merchant.call("PUT", path, {"refreshToken": "old"}, site="Mystic Sports")
    assert first.status_code == second.status_code == 200
    assert first.get_json()["refreshToken"] == second.get_json()["refreshToken"]
    assert first.get_json()["customerAccount"]["userName"] == "stacy@mail.com"
    for path, status in (
        ("authtickets/refresh?refreshToken=unknown", 404),
        (f"authtickets/refresh?refreshToken={ticket.tokens.access_token}", 404),
        ("authtickets/refresh", 400),
        ("authtickets/refresh?refreshToken=", 400),
    ):
        assert merchant.call("PUT", path, site="Mystic Sports").status_code == status
    answer = merchant.call(
        "PUT",
        f"authtickets/refresh?refreshToken={first.get_json()['refreshToken']}",
        site="Mystic Parts",
    )
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_an_anonymous_ticket_is_200_without_an_account(merchant: Merchant) -> None:
    answer = merchant.call("GET", "authtickets/anonymousshopper", site="Mystic Sports")
    assert answer.status_code == 200
    ticket = answer.get_json()
    assert set(ticket) == TICKET
    assert ticket["customerAccount"] is None
    current = merchant.call("GET", "accounts/current", shopper=ticket["accessToken"])
    assert current.status_code == 401
