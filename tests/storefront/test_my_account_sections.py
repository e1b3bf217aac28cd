"""[B]: My Account displays shipping and billing addresses, saved payment information, and past order history."""

from __future__ import annotations

from decimal import Decimal

from authsvc.contacts.service import NEW, WantedContact
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from tests.merchants import PASSWORD
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser


def test_the_page_shows_on_one_site_what_was_done_on_the_other(
    shops: Shops, browser: ShopperBrowser
) -> None:
    merchant = shops.merchant
    account = merchant.sign_up("john@mail.com", "Mystic Kids", first_name="John").account
    assert account is not None
    data, caller, now = merchant.services.account_data, merchant.caller(), merchant.services.clock()
    address = {"address1": "221B <Baker> Street", "cityOrTown": "London"}
    contact = {"email": "john@mail.com", "primary_billing": True, "address": address}
    data.contacts.save(caller, account.id, [WantedContact(NEW, contact)])
    card = {"card_type": "VISA", "number_part": "1111", "expire_month": 3, "expire_year": 2031}
    data.cards.add(caller, account.id, "secret-token", card)
    data.notes.add(caller, account.id, "Never for John's eyes.")
    merchant.services.orders.put(
        caller,
        OrderState(
            "K-1",
            OrderKind.ONLINE,
            merchant.site("Mystic Kids"),
            account.id,
            "Shipped",
            Decimal("1234.5"),
            "EUR",
            now,
            SourceVersion(1, now),
        ),
    )
    browser.post(f"{shops.sports}/login", username="john@mail.com", password=PASSWORD, follow=False)
    answer = browser.get(f"{shops.sports}/my-account")
    assert answer.status_code == 200
    for shown in (
        "221B &lt;Baker&gt; Street, London",
        "Billing, first choice",
        "VISA 1111",
        "until 03/2031",
        "Mystic Kids",
        "1,234.50 EUR, Shipped",
    ):
        assert shown in answer.text, shown
    for hidden in ("secret-token", "Never for John"):
        assert hidden not in answer.text
