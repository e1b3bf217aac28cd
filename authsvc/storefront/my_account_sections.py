"""The parts of My Account beside the profile, as [B] lists them: addresses, saved payment information, past orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import g, request

from authsvc.storefront.address_pages import add_address_pages
from authsvc.storefront.card_pages import add_card_pages
from authsvc.storefront.my_account_pages import MyAccountPages, Section
from authsvc.storefront.order_pages import add_order_pages
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from authsvc.account_data import AccountData
    from authsvc.my_account.rules import MyAccount
    from authsvc.my_account.service import MyAccounts

# Where all parts of one page find what was read for the first of them.
_READ = "authsvc_my_account"
_PARTS = (
    ("Addresses", "storefront/addresses.html"),
    ("Saved payment information", "storefront/cards.html"),
    ("Orders", "storefront/orders.html"),
)


def add_my_account_sections(own: MyAccountPages, service: MyAccounts, data: AccountData) -> None:
    """Add the parts, each written with all of the shopper's account, and the pages on which they are changed."""

    def values(visitor: ShopperVisitor) -> Mapping[str, Any]:
        mine: MyAccount | None = g.get(_READ)
        if mine is None:
            mine = service.read(caller_of(request, visitor.place, visitor))
            setattr(g, _READ, mine)
        return {"mine": mine}

    own.sections.extend(Section(heading, template, values) for heading, template in _PARTS)
    add_address_pages(own.pages, data.contacts)
    add_card_pages(own.pages, data.cards)
    add_order_pages(own.pages, service.orders)
