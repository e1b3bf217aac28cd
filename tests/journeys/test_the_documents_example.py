"""[B]'s own example over HTTP: two kinds of customers, four sites, and who may use which with which account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.shoppers import ADDRESS, sign_in, sign_up, sites_of
from tests.merchants import Merchant
from tests.regrouping.answers import ok, refused

B2C = ("Mystic Sports", "Mystic Kids")
B2B = ("Mystic Business", "Mystic Parts")


@pytest.fixture(name="tickets")
def _tickets(merchant: Merchant) -> dict[str, Any]:
    """Everybody of the example, signed up on one site of their kind."""
    return {
        username: sign_up(merchant, username, site)
        for username, site in (
            ("john@mail.com", "Mystic Sports"),
            ("stacy@mail.com", "Mystic Kids"),
            ("orders@totalparts.com", "Mystic Business"),
            ("buying@bigsports.com", "Mystic Parts"),
        )
    }


def test_consumers_have_access_to_the_b2c_sites_and_businesses_to_the_b2b_sites(
    merchant: Merchant, tickets: dict[str, Any]
) -> None:
    """[B]: both John D. and Stacy M. have access to the Mystic Sports and Mystic Kids site because … B2C.

    Similarly, both Total Parts Supply and Big Sports Ltd have access to the Mystic Business and Mystic Parts sites.
    """
    found = {username: sites_of(merchant, username) for username in tickets}
    assert found == {
        "john@mail.com": set(B2C),
        "stacy@mail.com": set(B2C),
        "orders@totalparts.com": set(B2B),
        "buying@bigsports.com": set(B2B),
    }
    sets = {ticket["customerAccount"]["customerSet"] for ticket in tickets.values()}
    assert sets == {"b2c", "b2b"}


@pytest.mark.parametrize(
    ("username", "site"),
    [("john@mail.com", "Mystic Business"), ("buying@bigsports.com", "Mystic Kids")],
)
def test_for_sites_of_the_other_set_they_would_have_to_create_a_new_account(
    merchant: Merchant, tickets: dict[str, Any], username: str, site: str
) -> None:
    """[B]: If either of them wished to access sites in the B2B customer set, they would have to create a new [one]."""
    refused(sign_in(merchant, username, site), 401)
    anew = sign_up(merchant, username, site)
    assert anew["customerAccount"]["id"] != tickets[username]["customerAccount"]["id"]
    assert sites_of(merchant, username) == {*B2C, *B2B}


@pytest.mark.parametrize("site", ["Mystic Sports", "Mystic Parts", "Mystic Outlet"])
def test_customer_sets_do_not_prevent_shoppers_from_visiting_a_site_and_creating_an_account(
    merchant: Merchant, tickets: dict[str, Any], site: str
) -> None:
    """[B]: Customer sets do not prevent shoppers from visiting a site and creating a new account for that site."""
    visitor = ok(merchant.call("GET", "authtickets/anonymousshopper", site=site))
    assert merchant.check(visitor["accessToken"], site).status_code == 200
    assert (
        sign_up(merchant, "new@mail.com", site)["customerAccount"]["emailAddress"] == "new@mail.com"
    )


def test_my_account_is_the_same_on_all_sites_of_the_set_and_on_no_other(merchant: Merchant) -> None:
    """[B]: When John logs into … Mystic Sports, his My Account page will also display all … he has for Mystic Kids.

    Here: what he has said about himself, and his shipping and billing addresses.
    """
    sign_up(merchant, "john@mail.com", "Mystic Kids", firstName="John", contacts=[ADDRESS])
    shown, token = {}, ""
    for site in B2C:
        token = ok(sign_in(merchant, "john@mail.com", site), 201)["accessToken"]
        shown[site] = ok(merchant.call("GET", "accounts/current", site=site, shopper=token))
    assert shown["Mystic Sports"] == shown["Mystic Kids"]
    assert shown["Mystic Sports"]["contacts"][0]["address"]["address1"] == "1 Main Street"
    refused(merchant.call("GET", "accounts/current", site="Mystic Parts", shopper=token), 401)
