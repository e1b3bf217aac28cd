"""Pages of My Account: orders with their sites, forms from elsewhere, and the merchant's domain."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from tests.storefront.conftest import Shops
from tests.storefront.john import John, sign_john_in
from tests.storefront.shopper import ShopperBrowser


@pytest.fixture(name="john")
def _john(shops: Shops, browser: ShopperBrowser) -> John:
    return sign_john_in(shops, browser)


def test_every_order_has_its_site_page_after_page(john: John) -> None:
    merchant = john.shops.merchant
    now = merchant.services.clock()
    for number in range(21):
        merchant.services.orders.put(
            merchant.caller(),
            OrderState(
                f"K-{number:02}",
                OrderKind.ONLINE,
                merchant.site("Mystic Kids" if number % 2 else "Mystic Sports"),
                john.id,
                "Shipped",
                Decimal(10),
                "USD",
                now.replace(microsecond=number),
                SourceVersion(1, now),
            ),
        )
    page = john.browser.get(john.sports).text
    assert (
        page.count("<small>Mystic Kids</small>"),
        page.count("<small>Mystic Sports</small>"),
    ) == (
        10,
        10,
    )
    assert "The latest 20 of 21." in page
    page = john.browser.get(f"{john.sports}/orders?start=20").text
    assert re.findall("K-[0-9]+", page) == ["K-00"]
    assert "21 to 21 of 21" in page
    for start in ("0", "x", "-1", "99999999999"):
        assert john.browser.get(f"{john.sports}/orders?start={start}").status_code == 200


CHANGES = ("/profile", "/addresses/new", "/addresses/1", "/addresses/1/delete", "/cards/1/default")


@pytest.mark.parametrize("path", [*CHANGES, "/cards/1/delete", "/sign-out-everywhere"])
def test_a_form_from_elsewhere_changes_nothing_and_nobody_in_particular_is_asked_who_they_are(
    john: John, path: str
) -> None:
    contact = john.add(address1="1 Main Street")
    before = john.account
    aimed = path.replace("/1", f"/{contact.id}")
    form = {"email": "evil@mail.com", "first_name": "Evil"}
    # A registered origin of the storefront may send sign-in forms, and none of these.
    for origin in ("https://evil.example", john.shops.elsewhere, john.shops.kids):
        answer = john.browser.post(f"{john.sports}{aimed}", origin=origin, form=form)
        assert answer.status_code == 403, origin
    assert john.account == before
    john.browser.post(f"{john.shops.sports}/logout")
    answer = john.browser.post(f"{john.sports}{aimed}", form=form, follow=False)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login")
    assert john.account == before


def test_at_the_merchants_domain_the_same_pages_lead_on(john: John) -> None:
    site = john.shops.merchant.site("Mystic Sports")
    hub = john.shops.hub
    page = john.browser.get(f"{hub}/my-account?site={site}").text
    assert f"/my-account/addresses/new?site={site}" in page
    answer = john.browser.post(
        f"{hub}/my-account/addresses/new", site=str(site), email="j@mail.com", city="Austin"
    )
    assert "The address is saved." in answer.text
    assert john.browser.trail[-1] == f"{hub}/my-account?done=address&site={site}"
