"""Connections of a crowd: those there are go round, and further ones are opened only where they are held for long."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest
from sqlalchemy import event

from authsvc.infra import patient_pool
from authsvc.infra.database import Database
from authsvc.settings import Settings

KEPT, BEYOND = 2, 10
CROWD = 12


@pytest.fixture(name="database")
def _database(settings: Settings) -> Iterator[Database]:
    """A pool of two that may open ten more."""
    url = settings.database_url.get_secret_value()
    database = Database(url, pool_size=KEPT, max_overflow=BEYOND)
    yield database
    database.close()


@pytest.fixture(name="opened")
def _opened(database: Database) -> list[object]:
    """Every connection that the pool opens."""
    opened: list[object] = []
    event.listen(database.engine, "connect", lambda connection, _: opened.append(connection))
    return opened


def test_a_crowd_is_served_by_the_connections_there_are(
    database: Database, opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy's own pool opens one for each that finds none free, and closes it afterwards."""
    # However slow the machine of the test is.
    monkeypatch.setattr(patient_pool, "PATIENCE_SECONDS", 60.0)
    asking = Barrier(CROWD + 1)

    def ask() -> None:
        asking.wait()
        database.ping()

    with ThreadPoolExecutor(CROWD) as crowd, ExitStack() as held:
        for _ in range(KEPT):
            held.enter_context(database.engine.connect())
        asked = [crowd.submit(ask) for _ in range(CROWD)]
        asking.wait()
        held.close()
        for each in asked:
            each.result()
    assert len(opened) == KEPT


def test_where_connections_are_held_for_long_further_ones_are_opened_and_stay_meanwhile(
    database: Database, opened: list[object]
) -> None:
    """Requests that wait for locks do not keep the others from working."""
    with ExitStack() as held:
        for _ in range(KEPT):
            held.enter_context(database.engine.connect())
        for _ in range(10):
            database.ping()
        assert len(opened) == KEPT + 1
