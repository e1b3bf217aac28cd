"""Segments over HTTP: the vendor's shapes and statuses ([K] 3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.merchants import Merchant

UNKNOWN = 999_999_999


def define(merchant: Merchant, code: str = "vip") -> dict[str, Any]:
    """Define a segment over HTTP."""
    answer = merchant.call("POST", "segments/", {"code": code, "name": code.upper()})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.get_json()
    return made


def test_a_segment_has_the_vendors_fields(merchant: Merchant) -> None:
    made = define(merchant)
    assert set(made) == {"id", "code", "name", "description", "auditInfo"}
    assert isinstance(made["id"], int)
    path = f"segments/{made['id']}"
    assert merchant.call("GET", path).get_json() == made
    changed = merchant.call("PUT", path, {"description": "Since 1999"})
    assert (changed.status_code, changed.get_json()["description"]) == (200, "Since 1999")
    assert changed.get_json()["name"] == "VIP"
    listed = merchant.call("GET", "segments/?startIndex=&pageSize=&sortBy=&filter=").get_json()
    assert (listed["totalCount"], listed["pageSize"], listed["items"][0]["code"]) == (1, 20, "vip")
    assert merchant.call("DELETE", path).status_code == 204
    assert merchant.call("GET", path).status_code == 404
    assert merchant.call("DELETE", path).status_code == 404


def test_statuses_are_the_vendors(merchant: Merchant) -> None:
    vip = define(merchant)["id"]
    account = merchant.call("POST", "accounts", {"firstName": "A"}, site="Mystic Sports").get_json()
    members = f"segments/{vip}/accounts"
    for method, path, body, status in (
        ("POST", "segments", {}, 409),
        ("PUT", f"segments/{vip}", {}, 409),
        ("POST", "segments", {"code": "VIP"}, 409),
        ("POST", "segments", None, 400),
        ("PUT", f"segments/{UNKNOWN}", {"code": "x"}, 404),
        ("POST", members, [], 400),
        ("POST", members, None, 400),
        ("POST", members, ["x"], 400),
        ("POST", members, [UNKNOWN], 404),
        ("POST", f"segments/{UNKNOWN}/accounts", [account["id"]], 404),
        ("POST", members, [account["id"]], 201),
        ("POST", members, [account["id"]], 201),
        ("DELETE", f"{members}/{account['id']}", None, 200),
        ("DELETE", f"{members}/{account['id']}", None, 409),
        ("DELETE", f"segments/{UNKNOWN}/accounts/{account['id']}", None, 409),
        ("GET", f"accounts/{UNKNOWN}/segments", None, 200),
        ("GET", "segments?filter=shoeSize eq 7", None, 400),
    ):
        answer = merchant.call(method, path, body)
        assert answer.status_code == status, (method, path, answer.text)
    assert merchant.call("GET", f"accounts/{UNKNOWN}/segments").get_json()["totalCount"] == 0


def test_a_shopper_sees_their_own_segments_and_changes_none(merchant: Merchant) -> None:
    vip = define(merchant)["id"]
    stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert stacy.account is not None
    merchant.call("POST", f"segments/{vip}/accounts", [stacy.account.id])
    token, own = stacy.tokens.access_token, f"accounts/{stacy.account.id}/segments"
    seen = merchant.call("GET", own, shopper=token).get_json()
    assert [each["code"] for each in seen["items"]] == ["vip"]
    for method, path, body in (
        ("GET", f"accounts/{UNKNOWN}/segments", None),
        ("GET", "segments", None),
        ("GET", f"segments/{vip}", None),
        ("POST", "segments", {"code": "mine"}),
        ("PUT", f"segments/{vip}", {"code": "mine"}),
        ("DELETE", f"segments/{vip}", None),
        ("POST", f"segments/{vip}/accounts", [stacy.account.id]),
        ("DELETE", f"segments/{vip}/accounts/{stacy.account.id}", None),
    ):
        assert merchant.call(method, path, body, shopper=token).status_code == 403, path


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_tenants_segment_does_not_exist(
    method: str, merchant: Merchant, other_merchant: Merchant
) -> None:
    theirs = define(other_merchant)
    body = {"name": "x"} if method == "PUT" else None
    assert merchant.call(method, f"segments/{theirs['id']}", body).status_code == 404
    assert other_merchant.call("GET", f"segments/{theirs['id']}").get_json() == theirs


def test_customers_are_listed_by_their_segments(merchant: Merchant) -> None:
    """[K] 3.4: advanced filters are name, phone, segment, customer set."""
    vip, fan = define(merchant), define(merchant, "fan")
    named = [
        merchant.call("POST", "accounts", {"firstName": name}, site="Mystic Sports").get_json()
        for name in ("Ann", "Ben", "Cid")
    ]
    for segment, account in ((vip, named[0]), (fan, named[0]), (fan, named[1])):
        merchant.call("POST", f"segments/{segment['id']}/accounts", [account["id"]])

    def found(filter_text: str) -> list[str]:
        listed = merchant.call("GET", f"accounts?sortBy=firstName&filter={filter_text}").get_json()
        return [account["firstName"] for account in listed["items"]]

    assert found(f"segments.id eq {fan['id']}") == ["Ann", "Ben"]
    assert found("segments.code eq VIP") == ["Ann"]
    assert found(f"segments.id ne {fan['id']}") == ["Cid"]
