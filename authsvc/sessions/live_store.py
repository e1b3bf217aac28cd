"""An account's sessions that somebody could still go on with, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from authsvc.infra.database import Database
from authsvc.infra.schema import session_tokens, sessions
from authsvc.sessions.rules import LiveSession


class LiveSessionStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def of_account(self, tenant_id: int, account_id: int, now: datetime) -> list[LiveSession]:
        """Return the account's sessions that have not ended and have a token that is good at `now`, newest first."""
        good_until, issued_at = (
            select(func.max(moment))
            .where(
                session_tokens.c.tenant_id == sessions.c.tenant_id,
                session_tokens.c.session_id == sessions.c.id,
                session_tokens.c.replaced_at.is_(None),
            )
            .scalar_subquery()
            for moment in (session_tokens.c.expires_at, session_tokens.c.issued_at)
        )
        query = (
            select(
                sessions.c.id,
                sessions.c.site_id,
                sessions.c.methods,
                sessions.c.opened_at,
                good_until.label("good_until"),
                sessions.c.expires_at,
                issued_at.label("issued_at"),
                sessions.c.remembered,
                sessions.c.device_id,
            )
            .where(
                sessions.c.tenant_id == tenant_id,
                sessions.c.account_id == account_id,
                sessions.c.ended_at.is_(None),
                sessions.c.expires_at > now,
                good_until > now,
            )
            .order_by(sessions.c.opened_at.desc(), sessions.c.id)
        )
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return [
            LiveSession(
                str(row.id),
                row.site_id,
                tuple(row.methods),
                row.opened_at,
                row.good_until,
                row.expires_at,
                row.issued_at,
                row.remembered,
                None if row.device_id is None else str(row.device_id),
            )
            for row in rows
        ]

    def is_of(self, tenant_id: int, account_id: int, session_id: UUID) -> bool:
        """Tell whether the session is this account's and has not been ended."""
        with self._database.connection() as connection:
            return (
                connection.execute(
                    select(sessions.c.id).where(
                        sessions.c.tenant_id == tenant_id,
                        sessions.c.account_id == account_id,
                        sessions.c.id == session_id,
                        sessions.c.ended_at.is_(None),
                    )
                ).one_or_none()
                is not None
            )
