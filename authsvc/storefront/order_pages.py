"""My Account › Orders: page after page, each order with the site it was placed on (rule 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from authsvc.listing.paging import Page
from authsvc.my_account.service import FIRST_ORDERS
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor

if TYPE_CHECKING:
    from authsvc.orders.service import Orders

PATH = "/my-account/orders"
# Further than anybody turns pages; PostgreSQL counts rows from the first.
_FURTHEST = 100_000
_MOST_DIGITS = 6


def add_order_pages(pages: StorefrontPages, orders: Orders) -> None:
    """Declare the page."""

    @pages.own_page(PATH)
    def older_orders(place: Place, visitor: ShopperVisitor) -> Answer:
        start = _start(request.args.get("start", ""))
        page = Page(start, FIRST_ORDERS.size)
        found, total = orders.of_account(place.tenant.id, visitor.account_id, page)
        return pages.show(
            "older_orders.html", place, orders=found, total=total, start=start, size=page.size
        )


def _start(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return min(int(text), _FURTHEST) if is_number else 0
