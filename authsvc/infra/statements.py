"""Statements that every sign-in runs: written in SQLAlchemy's language once, and run by the driver itself.

Most of a statement's cost is SQLAlchemy's: building it, finding its cached form, wrapping cursor and rows. For what is
rarely asked that buys convenience. A sign-in or sign-up runs ten, right after its hash has pushed all code and data out
of the processor's caches, and through SQLAlchemy they took four times as long as through psycopg (docs/performance.md).
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import Insert, Select, TextClause, TextualSelect, Update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Statement:
    """One statement, its values still open."""

    def __init__(
        self,
        statement: Select[Any] | Insert | Update | TextClause | TextualSelect,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Write out `statement`. Values stand in it as `bindparam`s; an insert takes them by the names of `columns`."""
        compiled = statement.compile(dialect=_DIALECT, column_keys=columns)
        self._sql = str(compiled).encode()
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        names = [] if isinstance(statement, TextClause) else statement.exported_columns.keys()
        self._row: Any = namedtuple("Row", map(str, names)) if names else None

    def run(self, connection: psycopg.Connection[Any], values: dict[str, object]) -> list[Any]:
        """Run it with these values; return its rows, with the statement's columns as attributes.

        Values are given as psycopg takes them: JSON in `Jsonb`. Raises psycopg's errors.
        """
        cursor = connection.execute(self._sql, self._fixed | values if self._fixed else values)
        return [] if self._row is None else [self._row._make(row) for row in cursor.fetchall()]
