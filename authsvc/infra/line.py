"""One connection to PostgreSQL, kept for one kind of question that is asked again and again, by one thread at a time.

Taking a connection from a pool and giving it back costs as much as a short question itself, and who needs one may have
to wait for those who write. Each statement is a transaction by itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.pool import PoolProxiedConnection

from authsvc.infra.database import Database, is_silent, run_on, translated
from authsvc.infra.statements import Statement


class Line:
    """Opened by the first question, and again when it was lost."""

    def __init__(self, database: Database) -> None:
        """Take the one connection of `database`, which is this line's alone."""
        self._database = database
        self._pooled: PoolProxiedConnection | None = None

    def run(self, statement: Statement, **values: object) -> list[Any]:
        """Run a statement and return its rows; raises `DatabaseUnavailable` when PostgreSQL cannot be asked."""
        with translated():
            pooled = self._open()
            try:
                return run_on(pooled, statement, values)
            except BaseException:
                # Whatever it was, the next question begins anew.
                self._pooled = None
                pooled.invalidate()
                raise

    def close(self) -> None:
        """Close the connection; nobody may be asking."""
        pooled, self._pooled = self._pooled, None
        if pooled is not None:
            pooled.invalidate()
        self._database.close()

    def _open(self) -> PoolProxiedConnection:
        pooled = self._pooled
        if pooled is not None:
            if pooled.is_valid and is_silent(pooled.driver_connection):
                return pooled
            self._pooled = None
            pooled.invalidate()
        pooled = self._database.engine.raw_connection()
        driver: Any = pooled.driver_connection
        driver.autocommit = True
        self._pooled = pooled
        return pooled
