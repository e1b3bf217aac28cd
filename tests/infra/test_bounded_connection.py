"""A PostgreSQL that does not answer is given up, with the connection that it may answer on one day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, text

from authsvc.infra.bounded_connection import ANSWER_SECONDS, answered_within
from authsvc.infra.database import STATEMENT_TIMEOUT_MS, Database, DatabaseUnavailable
from authsvc.infra.statements import Statement
from authsvc.regrouping.moving_store import MovingStore
from authsvc.services import Services

SOON = 0.05
_SLEEP = Statement(select(func.pg_sleep(bindparam("seconds"))))
_SEVEN = Statement(select(bindparam("seven").label("seven")))


def sleep_by_statement(database: Database) -> None:
    database.run(_SLEEP, seconds=60)


def sleep_by_connection(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))


def sleep_in_a_transaction(database: Database) -> None:
    with database.transaction():
        sleep_by_connection(database)


@pytest.mark.parametrize("sleep", [sleep_by_statement, sleep_by_connection, sleep_in_a_transaction])
def test_what_is_not_answered_in_time_is_given_up_with_its_connection(
    services: Services, sleep: Callable[[Database], None]
) -> None:
    with answered_within(SOON), pytest.raises(DatabaseUnavailable):
        sleep(services.database)
    # Nobody gets the late answer, nor the short patience.
    (row,) = services.database.run(_SEVEN, seven=7)
    assert row.seven == 7
    assert bound_of(services.database) == ANSWER_SECONDS


def test_the_server_is_first_to_say_that_a_statement_takes_too_long(services: Services) -> None:
    assert STATEMENT_TIMEOUT_MS < ANSWER_SECONDS * 1000
    assert bound_of(services.database) == ANSWER_SECONDS


def test_a_large_regrouping_may_take_as_long_as_it_takes(services: Services) -> None:
    with services.database.transaction():
        MovingStore(services.database).lift_limits()
        assert bound_of(services.database) is None
    assert bound_of(services.database) == ANSWER_SECONDS


def bound_of(database: Database) -> float | None:
    """Return how long the connection waits that is in use, or the next that is."""
    with database.connection() as connection:
        driver: Any = connection.connection.driver_connection
        bound: float | None = driver.answer_within
        return bound
