"""Which sessions somebody has begun to act in, as the audit trail tells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from authsvc.acting.rules import ACTED_FOR, SESSION
from authsvc.infra.audit_schema import audit_entries
from authsvc.infra.database import Database


class ActingStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def begun_by(self, tenant_id: int, actor: str, since: datetime) -> list[str]:
        """Return the ids of the sessions that `actor`, named as in the trail, has begun since then, ended or not."""
        entries = audit_entries.c
        begun = select(entries.changes).where(
            entries.tenant_id == tenant_id,
            entries.actor == actor,
            entries.action == ACTED_FOR,
            entries.at > since,
        )
        with self._database.connection() as connection:
            return [
                change["new"]
                for changes in connection.scalars(begun)
                for change in changes
                if change["field"] == SESSION
            ]
