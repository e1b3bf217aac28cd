"""Audit entries in PostgreSQL: written in the transaction of what they tell of, read page by page, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Row, column, func, insert, select, true
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.audit.rules import AuditEntry, Change, NewEntry
from authsvc.callers import Caller
from authsvc.infra.audit_schema import audit_entries
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.statements import Statement

_NOTE = Statement(
    insert(audit_entries),
    [column.key for column in audit_entries.c if column.key not in ("id", "redacted_at")],
)


def entries_for(source: str, also: str) -> str:
    """Return SQL that adds an entry for each row of `source`, for a statement that writes what it tells of as well.

    Its values are those of `values_for`. `also`: an SQL array of further changes, which `source` knows.
    """
    return f"""
        INSERT INTO audit_entries (tenant_id, at, actor, application, site_id, remote_address, correlation_id,
            action, subject, changes)
        SELECT tenant_id, CAST(:entry_at AS timestamptz), :entry_actor,
            CAST(:entry_application AS text), CAST(:entry_site_id AS bigint), CAST(:entry_remote_address AS text),
            CAST(:entry_correlation_id AS text), :entry_action, :entry_subject,
            CAST(:entry_changes AS jsonb) || {also}
        FROM {source}"""  # noqa: S608  neither is anybody's input


def values_for(new: NewEntry, at: datetime) -> dict[str, object]:
    """Return the values of a statement with `entries_for` in it."""
    return {
        f"entry_{name}": value for name, value in _values(new, at).items() if name != "tenant_id"
    }


def _values(new: NewEntry, at: datetime) -> dict[str, object]:
    caller = new.caller
    return {
        "tenant_id": caller.tenant_id,
        "at": at,
        "actor": caller.name,
        "application": caller.application,
        "site_id": caller.site_id,
        "remote_address": caller.remote_address,
        "correlation_id": caller.correlation_id,
        "action": new.action,
        "subject": new.subject,
        "changes": Jsonb(
            [{"field": c.field, "old": _plain(c.old), "new": _plain(c.new)} for c in new.changes]
        ),
    }


class AuditTrail:
    """Adds entries to the trail, and reads them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Write to `database` at the time of `clock`."""
        self._database = database
        self._clock = clock

    def note(
        self, caller: Caller, action: str, subject: str, changes: Sequence[Change] = ()
    ) -> None:
        """Add that `caller` did `action` (`account.updated`) to `subject` (`account:1001`)."""
        new = NewEntry(caller, action, subject, changes)
        self._database.run(_NOTE, **_values(new, self._clock()))

    def entries(
        self, tenant_id: int, subject: str, start_index: int, size: int
    ) -> tuple[list[AuditEntry], int]:
        """Return the entries about `subject`, newest first, `size` from that one on, and how many there are."""
        about = (audit_entries.c.tenant_id == tenant_id, audit_entries.c.subject == subject)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(audit_entries).where(*about)
            ).scalar_one()
            rows = connection.execute(
                select(audit_entries)
                .where(*about)
                .order_by(audit_entries.c.id.desc())
                .offset(start_index)
                .limit(size)
            ).all()
        return [
            _entry(row, [Change(c["field"], c["old"], c["new"]) for c in row.changes])
            for row in rows
        ], total

    def changed_fields(
        self, tenant_id: int, subject: str, start_index: int, size: int
    ) -> tuple[list[AuditEntry], int]:
        """Return the entries about `subject` field by field: each with one change, or none where nothing changed.

        Newest first, `size` from that one on, and how many there are.
        """
        about = (audit_entries.c.tenant_id == tenant_id, audit_entries.c.subject == subject)
        changes = (
            func.jsonb_array_elements(audit_entries.c.changes)
            .table_valued(column("value", JSONB), with_ordinality="place", joins_implicitly=True)
            .render_derived()
        )
        joined = audit_entries.outerjoin(changes, true())
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(joined).where(*about)
            ).scalar_one()
            rows = connection.execute(
                select(audit_entries, changes.c.value.label("one"))
                .select_from(joined)
                .where(*about)
                .order_by(audit_entries.c.id.desc(), changes.c.place)
                .offset(start_index)
                .limit(size)
            ).all()
        return [
            _entry(
                row, [Change(row.one["field"], row.one["old"], row.one["new"])] if row.one else []
            )
            for row in rows
        ], total


def _entry(row: Row[Any], changes: Sequence[Change]) -> AuditEntry:
    return AuditEntry(
        row.id, row.at, row.actor, row.application, row.site_id, row.action, tuple(changes)
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
