"""Taking orders in, whatever order their states arrive in, and listing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import UnknownAccount
from authsvc.audit.rules import NewEntry, changes_between
from authsvc.callers import Caller
from authsvc.customer_sets.rules import RegroupingUnderWay, UnknownSite
from authsvc.listing.paging import Page
from authsvc.orders.rules import Order, OrderState, UnknownOrder, newest, set_to_order_in

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.orders.receipts import EligibilityReceipts
    from authsvc.orders.store import OrderStore
    from authsvc.orders.totals_store import OrderTotals

# A customer or site that changes sets between looking why an order cannot be kept and keeping it: once is bad luck.
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Orders:
    """The use cases; each is one transaction."""

    store: OrderStore
    totals: OrderTotals
    receipts: EligibilityReceipts
    accounts: Accounts
    customer_sets: CustomerSets
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def put(self, caller: Caller, state: OrderState) -> Order:
        """Take in a state of an order, and return the newest there is: an older one changes nothing.

        A new order's customer must be in the set of its site, now or by its receipt (rule 16); what has been taken in
        stays, whoever moves later. Raises `UnknownSite`, `UnknownAccount`, `NotOfTheSitesSet`, `BadReceipt`,
        `OrderKeepsItsSite` or `VersionTwice`.
        """
        caller.may_use_site(state.site_id)
        proven_set = self._proven_set(caller.tenant_id, state)
        for _ in range(MOST_ATTEMPTS):
            order = self._new(caller, state, proven_set) or self._known(caller, state, proven_set)
            if order is not None:
                # One of this name may have been there, of another site.
                caller.may_use_site(order.state.site_id)
                return order
            self._refuse(caller.tenant_id, state)
        raise RegroupingUnderWay

    def order(self, tenant_id: int, external_id: str) -> Order:
        """Return an order; raises `UnknownOrder`."""
        order = self.store.order(tenant_id, external_id)
        if order is None:
            raise UnknownOrder(external_id)
        return order

    def of_account(self, tenant_id: int, account_id: int, page: Page) -> tuple[list[Order], int]:
        """Return a page of an account's orders on whatever site, latest first; raises `UnknownAccount` (rule 15)."""
        if self.accounts.store.account(tenant_id, account_id) is None:
            raise UnknownAccount(account_id)
        return self.store.of_account(tenant_id, account_id, page)

    def of_site(self, tenant_id: int, site_id: int, page: Page) -> tuple[list[Order], int]:
        """Return a page of a site's orders, of whatever customers, latest first; raises `UnknownSite`."""
        if self.customer_sets.structure.site(tenant_id, site_id) is None:
            raise UnknownSite(f"There is no site {site_id}.")
        return self.store.of_site(tenant_id, site_id, page)

    def _proven_set(self, tenant_id: int, state: OrderState) -> str | None:
        if state.eligibility_receipt is None:
            return None
        return self.receipts.proven_set(
            state.eligibility_receipt,
            tenant_id,
            state.site_id,
            state.account_id,
            state.placed_at,
        )

    def _new(self, caller: Caller, state: OrderState, proven_set: str | None) -> Order | None:
        """Keep, count and note the order by one statement, if it is new and its customer may be named; else None."""
        told = changes_between({}, _told(state))
        entry = NewEntry(caller, "order.received", _subject(state), told)
        return self.store.add(caller.tenant_id, state, proven_set, self.clock(), entry)

    def _known(self, caller: Caller, state: OrderState, proven_set: str | None) -> Order | None:
        """Return the order as it is to be if it is known already, else None."""
        kept = self.store.order(caller.tenant_id, state.external_id)
        # Not held: versions only grow, and what is not the newest now will not be.
        if kept is None or newest(kept.state, state) is kept.state:
            return kept
        with self.transaction():
            return self._renewed(caller, state, proven_set)

    def _renewed(self, caller: Caller, state: OrderState, proven_set: str | None) -> Order | None:
        kept = self.store.order(caller.tenant_id, state.external_id, for_update=True)
        if kept is None:
            return None
        wanted = newest(kept.state, state)
        if wanted is kept.state:
            return kept
        customer_set = kept.customer_set
        if wanted.account_id != kept.state.account_id:
            customer_set = proven_set or self._eligible_set(caller.tenant_id, wanted)
        now = self.clock()
        totals = _changes_of_totals(kept.state, wanted)
        # Before the order itself, whose change My Account counts too: in the order that a new one takes them in.
        self.totals.hold(caller.tenant_id, totals)
        self.store.replace(caller.tenant_id, wanted, customer_set, now)
        for (account_id, currency_code), (count, amount) in sorted(totals.items()):
            self.totals.change(caller.tenant_id, account_id, currency_code, count, amount)
        self.trail.note(
            caller,
            "order.updated",
            _subject(wanted),
            changes_between(_told(kept.state), _told(wanted)),
        )
        return Order(kept.tenant_id, wanted, customer_set, kept.site_name, kept.received_at, now)

    def _eligible_set(self, tenant_id: int, state: OrderState) -> str:
        """Return the set in which the customer may be put on the order now; raises as `put`."""
        place = self.store.place(tenant_id, state.site_id, state.account_id)
        if place.site is None:
            raise UnknownSite(f"There is no site {state.site_id}.")
        if place.account_set is None:
            raise UnknownAccount(state.account_id)
        return set_to_order_in(place.site, state.account_id, place.account_set)

    def _refuse(self, tenant_id: int, state: OrderState) -> None:
        """Raise why a new order was not kept, unless the reason has gone meanwhile."""
        self._eligible_set(tenant_id, state)


def _changes_of_totals(
    old: OrderState, new: OrderState
) -> dict[tuple[int, str], tuple[int, Decimal]]:
    """Return by how many orders and how much each (account, currency) pair changes."""
    changes: dict[tuple[int, str], tuple[int, Decimal]] = {}
    if _counted_as(old) == _counted_as(new):
        return changes
    for state, sign in ((old, -1), (new, 1)):
        if state.is_counted:
            key = state.account_id, state.currency_code
            count, amount = changes.get(key, (0, Decimal(0)))
            changes[key] = count + sign, amount + sign * state.total
    return changes


def _counted_as(state: OrderState) -> tuple[object, ...] | None:
    if not state.is_counted:
        return None
    return state.account_id, state.currency_code, state.total, state.placed_at


def _subject(state: OrderState) -> str:
    return f"order:{state.external_id}"


def _told(state: OrderState) -> Mapping[str, Any]:
    return {
        "customerAccountId": state.account_id,
        "siteId": state.site_id,
        "type": state.kind.value,
        "status": state.status,
        "total": state.total,
        "currencyCode": state.currency_code,
        "placedAt": state.placed_at,
    }
