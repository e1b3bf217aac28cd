"""Failed attempts of staff, counted in PostgreSQL before the attempt is judged: guesses at once all count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.clock import Clock
from authsvc.infra.database import Database, Transaction
from authsvc.infra.staff_schema import staff_attempts
from authsvc.staff.attempt_rules import Count, Counter, TooManyStaffAttempts


class StaffAttempts:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database, transaction: Transaction, clock: Clock) -> None:
        """Count in `database`, by the time of `clock`."""
        self._database = database
        self._transaction = transaction
        self._clock = clock

    def begin(self, tenant_id: int, counters: Sequence[Counter]) -> None:
        """Count an attempt as failed until it turns out otherwise.

        Raises `TooManyStaffAttempts`, and counts nothing, when one of the counters says to wait.
        """
        now = self._clock()
        free = {counter.key: counter.free for counter in counters}
        with self._transaction(), self._database.connection() as connection:
            connection.execute(
                insert(staff_attempts)
                .values([_fresh(tenant_id, key, now) for key in sorted(free)])
                .on_conflict_do_nothing()
            )
            rows = connection.execute(
                select(staff_attempts)
                .where(_these(tenant_id, list(free)))
                .order_by(
                    staff_attempts.c.key
                )  # one order for all, so that no two wait for each other
                .with_for_update()
            ).all()
            counts = {bytes(row.key): Count(row.failures, row.last_at) for row in rows}
            wait = max(count.wait(free[key], now) for key, count in counts.items())
            if wait:
                raise TooManyStaffAttempts(max(1, round(wait.total_seconds())))
            for key, count in counts.items():
                connection.execute(
                    update(staff_attempts)
                    .where(_these(tenant_id, [key]))
                    .values(failures=count.failures_at(now) + 1, last_at=now)
                )

    def succeed(self, tenant_id: int, forget: Sequence[Counter], refund: Sequence[Counter]) -> None:
        """Count `forget` anew from nothing, and take back one attempt from `refund`."""
        with self._database.connection() as connection:
            for keys, failures in (
                (forget, 0),
                (refund, func.greatest(staff_attempts.c.failures - 1, 0)),
            ):
                connection.execute(
                    update(staff_attempts)
                    .where(_these(tenant_id, [counter.key for counter in keys]))
                    .values(failures=failures)
                )

    def purge(self, before: datetime) -> int:
        """Delete what was counted last before that moment; returns how many counters."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(staff_attempts).where(staff_attempts.c.last_at < before)
            ).rowcount


def _these(tenant_id: int, keys: list[bytes]) -> ColumnElement[bool]:
    return and_(staff_attempts.c.tenant_id == tenant_id, staff_attempts.c.key.in_(keys))


def _fresh(tenant_id: int, key: bytes, now: datetime) -> dict[str, object]:
    return {"tenant_id": tenant_id, "key": key, "failures": 0, "last_at": now}
