"""Everything that is encrypted at rest, encrypted anew with the first key of the environment, beside running servers.

Which columns those are is said where tables are declared, by their type (`columns.Encrypted`). A value is replaced
only if it is still what was read, so that what a server writes meanwhile stays; what has the first key is left alone,
so that a run that was broken off is taken up by the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Column, ColumnElement, FromClause, and_, select, tuple_, update

import authsvc.infra
from authsvc.infra.columns import Encrypted
from authsvc.infra.database import Database

# Rows read at a time: a few hundred kB, and a statement of milliseconds.
BATCH = 500


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """What became of one column: how many values it holds, how many had an older key, and which no key opens."""

    name: str
    values: int
    older: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reencryption:
    """Goes over every encrypted column there is; `keys`: the first encrypts, all open."""

    database: Database
    keys: Sequence[Fernet]

    def run(self, *, only_look: bool = False) -> Iterator[ColumnReport]:
        """Encrypt with the first key what has an older one, column by column; `only_look`: count it only."""
        for column in encrypted_columns():
            yield self._column(column, only_look=only_look)

    def _column(self, column: Column[Any], *, only_look: bool) -> ColumnReport:
        values = older = 0
        unreadable: list[str] = []
        for key, sealed in self._rows(column):
            values += 1
            if _opens(self.keys[0], sealed):
                continue
            try:
                fresh = MultiFernet(self.keys).rotate(sealed)
            except InvalidToken:
                unreadable.append("/".join(map(str, key)))
                continue
            older += 1
            if not only_look:
                self._replace(column, key, sealed, fresh)
        return ColumnReport(f"{column.table.name}.{column.name}", values, older, tuple(unreadable))

    def _rows(self, column: Column[Any]) -> Iterator[tuple[tuple[Any, ...], bytes]]:
        """Return each value with the key of its row, some at a time, in the order of the keys."""
        keys = _key(column.table)
        after: tuple[Any, ...] | None = None
        while True:
            query = select(*keys, column).where(column.is_not(None)).order_by(*keys).limit(BATCH)
            if after is not None:
                query = query.where(tuple_(*keys) > tuple_(*after))
            with self.database.connection() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield tuple(row[:-1]), bytes(row[-1])
            if len(rows) < BATCH:
                return
            after = tuple(rows[-1][:-1])

    def _replace(
        self, column: Column[Any], key: tuple[Any, ...], sealed: bytes, fresh: bytes
    ) -> None:
        is_row = [each == value for each, value in zip(_key(column.table), key, strict=True)]
        with self.database.connection() as connection:
            connection.execute(
                update(column.table)
                .where(and_(*is_row, column == sealed))
                .values({column.name: fresh})
            )


def encrypted_columns() -> list[Column[Any]]:
    """Return every column that holds what is encrypted, of all tables that are declared in this folder."""
    for module in iter_modules(authsvc.infra.__path__):
        if module.name.endswith("schema"):
            import_module(f"authsvc.infra.{module.name}")
    # Imported here, for all of the above adds to it.
    from authsvc.infra.schema import metadata  # noqa: PLC0415  see above

    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    ]


def _key(table: FromClause) -> list[ColumnElement[Any]]:
    return list(table.primary_key)


def _opens(key: Fernet, sealed: bytes) -> bool:
    try:
        key.decrypt(sealed)
    except InvalidToken:
        return False
    return True
