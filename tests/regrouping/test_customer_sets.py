"""Creating, editing and deleting customer sets, in the sentences of [A] and [B]."""

from __future__ import annotations

import pytest

from tests.merchants import Merchant
from tests.regrouping.answers import (
    SETS,
    customer,
    default_set,
    ok,
    refused,
    set_of,
    structure,
)
from tests.trail import changes, entries

NO_SITE = 10**15


def regional(merchant: Merchant, *sites: str) -> dict[str, object]:
    return {
        "code": "Regional",
        "name": "Regional",
        "sites": [{"siteId": merchant.site(site)} for site in sites],
    }


def test_a_set_is_created_with_code_name_and_sites(merchant: Merchant) -> None:
    """[B] Create Customer Sets: enter a unique Code, a Name, select the site(s), click Save."""
    made = ok(merchant.call("POST", SETS, regional(merchant, "Mystic Kids")), 201)
    assert (made["code"], made["name"], made["isDefault"]) == ("regional", "Regional", False)
    assert [site["name"] for site in made["sites"]] == ["Mystic Kids"]
    assert made["auditInfo"]["createBy"].startswith("application:")


def test_sites_can_belong_to_only_one_customer_set(merchant: Merchant) -> None:
    """[B]: Sites can belong to only one customer set. So a new set takes its sites from their old ones."""
    merchant.call("POST", SETS, regional(merchant, "Mystic Kids", "Mystic Parts"))
    assert structure(merchant) == {
        "b2c": {"Mystic Sports"},
        "b2b": {"Mystic Business"},
        "default": {"Mystic Outlet"},
        "regional": {"Mystic Kids", "Mystic Parts"},
    }


def test_the_code_will_not_be_editable_once_we_save_the_set(merchant: Merchant) -> None:
    """[A]: this Code will not be editable once we save the Set."""
    error = refused(merchant.call("PUT", f"{SETS}/b2c", {"code": "b2x"}), 400)
    assert "never changes" in error["message"]
    assert ok(merchant.call("PUT", f"{SETS}/B2C", {"code": "B2C", "name": "Shoppers"}))["name"] == (
        "Shoppers"
    )


def test_a_code_that_is_taken_is_refused(merchant: Merchant) -> None:
    error = refused(merchant.call("POST", SETS, {"code": "B2C", "name": "Again"}), 409)
    assert "Choose another code" in error["message"]


@pytest.mark.parametrize("code", ["", "-b2c", "b 2 c", "ä", "x" * 51, None])
def test_a_code_has_its_shape(merchant: Merchant, code: str | None) -> None:
    assert merchant.call("POST", SETS, {"code": code, "name": "X"}).status_code == 400


def test_the_default_flag_moves(merchant: Merchant) -> None:
    """[B]: specify whether you want the customer set to be the default customer set for new sites."""
    ok(merchant.call("PUT", f"{SETS}/b2b", {"isDefault": True}))
    assert default_set(merchant) == "b2b"
    site = ok(merchant.call("POST", "sites", {"name": "Mystic Golf"}), 201)
    assert site["customerSetCode"] == "b2b"


def test_there_is_always_a_default(merchant: Merchant) -> None:
    """Rule 3: the flag cannot be cleared without a successor."""
    error = refused(merchant.call("PUT", f"{SETS}/default", {"isDefault": False}), 409)
    assert "Make another set the default first" in error["message"]
    assert default_set(merchant) == "default"


def test_sites_are_assigned_to_an_existing_set(merchant: Merchant) -> None:
    """[B] Assign Sites: in the row, select the Sites entry, select the sites to assign, Save."""
    sites = ["Mystic Sports", "Mystic Kids", "Mystic Outlet"]
    body = {"sites": [{"siteId": merchant.site(site)} for site in sites]}
    edited = ok(merchant.call("PUT", f"{SETS}/b2c", body))
    assert {site["name"] for site in edited["sites"]} == set(sites)
    assert structure(merchant)["default"] == set()


def test_a_site_taken_off_the_list_goes_to_the_default_set(merchant: Merchant) -> None:
    body = {"sites": [{"siteId": merchant.site("Mystic Sports")}]}
    ok(merchant.call("PUT", f"{SETS}/b2c", body))
    assert structure(merchant)["default"] == {"Mystic Outlet", "Mystic Kids"}


def test_a_site_is_not_taken_off_the_default_sets_list(merchant: Merchant) -> None:
    error = refused(merchant.call("PUT", f"{SETS}/default", {"sites": []}), 400)
    assert "assigned to another" in error["message"]


def test_a_site_there_is_not_and_another_tenants_site_are_the_same(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    for site in (NO_SITE, other_merchant.site("Mystic Kids")):
        before = structure(merchant), structure(other_merchant)
        body = {"code": "regional", "name": "R", "sites": [{"siteId": site}]}
        assert refused(merchant.call("POST", SETS, body), 404)["errorCode"] == "ITEM_NOT_FOUND"
        assert (structure(merchant), structure(other_merchant)) == before


def test_a_deleted_sets_customers_and_sites_go_to_the_default_set_unless_another_is_selected(
    merchant: Merchant,
) -> None:
    """[B]: The default customer set is automatically selected, but you can select another customer set."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    buyer = customer(merchant, "buying@bigsports.com", "Mystic Parts")
    ok(merchant.call("DELETE", f"{SETS}/b2c"))
    assert set_of(merchant, john) == "default"
    ok(merchant.call("PUT", f"{SETS}/b2b", {"isDefault": True}))
    ok(merchant.call("DELETE", f"{SETS}/default?successor=B2B"))
    assert structure(merchant) == {"b2b": set(merchant.sites)}
    assert (set_of(merchant, john), set_of(merchant, buyer)) == ("b2b", "b2b")


def test_the_default_set_cannot_be_deleted(merchant: Merchant) -> None:
    """[B]: When you delete an existing customer set that's not the default, you must reassign all."""
    error = refused(merchant.call("DELETE", f"{SETS}/default?successor=b2c"), 409)
    assert "Make another set the default first" in error["message"]


def test_a_set_is_not_its_own_successor(merchant: Merchant) -> None:
    refused(merchant.call("DELETE", f"{SETS}/b2c?successor=b2c"), 400)
    refused(merchant.call("DELETE", f"{SETS}/b2c?successor=nowhere"), 404)
    refused(merchant.call("DELETE", f"{SETS}/nowhere"), 404)


def test_a_username_that_exists_in_both_keeps_a_set_from_being_deleted(merchant: Merchant) -> None:
    """Rule 6: nothing moves and the answer lists every clash.

    [B]: you cannot assign more than one of Stacy's accounts to the same customer set.
    """
    consumer = customer(merchant, "stacy@mail.com", "Mystic Kids")
    business = customer(merchant, "STACY@mail.com", "Mystic Business")
    john = customer(merchant, "john@mail.com", "Mystic Kids")
    before = structure(merchant)
    error = refused(merchant.call("DELETE", f"{SETS}/b2c?successor=b2b"), 409)
    assert error["errorCode"] == "VALIDATION_CONFLICT"
    (item,) = error["items"]
    told = {datum["name"]: datum["value"] for datum in item["additionalErrorData"]}
    assert (told["AccountId"], told["OtherAccountId"]) == (str(consumer), str(business))
    assert structure(merchant) == before
    assert set_of(merchant, john) == "b2c"
    assert merchant.call("GET", "plans").json["totalCount"] == 0  # type: ignore[index]


def test_guests_never_clash(merchant: Merchant) -> None:
    """[K] 1.3: guest accounts, which have no username, cannot conflict."""
    for site in ("Mystic Kids", "Mystic Business"):
        body = {"emailAddress": "guest@mail.com"}
        ok(merchant.call("POST", "accounts", body, site=site), 201)
    ok(merchant.call("DELETE", f"{SETS}/b2c?successor=b2b"))


def test_what_was_changed_is_found_at_the_set_and_at_the_site(merchant: Merchant) -> None:
    plan = ok(merchant.call("DELETE", f"{SETS}/b2c?successor=b2b&reason=One%20brand"))
    kids = merchant.site("Mystic Kids")
    entry = entries(merchant.services, merchant.tenant_id, f"site:{kids}")[-1]
    assert entry["action"] == "site.assigned"
    assert changes(entry)["customerSet"] == ("b2c", "b2b")
    assert changes(entry)["plan"] == (None, plan["id"])
    gone = entries(merchant.services, merchant.tenant_id, "customer_set:b2c")[-1]
    assert (gone["action"], changes(gone)["name"]) == ("customer_set.deleted", ("B2C", None))
    told = entries(merchant.services, merchant.tenant_id, f"plan:{plan['id']}")[-1]
    assert told["action"] == "plan.committed"
    assert changes(told)["reason"] == (None, "One brand")
    assert changes(told)[f"site:{kids}"] == ("b2c", "b2b")
