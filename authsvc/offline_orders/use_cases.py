"""Offline orders put together: their store, and what they need of what is below."""

from __future__ import annotations

from authsvc.customer_search.service import CustomerSearch
from authsvc.infra.database import Database
from authsvc.login.on_behalf import OnBehalf
from authsvc.offline_orders.phone_store import PhoneStore
from authsvc.offline_orders.service import OfflineOrders
from authsvc.orders.service import Orders


def connect_offline_orders(
    database: Database, search: CustomerSearch, orders: Orders, on_behalf: OnBehalf
) -> OfflineOrders:
    """Connect offline orders to their store, to the search for customers and to what makes new ones."""
    return OfflineOrders(
        search,
        PhoneStore(database),
        orders.store,
        orders.receipts,
        orders.accounts,
        orders.customer_sets,
        on_behalf,
        orders.trail,
        orders.transaction,
    )
