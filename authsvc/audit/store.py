"""Audit entries in PostgreSQL: written in the transaction of what they tell of, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from psycopg.types.json import Jsonb
from sqlalchemy import insert

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.schema import audit_entries
from authsvc.infra.statements import Statement

_NOTE = Statement(
    insert(audit_entries), [column.key for column in audit_entries.c if column.key != "id"]
)


class AuditTrail:
    """Adds entries to the trail."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Write to `database` at the time of `clock`."""
        self._database = database
        self._clock = clock

    def note(
        self, caller: Caller, action: str, subject: str, changes: Sequence[Change] = ()
    ) -> None:
        """Add that `caller` did `action` (`account.updated`) to `subject` (`account:1001`)."""
        self._database.run(
            _NOTE,
            tenant_id=caller.tenant_id,
            at=self._clock(),
            actor=caller.name,
            application=caller.application,
            site_id=caller.site_id,
            remote_address=caller.remote_address,
            correlation_id=caller.correlation_id,
            action=action,
            subject=subject,
            changes=Jsonb(
                [{"field": c.field, "old": _plain(c.old), "new": _plain(c.new)} for c in changes]
            ),
        )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
