"""Orders put together: their stores, and what they need of what is below."""

from __future__ import annotations

from authsvc.accounts.service import Accounts
from authsvc.infra.database import Database
from authsvc.orders.receipts import EligibilityReceipts
from authsvc.orders.service import Orders
from authsvc.orders.store import OrderStore
from authsvc.orders.totals_store import OrderTotals
from authsvc.sessions.signing_keys import SigningKeys


def connect_orders(database: Database, keys: SigningKeys, accounts: Accounts) -> Orders:
    """Connect orders to their stores; receipts are signed with `keys`."""
    return Orders(
        OrderStore(database),
        OrderTotals(database),
        EligibilityReceipts(keys, accounts.clock),
        accounts,
        accounts.customer_sets,
        accounts.trail,
        accounts.transaction,
        accounts.clock,
    )
