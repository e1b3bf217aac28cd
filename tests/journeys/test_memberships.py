"""[B] Membership Restrictions, Default Customer Set, and what assigning a customer or a site to a set does."""

from __future__ import annotations

from flask.testing import FlaskClient

from authsvc.callers import Caller
from authsvc.customer_sets.rules import may_be_ordered_for
from authsvc.login.rules import Enrolment
from authsvc.services import Services
from tests.journeys.shoppers import ADDRESS, sign_in, sign_up, sites_of
from tests.merchants import PASSWORD, Merchant
from tests.regrouping.answers import customer, ok, refused, set_of, structure


def assign_customer(merchant: Merchant, account_id: int, code: str) -> None:
    """Use the Customer Set drop-down: the account as it is, with another set."""
    account = ok(merchant.call("GET", f"accounts/{account_id}"))
    ok(merchant.call("PUT", f"accounts/{account_id}", {**account, "customerSet": code}))


def test_initially_every_site_and_customer_is_assigned_to_the_default_set(
    services: Services, client: FlaskClient
) -> None:
    """[B]: Every tenant has a default customer set. Initially, every site and customer … are assigned to [it]."""
    tenant = services.customer_sets.create_tenant("Newcomer")
    system = Caller(tenant.id)
    sites = [services.customer_sets.create_site(system, name) for name in ("One", "Two")]
    for site in sites:
        enrolment = Enrolment({"email_address": f"{site.id}@mail.com"}, PASSWORD)
        ticket = services.login.sign_up(Caller(tenant.id, site.id), enrolment)
        assert ticket.account is not None
        assert ticket.account.customer_set == "default"
    (only,), _ = services.customer_sets.customer_sets(tenant.id, [], 0, 10)
    assert only.customer_set.is_default
    assert {site.id for site in only.sites} == {site.id for site in sites}
    assert only.customer_count == 2


def test_a_new_site_is_in_the_default_set_at_once_and_can_be_reassigned(merchant: Merchant) -> None:
    """[B]: When you create a new site, [it is] automatically assign[ed] to the default customer set.

    "It can take up to 30 minutes" there; here the transaction that makes the site does it. You can reassign the site.
    """
    site = ok(merchant.call("POST", "sites", {"name": "Mystic Garden"}), 201)
    assert "Mystic Garden" in structure(merchant)["default"]
    ok(
        merchant.call(
            "PUT",
            "customersets/b2c",
            {
                "sites": [
                    {"siteId": number}
                    for number in (
                        site["id"],
                        merchant.site("Mystic Sports"),
                        merchant.site("Mystic Kids"),
                    )
                ]
            },
        )
    )
    assert "Mystic Garden" in structure(merchant)["b2c"]


def test_customer_accounts_and_sites_can_only_belong_to_one_customer_set(
    merchant: Merchant,
) -> None:
    """[B]: Customer accounts and sites can only belong to one customer set."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    assign_customer(merchant, john, "b2b")
    found, _ = merchant.services.customer_sets.customer_sets(merchant.tenant_id, [], 0, 10)
    counts = {held.customer_set.code: held.customer_count for held in found}
    assert counts == {"b2b": 1, "b2c": 0, "default": 0}
    of_sites = [site for sites in structure(merchant).values() for site in sites]
    assert sorted(of_sites) == sorted(merchant.sites)


def test_an_assigned_customer_uses_the_same_account_on_the_sites_of_that_set(
    merchant: Merchant,
) -> None:
    """[B]: they can use the same account to access the sites you've assigned to the same customer set.

    …as well as share the same My Account information across the sites. Assign Customers: use the Customer Set
    drop-down to add the customer to a customer set.
    """
    john = sign_up(merchant, "john@mail.com", "Mystic Sports", contacts=[ADDRESS])[
        "customerAccount"
    ]
    assert sites_of(merchant, "john@mail.com") == {"Mystic Sports", "Mystic Kids"}
    assign_customer(merchant, john["id"], "b2b")
    assert sites_of(merchant, "john@mail.com") == {"Mystic Business", "Mystic Parts"}
    for site in ("Mystic Business", "Mystic Parts"):
        token = ok(sign_in(merchant, "john@mail.com", site), 201)["accessToken"]
        shown = ok(merchant.call("GET", "accounts/current", site=site, shopper=token))
        assert shown["id"] == john["id"]
        assert shown["contacts"][0]["address"]["address1"] == "1 Main Street"


def test_sites_and_customers_can_be_reassigned_when_they_shall_no_longer_be_members(
    merchant: Merchant,
) -> None:
    """[B]: You can reassign sites and customer accounts to different customer sets if you no longer wish [them there].

    And: ensure that you also reassign all applicable customer accounts to the same customer set.
    """
    stacy = customer(merchant, "stacy@mail.com", "Mystic Kids")
    kids = {"siteId": merchant.site("Mystic Kids")}
    ok(
        merchant.call("POST", "customersets", {"code": "kids", "name": "Kids", "sites": [kids]}),
        201,
    )
    assert "Mystic Kids" not in sites_of(merchant, "stacy@mail.com")
    assign_customer(merchant, stacy, "kids")
    assert sites_of(merchant, "stacy@mail.com") == {"Mystic Kids"}
    assign_customer(merchant, stacy, "b2c")
    assert sites_of(merchant, "stacy@mail.com") == {"Mystic Sports"}


def test_to_be_in_more_than_one_set_a_unique_account_is_made_for_each(merchant: Merchant) -> None:
    """[B]: If you want to add a customer account to more than one customer set, …must create a new unique one.

    Either the customer or a CSR does.
    """
    by_customer = customer(merchant, "stacy@mail.com", "Mystic Sports")
    by_csr = merchant.services.on_behalf.create(
        merchant.caller(),
        merchant.site("Mystic Parts"),
        Enrolment({"email_address": "stacy@mail.com"}, PASSWORD),
    )
    assert by_csr.id != by_customer
    assert (set_of(merchant, by_customer), set_of(merchant, by_csr.id)) == ("b2c", "b2b")
    for account_id, code in ((by_customer, "b2b"), (by_csr.id, "b2c")):
        account = ok(merchant.call("GET", f"accounts/{account_id}"))
        refused(
            merchant.call("PUT", f"accounts/{account_id}", {**account, "customerSet": code}), 409
        )


def test_an_offline_order_for_stephanie_takes_an_account_in_the_sites_set(
    merchant: Merchant,
) -> None:
    """[B]: you either must create a new unique customer account for her, or she can create her own … on Mystic Sports.

    If you create a new account for her, then you must also assign [it] to the B2C customer set; we do so at once, as
    for an account she creates herself.
    """
    there = merchant.sites["Mystic Sports"].customer_set
    elsewhere = customer(merchant, "stephanie@mail.com", "Mystic Business")
    assert not may_be_ordered_for(set_of(merchant, elsewhere), there)
    made_for_her = ok(
        merchant.call(
            "POST", "accounts", {"emailAddress": "stephanie@mail.com"}, site="Mystic Sports"
        ),
        201,
    )
    made_by_her = customer(merchant, "steph@mail.com", "Mystic Sports")
    for account_id in (made_for_her["id"], made_by_her):
        assert set_of(merchant, account_id) == "b2c"
        assert may_be_ordered_for(set_of(merchant, account_id), there)
