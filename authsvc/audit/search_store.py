"""Searching the audit trail in PostgreSQL: page after page in the order of time, by the indexes of migration 0026."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, text, tuple_

from authsvc.audit.chain import StoredEntry
from authsvc.audit.entry_rows import ENTRY_COLUMNS, entry_of
from authsvc.audit.trail_query import Position, TrailQuery
from authsvc.infra.audit_schema import audit_entries
from authsvc.infra.database import Database

_ORDER = (audit_entries.c.at, audit_entries.c.id)
# Of a few dozen kinds among millions of entries, each found by one look into the index.
_ACTIONS = text("""
    WITH RECURSIVE kinds AS (
        (SELECT action FROM audit_entries WHERE tenant_id = :tenant_id ORDER BY action LIMIT 1)
        UNION ALL
        SELECT (SELECT action FROM audit_entries WHERE tenant_id = :tenant_id AND action > kinds.action
                ORDER BY action LIMIT 1)
        FROM kinds WHERE kinds.action IS NOT NULL
    )
    SELECT action FROM kinds WHERE action IS NOT NULL
""")


class TrailSearch:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def page(
        self,
        tenant_id: int,
        wanted: TrailQuery,
        size: int,
        beyond: Position | None = None,
        *,
        newest_first: bool = True,
    ) -> list[StoredEntry]:
        """Return so many entries beyond a position, or from the beginning; the newest, or the oldest, first."""
        query = select(*ENTRY_COLUMNS).where(
            audit_entries.c.tenant_id == tenant_id, *_clauses(wanted)
        )
        here = tuple_(*_ORDER)
        query = query.order_by(*(each.desc() if newest_first else each for each in _ORDER))
        if beyond is not None:
            there = tuple_(beyond.at, beyond.id)
            query = query.where(here < there if newest_first else here > there)
        with self._database.connection() as connection:
            return [entry_of(row) for row in connection.execute(query.limit(size))]

    def actions(self, tenant_id: int) -> list[str]:
        """Return the kinds of acts that the trail tells of."""
        with self._database.connection() as connection:
            return list(connection.scalars(_ACTIONS, {"tenant_id": tenant_id}))


def _clauses(wanted: TrailQuery) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        actor = audit_entries.c.actor
        clauses.append(or_(actor == wanted.actor, _begins(actor, f"{wanted.actor} as ")))
    if wanted.subject is not None:
        clauses.append(audit_entries.c.subject == wanted.subject)
    if wanted.action is not None:
        clauses.append(audit_entries.c.action == wanted.action)
    if wanted.remote_address is not None:
        address = audit_entries.c.remote_address
        part = wanted.remote_address.endswith((".", ":"))
        begins = _begins(address, wanted.remote_address)
        clauses.append(begins if part else address == wanted.remote_address)
    if wanted.site_id is not None:
        clauses.append(audit_entries.c.site_id == wanted.site_id)
    clauses.extend(_between(wanted.since, wanted.until))
    return clauses


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    at = audit_entries.c.at
    return [
        *([] if since is None else [at >= since]),
        *([] if until is None else [at < until]),
    ]


def _begins(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    return and_(column.is_not(None), column.startswith(words, autoescape=True))
