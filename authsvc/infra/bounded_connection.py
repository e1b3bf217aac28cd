"""Connections to PostgreSQL that are given up when it does not answer: a server that hangs refuses nothing.

Its own time-outs are kept by itself, and one that stands still, or waits for its disk, keeps none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

Answer = TypeVar("Answer")

# Seconds. Longer than the server lets a statement last (`database.STATEMENT_TIMEOUT_MS`), which then says so itself.
ANSWER_SECONDS = 17.0
# A check that cannot be decided is better refused than waited for; its statements take a millisecond.
CHECK_SECONDS = 2.0
# How often a wait is looked at, in seconds: psycopg's own.
_LOOK_SECONDS = 0.1

_answer_within: ContextVar[float] = ContextVar("authsvc_answer_within", default=ANSWER_SECONDS)


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Wait no longer than this for each answer on connections that are taken from a pool in the block."""
    token = _answer_within.set(seconds)
    try:
        yield
    finally:
        _answer_within.reset(token)


def lift_bound(connection: Connection) -> None:
    """Wait for each answer as long as it takes, until the connection is given back to its pool."""
    driver: Any = connection.connection.driver_connection
    driver.answer_within = None


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server has not answered in time; raises `psycopg.OperationalError`."""

    #: Seconds; None for as long as it takes.
    answer_within: float | None = ANSWER_SECONDS

    def wait(
        self, gen: PQGen[Answer], interval: float = _LOOK_SECONDS, timeout: float | None = None
    ) -> Answer:
        """Wait for whatever is asked on the connection, as psycopg does for each of its methods."""
        try:
            return super().wait(gen, interval, self.answer_within if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # What it answers one day is the answer to another question.
                self.pgconn.finish()
            raise

    def take(self) -> None:
        """Begin to be used by whoever has taken it from a pool, by the bound that holds for them."""
        self.answer_within = _answer_within.get()
