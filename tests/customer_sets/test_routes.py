"""Tenant look-up and the reading of sets over HTTP ([K] 1.1, 1.2, 1.4, 5.3)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.merchants import Merchant


def test_the_tenant_and_its_sites_can_be_looked_up(merchant: Merchant) -> None:
    host = f"golf-{uuid4().hex}.example"
    merchant.services.customer_sets.create_site(merchant.caller(), "Mystic Golf", [host])
    answer = merchant.call("GET", f"/api/platform/tenants/{merchant.tenant_id}")
    assert answer.status_code == 200
    tenant = answer.get_json()
    assert tenant["id"] == merchant.tenant_id
    assert tenant["domain"] == "localhost"
    sites = {site["name"]: site for site in tenant["sites"]}
    assert sites["Mystic Sports"]["id"] == sites["Mystic Sports"]["siteId"]
    assert sites["Mystic Sports"]["customerSetCode"] == "b2c"
    assert sites["Mystic Sports"]["domain"] == "localhost"
    assert sites["Mystic Sports"]["primaryCustomDomain"] is None
    assert sites["Mystic Golf"]["domain"] == sites["Mystic Golf"]["primaryCustomDomain"] == host


def test_another_tenant_does_not_exist(merchant: Merchant, other_merchant: Merchant) -> None:
    answer = merchant.call("GET", f"/api/platform/tenants/{other_merchant.tenant_id}")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


def test_a_set_has_the_vendors_shape(merchant: Merchant) -> None:
    """[K] 1.1."""
    merchant.sign_up("john@mail.com", "Mystic Sports")
    answer = merchant.call("GET", "customerSets/B2C")
    assert answer.status_code == 200
    found = answer.get_json()
    assert {key: found[key] for key in ("code", "name", "description", "isDefault")} == {
        "code": "b2c",
        "name": "B2C",
        "description": "",
        "isDefault": False,
    }
    assert found["aggregateInfo"] == {"customerCount": 1}
    assert set(found["auditInfo"]) == {"createBy", "createDate", "updateBy", "updateDate"}
    assert found["sites"] == [
        {"siteId": merchant.site(name), "name": name, "customerSetCode": "b2c"}
        for name in ("Mystic Sports", "Mystic Kids")
    ]


def test_an_unknown_set_is_not_found(merchant: Merchant) -> None:
    """[K] 1.4: Unknown set code on GET → 404 `ITEM_NOT_FOUND`."""
    answer = merchant.call("GET", "customersets/regional")
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "ITEM_NOT_FOUND")


@pytest.mark.parametrize("path", ["customersets", "customerSets/", "customersets?filter=&sortBy="])
def test_the_list_is_a_page_of_the_vendors_shape(merchant: Merchant, path: str) -> None:
    answer = merchant.call("GET", path)
    assert answer.status_code == 200
    page = answer.get_json()
    assert [item["code"] for item in page["items"]] == ["b2b", "b2c", "default"]
    assert (page["startIndex"], page["pageSize"], page["pageCount"], page["totalCount"]) == (
        0,
        20,
        1,
        3,
    )


def test_the_list_pages_and_sorts(merchant: Merchant) -> None:
    answer = merchant.call("GET", "customersets?startIndex=1&pageSize=1&sortBy=isDefault desc,CODE")
    assert [item["code"] for item in answer.get_json()["items"]] == ["b2b"]
    assert (answer.get_json()["pageCount"], answer.get_json()["totalCount"]) == (3, 3)
    answer = merchant.call("GET", "customersets?pageSize=500&responseFields=items(code),pageSize")
    assert answer.get_json()["pageSize"] == 200


@pytest.mark.parametrize("sort_by", ["sites", "code up", "code asc desc"])
def test_an_order_that_makes_no_sense_is_refused(merchant: Merchant, sort_by: str) -> None:
    answer = merchant.call("GET", f"customersets?sortBy={sort_by}")
    assert answer.status_code == 400
    assert answer.get_json()["errorCode"] == "MISSING_OR_INVALID_PARAMETER"
