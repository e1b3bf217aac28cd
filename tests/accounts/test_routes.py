"""Accounts over HTTP: the vendor's shapes and statuses ([K] 3.1 to 3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.merchants import PASSWORD, Merchant

STACY = {"emailAddress": "stacy@mail.com", "firstName": "Stacy", "lastName": "M."}
UNKNOWN = 999_999_999


def make(merchant: Merchant, site: str = "Mystic Sports", **account: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Create an account over HTTP."""
    answer = merchant.call("POST", "accounts", account or STACY, site=site)
    assert answer.status_code == 201
    created: dict[str, Any] = answer.get_json()
    return created


def test_creating_is_201_in_the_set_of_the_site(merchant: Merchant) -> None:
    created = make(
        merchant,
        "Mystic Parts",
        **STACY,
        id=7,
        customerSet="b2c",
        isLocked=True,
        acceptsMarketing=None,
        segments=[{"id": 1}],
        contacts=[
            {
                "email": "s@mail.com",
                "phoneNumbers": {"home": "1"},
                "address": {"address1": "1 Main St", "addressType": "Residential"},
                "types": [{"name": "Shipping", "isPrimary": True}],
            }
        ],
    )
    assert created["id"] != 7
    assert (created["customerSet"], created["isLocked"]) == ("b2b", False)
    assert (created["isAnonymous"], created["isActive"], created["userName"]) == (True, True, None)
    assert created["segments"] == created["attributes"] == created["notes"] == []
    assert created["commerceSummary"]["totalOrderAmount"]["amount"] == 0
    contact = created["contacts"][0]
    assert contact["accountId"] == created["id"]
    assert contact["phoneNumbers"]["home"] == "1"
    assert contact["address"]["address1"] == "1 Main St"
    got = merchant.call("GET", f"accounts/{created['id']}")
    assert (got.status_code, got.get_json()) == (200, created)


@pytest.mark.parametrize("body", [None, {}, {"id": 0}, {"emailAddress": None}, [], "x"])
def test_an_empty_or_null_body_is_400(merchant: Merchant, body: object) -> None:
    answer = merchant.call("POST", "accounts", body, site="Mystic Sports")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (
        400,
        "MISSING_OR_INVALID_PARAMETER",
    )


def test_an_unknown_account_is_404(merchant: Merchant) -> None:
    """[K] 3.5."""
    for method, path, body in (
        ("GET", f"accounts/{UNKNOWN}", None),
        ("PUT", f"accounts/{UNKNOWN}", STACY),
        ("DELETE", f"accounts/{UNKNOWN}", None),
        ("POST", f"accounts/{UNKNOWN}/action", {"actionName": "DisableAccount"}),
        ("POST", f"accounts/{UNKNOWN}/recomputelifetimevalue", None),
    ):
        answer = merchant.call(method, path, body)
        assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_an_update_is_200_and_partial(merchant: Merchant) -> None:
    created = make(merchant, **STACY, acceptsMarketing=True, externalId="x")
    path = f"accounts/{created['id']}"
    answer = merchant.call("PUT", path, {"id": created["id"], **STACY, "firstName": "Stace"})
    assert answer.status_code == 200
    changed = answer.get_json()
    assert (changed["firstName"], changed["acceptsMarketing"]) == ("Stace", True)
    assert merchant.call("PUT", path, {"externalId": None}).get_json()["externalId"] is None
    assert merchant.call("PUT", path, {"taxExempt": None}).get_json()["taxExempt"] is False
    refused = merchant.call("PUT", path, {"firstName": None})
    assert refused.status_code == 400
    ignored = merchant.call("PUT", path, {"isActive": False, "isLocked": True}).get_json()
    assert (ignored["isActive"], ignored["isLocked"]) == (True, False)


def test_moving_an_account_into_a_set_that_has_its_username_is_409(merchant: Merchant) -> None:
    """[K] 1.5: Move account into set holding same username: `VALIDATION_CONFLICT`, 409."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    other = merchant.sign_up("stacy@mail.com", "Mystic Parts").account
    assert other is not None
    path = f"accounts/{other.id}"
    answer = merchant.call("PUT", path, {"customerSet": "b2c"})
    assert (answer.status_code, answer.get_json()["errorCode"]) == (409, "VALIDATION_CONFLICT")
    moved = merchant.call("PUT", path, {"customerSet": "Default"})
    assert (moved.status_code, moved.get_json()["customerSet"]) == (200, "default")
    assert merchant.call("PUT", path, {"customerSet": "nowhere"}).status_code == 404
    # A move is a plan and its commit: it is listed, and can be taken back.
    (plan,) = merchant.call("GET", "plans").get_json()["items"]
    assert (plan["state"], plan["customerCount"]) == ("committed", 1)
    assert merchant.call("POST", f"plans/{plan['id']}/rollback").status_code == 200
    assert merchant.call("GET", path).get_json()["customerSet"] == "b2b"


def test_a_move_with_a_change_that_is_refused_moves_nobody(merchant: Merchant) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    path = f"accounts/{account.id}"
    both = {"customerSet": "b2b", "emailAddress": "no address"}
    assert merchant.call("PUT", path, both).status_code == 400
    assert merchant.call("GET", path).get_json()["customerSet"] == "b2c"
    assert merchant.call("GET", "plans").get_json()["items"] == []
    both["emailAddress"] = "stacy@work.com"
    moved = merchant.call("PUT", path, both).get_json()
    assert (moved["customerSet"], moved["emailAddress"]) == ("b2b", "stacy@work.com")


def test_deleting_is_204_and_ends_the_sessions(merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    answer = merchant.call("DELETE", f"accounts/{ticket.account.id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 401


def test_disabling_is_an_action(merchant: Merchant) -> None:
    """[K] 3.1: `POST accounts/{id}/action` `{"actionName":"DisableAccount"}`, after which `isActive` is false."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    path = f"accounts/{ticket.account.id}"
    assert merchant.call("POST", f"{path}/action", {"actionName": "Dance"}).status_code == 400
    answer = merchant.call("POST", f"{path}/action", {"actionName": "DisableAccount"})
    assert answer.status_code == 200
    assert merchant.call("GET", path).get_json()["isActive"] is False
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 401
    assert merchant.call("POST", f"{path}/recomputelifetimevalue").status_code == 204


def test_a_shopper_sees_and_changes_their_own_account_only(merchant: Merchant) -> None:
    """Rule 15: invisible outside it."""
    stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert stacy.account is not None
    assert john.account is not None
    token = stacy.tokens.access_token
    current = merchant.call("GET", "accounts/current", shopper=token, site="Mystic Kids")
    assert current.status_code == 200
    assert current.get_json()["id"] == stacy.account.id
    own, others = f"accounts/{stacy.account.id}", f"accounts/{john.account.id}"
    assert merchant.call("GET", own, shopper=token).status_code == 200
    assert merchant.call("PUT", own, {"lastName": "New"}, shopper=token).status_code == 200
    assert merchant.call("PUT", own, {"taxExempt": True}, shopper=token).status_code == 403
    for method, path in (
        ("GET", others),
        ("PUT", others),
        ("GET", f"accounts/{UNKNOWN}"),
        ("GET", "accounts"),
        ("DELETE", own),
        ("POST", f"{own}/action"),
        ("POST", f"{own}/set-login-locked"),
        ("GET", f"{own}/loginstate"),
    ):
        body = {"actionName": "DisableAccount"} if path.endswith("action") else {"lastName": "X"}
        answer = merchant.call(method, path, body, shopper=token)
        assert (answer.status_code, answer.get_json()["errorCode"]) == (403, "FORBIDDEN"), path
    assert merchant.call("GET", own, shopper=token, site="Mystic Parts").status_code == 401
    assert merchant.call("GET", "accounts/current").status_code == 401


def test_a_user_id_that_comes_along_must_be_the_accounts(merchant: Merchant) -> None:
    created = make(merchant)
    path = f"accounts/{created['id']}?userId="
    for user_id, status in ((created["userId"], 200), ("", 200), ("somebody", 404)):
        assert merchant.call("GET", path + user_id).status_code == status


def test_the_list_is_a_page_of_the_vendors_shape(merchant: Merchant) -> None:
    """[K] 3.4: 25 items, pageSize 10, startIndex 5 → pageCount 3."""
    body = [{"account": {"emailAddress": f"{number}@mail.com"}} for number in range(25)]
    assert merchant.call("POST", "accounts/bulk", body, site="Mystic Sports").status_code == 201
    page = merchant.call("GET", "accounts?startIndex=5&pageSize=10&filter=&q=").get_json()
    assert (page["startIndex"], page["pageSize"], page["pageCount"], page["totalCount"]) == (
        5,
        10,
        3,
        25,
    )
    assert [item["emailAddress"] for item in page["items"]] == [
        f"{number}@mail.com" for number in range(5, 15)
    ]
    found = merchant.call(
        "GET", "accounts?q=1&qLimit=3&responseFields=items(id,emailAddress),totalCount"
    ).get_json()
    assert set(found) == {"items", "totalCount"}
    assert [set(item) for item in found["items"]] == [{"id", "emailAddress"}] * 3
    assert merchant.call("GET", "accounts?q=1&qLimit=101").status_code == 400
    assert merchant.call("GET", "accounts?filter=shoeSize eq 7").status_code == 400
    assert merchant.call("GET", "accounts?isAnonymous=false").get_json()["totalCount"] == 0


def test_response_groups_reduce_the_default_full_answer(merchant: Merchant) -> None:
    """[K] 3.4: `Contacts`, `CustomerAccountNotes`, `OrderSummary`; naming some reduces the default full answer."""
    path = f"accounts/{make(merchant)['id']}?responseGroups="
    full = merchant.call("GET", path).get_json()
    assert None not in (full["contacts"], full["notes"], full["commerceSummary"])
    some = merchant.call("GET", f"{path}contacts, OrderSummary").get_json()
    assert None not in (some["contacts"], some["commerceSummary"])
    assert some["notes"] is None


def test_a_user_id_of_another_shape_is_400_and_a_taken_one_409(merchant: Merchant) -> None:
    make(merchant, **STACY, userId="mine")
    answer = merchant.call("POST", "accounts", STACY | {"userId": "é"}, site="Mystic Sports")
    assert answer.status_code == 400
    answer = merchant.call("POST", "accounts", STACY | {"userId": "mine"}, site="Mystic Sports")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (409, "ITEM_ALREADY_EXISTS")


def test_another_tenants_account_does_not_exist(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    created = make(other_merchant)
    path = f"accounts/{created['id']}"
    assert merchant.call("GET", path).status_code == 404
    assert merchant.call("PUT", path, {"firstName": "X"}).status_code == 404
    body = {"username": "x", "password": PASSWORD}
    answer = merchant.call("POST", f"{path}/create-login", body, site="Mystic Sports")
    assert answer.status_code == 404
    assert other_merchant.call("GET", path).get_json() == created
