"""Offline orders put together: their store, and what they need of what is below."""

from __future__ import annotations

from authsvc.customer_search.service import CustomerSearch
from authsvc.infra.database import Database
from authsvc.login.on_behalf import OnBehalf
from authsvc.offline_orders.phone_store import PhoneStore
from authsvc.offline_orders.service import OfflineOrders
from authsvc.orders.service import Orders
from authsvc.recovery.use_cases import Recovery


def connect_offline_orders(
    database: Database,
    search: CustomerSearch,
    orders: Orders,
    on_behalf: OnBehalf,
    recovery: Recovery,
) -> OfflineOrders:
    """Connect offline orders to their store, to the search for customers and to what makes and invites new ones."""
    return OfflineOrders(
        search,
        PhoneStore(database),
        orders.store,
        orders.receipts,
        orders.accounts,
        orders.customer_sets,
        on_behalf,
        recovery.invitations,
        orders.trail,
        orders.transaction,
    )
