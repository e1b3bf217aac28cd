"""What a large move left behind is brought home by the daily purge, and a search never notices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from authsvc.customer_search.cursors import Position
from authsvc.customer_search.rules import CustomerQuery
from authsvc.customer_search.settling import Settling
from authsvc.customer_search.settling_store import SettlingStore, Walked
from authsvc.purging import purge
from authsvc.regrouping.rules import MoveCustomers
from tests.customer_search.customers import Person, keep
from tests.merchants import Merchant

# So many that their words are left as they were (migration 0009).
MANY = 101
BATCH = 10
SETS = ("b2c", "b2b", "default")

_MOVE = text("""
    UPDATE accounts SET customer_set_code = :code WHERE tenant_id = :tenant_id AND id = ANY (CAST(:ids AS bigint[]))
""")
_MISPLACED = text("""
    SELECT count(*) FROM customer_search_words AS words
    JOIN accounts ON accounts.tenant_id = words.tenant_id AND accounts.id = words.account_id
    WHERE words.tenant_id = :tenant_id AND words.home_set_code <> accounts.customer_set_code
""")


@dataclass(frozen=True)
class Moved:
    """A merchant with many customers moved from b2c to b2b, and one who stayed."""

    merchant: Merchant
    store: SettlingStore
    ids: list[int]

    def found(self) -> tuple[set[int], ...]:
        """Return who is found in each set, by page after page."""
        return tuple(self.found_in(code) for code in SETS)

    def found_in(self, code: str) -> set[int]:
        """Return who is found in a set; nobody twice."""
        search = self.merchant.services.customer_search
        query = CustomerQuery("ann", code, page_size=200)
        ids = [one.id for one in search.search(self.merchant.tenant_id, query).items]
        assert len(ids) == len(set(ids))
        return set(ids)

    def move(self, ids: list[int], code: str) -> None:
        """Move them, in the open transaction or by itself."""
        with self.merchant.services.database.connection() as connection:
            values = {"code": code, "tenant_id": self.merchant.tenant_id, "ids": ids}
            connection.execute(_MOVE, values)

    def misplaced(self) -> int:
        """Return how many words are not where their customers are."""
        with self.merchant.services.database.connection() as connection:
            values = {"tenant_id": self.merchant.tenant_id}
            return int(connection.execute(_MISPLACED, values).scalar_one())

    def noted(self) -> list[str]:
        """Return the sets whose words may be of customers elsewhere."""
        return [home for tenant, home in self.store.noted() if tenant == self.merchant.tenant_id]


@pytest.fixture(name="moved")
def _moved(merchant: Merchant) -> Moved:
    with merchant.services.database.transaction():
        people = [Person(f"Ann{at:03}", "Doe", has_login=False) for at in range(MANY)]
        ids = [keep(merchant, person).id for person in people]
        keep(merchant, Person("Annette", "Stays"))
    plan = [MoveCustomers("b2b", accounts=tuple(ids))]
    merchant.services.regrouping.at_once(merchant.caller(), plan)
    return Moved(merchant, SettlingStore(merchant.services.database), ids)


class Watched(SettlingStore):
    """A store that looks, after each batch, whether everybody is still found."""

    def __init__(self, moved: Moved) -> None:
        """Remember who is found before."""
        super().__init__(moved.merchant.services.database)
        self.moved, self.before, self.batches = moved, moved.found(), 0

    def walk(self, tenant_id: int, home: str, after: Position, limit: int) -> Walked:
        """Look, then go on."""
        assert self.moved.found() == self.before
        self.batches += 1
        return super().walk(tenant_id, home, after, limit)


def test_a_search_finds_the_same_before_during_and_after(moved: Moved) -> None:
    assert moved.noted() == ["b2c"]
    assert moved.misplaced() == 2 * MANY
    watched = Watched(moved)
    assert len(watched.before[1]) == MANY
    Settling(watched, BATCH).settle()
    assert watched.batches > MANY // BATCH
    assert moved.found() == watched.before
    assert moved.noted() == []
    assert moved.misplaced() == 0


def test_the_daily_purge_does_it(moved: Moved) -> None:
    before = moved.found()
    purge(moved.merchant.services, days=30)
    assert (moved.noted(), moved.misplaced(), moved.found()) == ([], 0, before)


def test_whom_somebody_holds_is_left_for_another_time(moved: Moved) -> None:
    """A move of many, under way: the purge neither waits for it nor forgets what it is about to note."""
    before = moved.found()
    settling = Settling(moved.store, BATCH)
    with in_another_transaction(moved, moved.ids[:5], "default"):
        settling.settle()
        assert moved.noted() == ["b2c"]
        assert moved.misplaced() == 2 * 5
        assert moved.found() == before
    assert moved.found() == (before[0], before[1] - {*moved.ids[:5]}, {*moved.ids[:5]})
    settling.settle()
    assert (moved.noted(), moved.misplaced()) == ([], 0)


class Overtaken(SettlingStore):
    """A store whose walk is overtaken, at its end, by somebody who moves everybody back and forth."""

    def __init__(self, moved: Moved) -> None:
        """Move once."""
        super().__init__(moved.merchant.services.database)
        self.moved, self.is_overtaken = moved, False

    def walk(self, tenant_id: int, home: str, after: Position, limit: int) -> Walked:
        """Walk on; at the end, be overtaken."""
        walked = super().walk(tenant_id, home, after, limit)
        if tenant_id == self.moved.merchant.tenant_id and walked.last is None:
            if not self.is_overtaken:
                for code in ("b2c", "b2b"):
                    self.moved.move(self.moved.ids, code)
            self.is_overtaken = True
        return walked


def test_who_is_moved_behind_the_walk_stays_noted(moved: Moved) -> None:
    before = moved.found()
    Settling(Overtaken(moved), BATCH).settle()
    assert moved.found() == before
    assert "b2c" in moved.noted()
    for _ in range(2):  # what is brought home from one set may be noted for the other
        Settling(moved.store, BATCH).settle()
    assert (moved.noted(), moved.misplaced(), moved.found()) == ([], 0, before)


def test_killed_on_the_way_it_has_done_some_of_it(moved: Moved) -> None:
    class Killed(SettlingStore):
        def settle(self, tenant_id: int, account_ids: tuple[int, ...]) -> int:
            with self._database.transaction():
                super().settle(tenant_id, account_ids)
                raise KeyboardInterrupt

    before = moved.found()
    walked = moved.store.walk(moved.merchant.tenant_id, "b2c", Position("", "", 0), BATCH)
    moved.store.settle(moved.merchant.tenant_id, walked.elsewhere)
    with pytest.raises(KeyboardInterrupt):
        Settling(Killed(moved.merchant.services.database), BATCH).settle()
    assert moved.found() == before
    assert moved.misplaced() == 2 * (MANY - BATCH)
    assert moved.noted() == ["b2c"]


@contextmanager
def in_another_transaction(moved: Moved, ids: list[int], code: str) -> Iterator[None]:
    """Move customers by a connection of its own that commits at the end of the block."""
    with moved.merchant.services.database.engine.begin() as connection:
        values = {"code": code, "tenant_id": moved.merchant.tenant_id, "ids": ids}
        connection.execute(_MOVE, values)
        yield
