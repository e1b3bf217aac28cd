"""When the holders of sessions last proved who they are, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update

from authsvc.infra.database import Database
from authsvc.infra.schema import session_tokens, sessions


class FreshnessStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def proven_at(self, tenant_id: int, session_id: UUID) -> datetime | None:
        """Return when the holder of a session that goes on last proved who they are; None if there is none."""
        query = select(func.coalesce(sessions.c.proven_at, sessions.c.opened_at)).where(
            sessions.c.tenant_id == tenant_id,
            sessions.c.id == session_id,
            sessions.c.ended_at.is_(None),
        )
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one_or_none()

    def prove(self, tenant_id: int, session_id: UUID, now: datetime) -> None:
        """Keep that the holder of a session has proved who they are."""
        with self._database.connection() as connection:
            connection.execute(
                update(sessions)
                .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session_id)
                .values(proven_at=now)
            )

    def drop_cookie(self, tenant_id: int, digest: bytes) -> bool:
        """Let a cookie show its session no longer; tells whether it did."""
        with self._database.connection() as connection:
            done = connection.execute(
                delete(session_tokens).where(
                    session_tokens.c.tenant_id == tenant_id,
                    session_tokens.c.digest == digest,
                    session_tokens.c.kind == "cookie",
                )
            )
        return done.rowcount > 0
