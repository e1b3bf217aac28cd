"""Tenants, sites and sets: rules 1 to 5 of design §2 as far as there are use cases for them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from authsvc.callers import Caller
from authsvc.customer_sets.rules import (
    CodeTaken,
    HostTaken,
    UnknownCustomerSet,
    UnknownSite,
    UnknownTenant,
)
from authsvc.errors import Invalid
from authsvc.services import Services
from tests.merchants import Merchant
from tests.trail import changes, entries

NO_ID = 10**15


def test_every_tenant_has_a_default_customer_set(services: Services) -> None:
    """[B]: Every Kibo eCommerce tenant has a default customer set."""
    tenant = services.customer_sets.create_tenant("Any merchant")
    sets, total = services.customer_sets.customer_sets(tenant.id, [], 0, 20)
    assert total == 1
    assert (sets[0].customer_set.code, sets[0].customer_set.is_default) == ("default", True)
    assert tenant.default_customer_set == "default"


def test_a_tenant_needs_a_name(services: Services) -> None:
    with pytest.raises(Invalid):
        services.customer_sets.create_tenant(" ")


def test_a_new_site_is_automatically_assigned_to_the_default_customer_set(
    services: Services, merchant: Merchant
) -> None:
    """[B]: When you create a new site, Kibo eCommerce automatically assigns the site to the default customer set."""
    site = services.customer_sets.create_site(merchant.caller(), "Mystic Golf")
    assert site.customer_set == "default"
    assert site in services.customer_sets.sites(merchant.tenant_id)


def test_a_site_of_no_tenant_is_refused(services: Services) -> None:
    with pytest.raises(UnknownTenant):
        services.customer_sets.create_site(Caller(NO_ID), "Mystic Golf")
    with pytest.raises(UnknownTenant):
        services.customer_sets.tenant(NO_ID)
    with pytest.raises(UnknownTenant):
        services.customer_sets.set_domain(NO_ID, "mystic.example")


def test_a_site_can_only_belong_to_one_customer_set(services: Services, merchant: Merchant) -> None:
    """[A]: a Site can only belong to one "Customer Set". Assigning it takes it from its old one."""
    kids = merchant.site("Mystic Kids")
    moved = services.customer_sets.assign_site(merchant.caller(), kids, " B2B ")
    assert moved.customer_set == "b2b"
    holders = [
        item.customer_set.code
        for item in services.customer_sets.customer_sets(merchant.tenant_id, [], 0, 20)[0]
        if kids in {site.id for site in item.sites}
    ]
    assert holders == ["b2b"]
    entry = entries(services, merchant.tenant_id, f"site:{kids}")[-1]
    assert entry["action"] == "site.assigned"
    assert changes(entry) == {"customerSet": ("b2c", "b2b")}


def test_assigning_a_site_to_its_own_set_changes_nothing(
    services: Services, merchant: Merchant
) -> None:
    kids = merchant.site("Mystic Kids")
    before = entries(services, merchant.tenant_id)
    assert services.customer_sets.assign_site(merchant.caller(), kids, "b2c").customer_set == "b2c"
    assert entries(services, merchant.tenant_id) == before


def test_a_site_goes_to_a_set_that_exists_only(services: Services, merchant: Merchant) -> None:
    caller = merchant.caller()
    with pytest.raises(UnknownCustomerSet):
        services.customer_sets.assign_site(caller, merchant.site("Mystic Kids"), "regional")
    with pytest.raises(UnknownSite):
        services.customer_sets.assign_site(caller, NO_ID, "b2b")


def test_a_code_is_unique_in_the_tenant(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    """[B]: Enter a unique Code to identify your customer set. The other merchant has a b2c of its own."""
    with pytest.raises(CodeTaken, match="Choose another code"):
        services.customer_sets.create_customer_set(merchant.caller(), "B2C", "Again")
    made = services.customer_sets.create_customer_set(
        merchant.caller(), "Regional", "Regional", " x "
    )
    assert (made.code, made.name, made.description, made.is_default) == (
        "regional",
        "Regional",
        "x",
        False,
    )
    assert made.created_by == "application:tests"
    with pytest.raises(UnknownCustomerSet):
        services.customer_sets.customer_set(other_merchant.tenant_id, "regional")


def test_a_set_shows_its_sites_and_how_many_customers_it_holds(
    services: Services, merchant: Merchant
) -> None:
    merchant.sign_up("john@mail.com", "Mystic Sports")
    merchant.sign_up("stacy@mail.com", "Mystic Kids")
    merchant.sign_up("stacy@mail.com", "Mystic Parts")
    shown = services.customer_sets.customer_set(merchant.tenant_id, "B2C")
    assert [site.name for site in shown.sites] == ["Mystic Sports", "Mystic Kids"]
    assert shown.customer_count == 2
    counts = {
        item.customer_set.code: item.customer_count
        for item in services.customer_sets.customer_sets(merchant.tenant_id, [], 0, 20)[0]
    }
    assert counts == {"b2b": 1, "b2c": 2, "default": 0}


@pytest.mark.parametrize(
    ("sort_by", "codes"),
    [
        ([], ["b2b", "b2c", "default"]),
        ([("Code", True)], ["default", "b2c", "b2b"]),
        ([("name", False)], ["b2b", "b2c", "default"]),
        ([("isDefault", True), ("code", True)], ["default", "b2c", "b2b"]),
    ],
)
def test_sets_are_listed_in_the_order_asked_for(
    services: Services, merchant: Merchant, sort_by: list[tuple[str, bool]], codes: list[str]
) -> None:
    found, total = services.customer_sets.customer_sets(merchant.tenant_id, sort_by, 0, 20)
    assert [item.customer_set.code for item in found] == codes
    assert total == 3
    part, total = services.customer_sets.customer_sets(merchant.tenant_id, sort_by, 1, 1)
    assert [item.customer_set.code for item in part] == codes[1:2]
    assert total == 3


def test_sets_do_not_sort_by_what_they_do_not_have(services: Services, merchant: Merchant) -> None:
    with pytest.raises(Invalid, match="code, name or isDefault"):
        services.customer_sets.customer_sets(merchant.tenant_id, [("sites", False)], 0, 20)


def test_a_host_belongs_to_one_site_of_the_whole_installation(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    host = f"golf-{uuid4().hex}.example"
    site = services.customer_sets.create_site(merchant.caller(), "Golf", [host.upper() + ":443"])
    assert site.hosts == (host,)
    assert services.directory.tenant_and_site_of_host(host) == (merchant.tenant_id, site.id)
    before = services.customer_sets.sites(other_merchant.tenant_id)
    with pytest.raises(HostTaken, match="Choose another host"):
        services.customer_sets.create_site(other_merchant.caller(), "Golf", [host])
    assert services.customer_sets.sites(other_merchant.tenant_id) == before


def test_what_is_done_to_the_structure_is_written_down(services: Services) -> None:
    tenant = services.customer_sets.create_tenant("Any merchant", "old.example")
    system = Caller(tenant.id)
    services.customer_sets.set_domain(tenant.id, "new.example")
    assert services.customer_sets.tenant(tenant.id)[0].domain == "new.example"
    services.customer_sets.create_customer_set(system, "b2c", "B2C")
    site = services.customer_sets.create_site(system, "Mystic Sports")
    services.customer_sets.assign_site(system, site.id, "b2c")
    told = [
        (entry["actor"], entry["action"], changes(entry)) for entry in entries(services, tenant.id)
    ]
    assert told == [
        ("system", "tenant.created", {"name": (None, "Any merchant")}),
        ("system", "tenant.updated", {"domain": ("old.example", "new.example")}),
        ("system", "customer_set.created", {"name": (None, "B2C")}),
        (
            "system",
            "site.created",
            {"name": (None, "Mystic Sports"), "customerSet": (None, "default")},
        ),
        ("system", "site.assigned", {"customerSet": ("default", "b2c")}),
    ]


def test_the_operator_sees_all_tenants(services: Services) -> None:
    tenant = services.customer_sets.create_tenant("Any merchant")
    assert tenant in services.customer_sets.tenants()
