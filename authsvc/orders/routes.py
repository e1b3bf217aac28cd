"""Orders over HTTP: order systems tell them, storefronts and staff list them."""

from __future__ import annotations

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import RegroupingUnderWay, UnknownSite
from authsvc.listing.paging import Page
from authsvc.orders import rules
from authsvc.orders.rules import (
    NotOfTheSitesSet,
    OrderKeepsItsSite,
    UnknownOrder,
    VersionTwice,
)
from authsvc.orders.service import Orders
from authsvc.orders.wire import Order, OrderBody
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

_READS = Requires(Behavior.ORDER_READ)


class OrderQuery(Wire):
    """What of the order is wanted."""

    response_fields: str | None = None


class OrderListQuery(OrderQuery):
    """Which part of the list."""

    start_index: int | None = None
    page_size: int | None = None

    @property
    def page(self) -> Page:
        """Return the part that is asked for; raises `Invalid`."""
        return Page.asked(self.start_index, self.page_size)


def routes(service: Orders) -> list[Routes]:
    """Declare the operations over `service`."""
    return [_orders(service), _of_accounts(service), _of_sites(service)]


def _orders(service: Orders) -> Routes:
    part = Routes("orders", prefix="/api/commerce/orders", tag="Orders")

    @part.put(
        "/<external_id>",
        requires=Requires(Behavior.ORDER_UPDATE),
        answers=Order,
        refuses=(
            UnknownSite,
            UnknownAccount,
            NotOfTheSitesSet,
            OrderKeepsItsSite,
            VersionTwice,
            RegroupingUnderWay,
        ),
        body_name="order",
    )
    def put_order(caller: Caller, external_id: str, body: OrderBody, query: OrderQuery) -> Order:
        """Tell a state of an order; the answer is the newest there is, an older one changes nothing.

        A new order's customer must be in the customer set of its site, now or by an eligibility receipt from when
        it was placed. What is taken in stays the customer's history, whatever set site or customer move to.
        """
        return Order.of(service.put(caller, body.read(external_id, caller)))

    @part.get("/<external_id>", requires=_READS, answers=Order, refuses=(UnknownOrder,))
    def get_order(caller: Caller, external_id: str, query: OrderQuery) -> Order:
        """Get an order."""
        order = service.order(caller.tenant_id, external_id)
        caller.may_use_site(order.state.site_id)
        return Order.of(order)

    return part


def _of_accounts(service: Orders) -> Routes:
    part = Routes("orders_of_accounts", prefix="/api/commerce/customer/accounts", tag="Orders")

    @part.get(
        "/<int:account_id>/orders",
        requires=Requires(Behavior.ORDER_READ, ShopperRole.OWN_ACCOUNT),
        answers=Collection[Order],
        refuses=(UnknownAccount,),
    )
    def list_orders_of_account(
        caller: Caller, account_id: int, query: OrderListQuery
    ) -> Collection[Order]:
        """List an account's orders, latest first, each with the site it was placed on."""
        caller.may_see_account(account_id)
        page = query.page
        return _listed(service.of_account(caller.tenant_id, account_id, page), page)

    return part


def _of_sites(service: Orders) -> Routes:
    part = Routes("orders_of_sites", prefix="/api/commerce/customer/sites", tag="Orders")

    @part.get(
        "/<int:site_id>/orders",
        requires=_READS,
        answers=Collection[Order],
        refuses=(UnknownSite,),
    )
    def list_orders_of_site(
        caller: Caller, site_id: int, query: OrderListQuery
    ) -> Collection[Order]:
        """List a site's orders, latest first."""
        page = query.page
        return _listed(service.of_site(caller.tenant_id, site_id, page), page)

    return part


def _listed(found: tuple[list[rules.Order], int], page: Page) -> Collection[Order]:
    orders, total = found
    return Collection[Order].page(
        [Order.of(order) for order in orders],
        start_index=page.start_index,
        page_size=page.size,
        total_count=total,
    )
