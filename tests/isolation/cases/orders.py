"""Questions about orders and what they come to, in a tenant with one order on Mystic Sports."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from authsvc.audit.rules import NewEntry
from authsvc.listing.paging import Page
from authsvc.orders.rules import OrderState
from authsvc.orders.store import OrderStore
from authsvc.orders.totals_store import OrderTotals
from tests.isolation.world import Case, World


def _store(world: World) -> OrderStore:
    return world.services.orders.store


def _totals(world: World) -> OrderTotals:
    return world.services.orders.totals


def _new(world: World) -> OrderState:
    return replace(world.order.state, external_id="S-1002")


def _place(world: World, tenant_id: int) -> object:
    place = _store(world).place(tenant_id, world.order.state.site_id, world.order.state.account_id)
    return None if (place.site, place.account_set) == (None, None) else place


CASES: dict[str, Case] = {
    "OrderStore.add": lambda w, t, _: _store(w).add(
        t,
        _new(w),
        "b2c",
        w.now,
        NewEntry(replace(w.merchant.caller(), tenant_id=t), "order.received", "order:S-1002"),
    ),
    "OrderStore.order": lambda w, t, _: _store(w).order(t, "S-1001", for_update=True),
    "OrderStore.place": lambda w, t, _: _place(w, t),
    "OrderStore.replace": lambda w, t, _: _store(w).replace(
        t, replace(w.order.state, status="Cancelled"), "b2c", w.now
    ),
    "OrderStore.of_account": lambda w, t, _: _store(w).of_account(
        t, w.order.state.account_id, Page()
    )[0],
    "OrderStore.of_site": lambda w, t, _: _store(w).of_site(t, w.order.state.site_id, Page())[0],
    "OrderTotals.hold": lambda w, t, _: _totals(w).hold(t, [(w.order.state.account_id, "EUR")]),
    "OrderTotals.change": lambda w, t, _: _totals(w).change(
        t, w.order.state.account_id, "USD", 1, Decimal("1.00")
    ),
}
