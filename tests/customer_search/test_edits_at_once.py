"""Two change the same customer at once, each by a connection of its own: a search finds what both of them did.

Whichever is first keeps its transaction open until the other one waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from sqlalchemy import TextClause, text

from authsvc.customer_search.rules import CustomerQuery
from tests.customer_search.customers import LOGIN, Person, keep
from tests.merchants import Merchant

DEADLINE_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.01
# More than have their words rewritten by a move (migration 0009).
MANY = 101

_MOVE = text("""
    UPDATE accounts SET customer_set_code = 'b2b' WHERE tenant_id = :tenant_id AND id = ANY (CAST(:ids AS bigint[]))
""")
_WAITS = text("""
    SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
""")


class Shop:
    """Many guests in one set, the first of whom two people change at once."""

    def __init__(self, merchant: Merchant) -> None:
        """Write them."""
        self.merchant, self.database = merchant, merchant.services.database
        with self.database.transaction():
            people = [Person(f"Ann{at:03}", has_login=False) for at in range(MANY)]
            self.ids = [keep(merchant, person).id for person in people]
            username = {"username": "first", "username_key": "first"}
            merchant.services.accounts.store.update(merchant.tenant_id, self.ids[0], username)

    def rename(self) -> None:
        """Change the customer's name."""
        store = self.merchant.services.accounts.store
        store.update(self.merchant.tenant_id, self.ids[0], {"first_name": "Zoe"})

    def lock(self) -> None:
        """Lock the customer."""
        store = self.merchant.services.accounts.store
        store.update(self.merchant.tenant_id, self.ids[0], {"is_locked": True})

    def log_in(self) -> None:
        """Give the customer a login."""
        values = {"account_id": self.ids[0], "username_key": "first"}
        self._run(LOGIN, values)

    def move(self) -> None:
        """Move the customer alone."""
        self._run(_MOVE, {"ids": self.ids[:1]})

    def move_many(self) -> None:
        """Move all of them."""
        self._run(_MOVE, {"ids": self.ids})

    def _run(self, statement: TextClause, values: dict[str, object]) -> None:
        with self.database.connection() as connection:
            connection.execute(statement, {"tenant_id": self.merchant.tenant_id, **values})

    def finds(self, **filters: object) -> bool:
        """Tell whether the customer is found by the new name, once, and with these filters."""
        search = self.merchant.services.customer_search.search
        query = CustomerQuery("zoe", **filters)  # type: ignore[arg-type]
        return [one.id for one in search(self.merchant.tenant_id, query).items] == self.ids[:1]

    def somebody_waits(self) -> bool:
        """Tell whether a connection waits for a lock."""
        with self.database.engine.connect() as connection:
            return bool(connection.execute(_WAITS).scalar_one())

    def at_once(self, first: Callable[[], None], second: Callable[[], None]) -> None:
        """Do `first`, begin `second`, and commit the first one when the second waits for it."""
        with ThreadPoolExecutor(1) as threads:
            with self.database.transaction():
                first()
                running = threads.submit(second)
                deadline = monotonic() + DEADLINE_SECONDS
                while not self.somebody_waits():
                    assert not running.done(), "they change the same customer"
                    assert monotonic() < deadline
                    sleep(LOOK_EVERY_SECONDS)
            running.result(DEADLINE_SECONDS)


OTHERS: list[tuple[Callable[[Shop], None], dict[str, object], dict[str, object]]] = [
    (Shop.move, {"customer_set": "b2b"}, {"customer_set": "b2c"}),
    (Shop.move_many, {"customer_set": "b2b"}, {"customer_set": "b2c"}),
    (Shop.log_in, {"is_guest": False}, {"is_guest": True}),
    (Shop.lock, {"is_locked": True}, {"is_locked": False}),
]


@pytest.mark.parametrize("is_rename_first", [True, False])
@pytest.mark.parametrize(("other", "so", "no_longer"), OTHERS)
def test_a_new_name_and_another_change_are_both_found(
    merchant: Merchant,
    other: Callable[[Shop], None],
    so: dict[str, object],
    no_longer: dict[str, object],
    *,
    is_rename_first: bool,
) -> None:
    shop = Shop(merchant)

    def change() -> None:
        other(shop)

    both = (shop.rename, change) if is_rename_first else (change, shop.rename)
    shop.at_once(*both)
    assert shop.finds(**so)
    assert not shop.finds(**no_longer)
    assert shop.finds()
