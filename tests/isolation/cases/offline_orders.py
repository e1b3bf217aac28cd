"""Questions about telephone numbers, of which the customer with everything has one."""

from __future__ import annotations

from authsvc.offline_orders.phone_store import PhoneStore
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "PhoneStore.customers": lambda w, t, code: PhoneStore(w.services.database).customers(
        t, code, "15125550142", 5
    ),
}
