"""Staff sessions in PostgreSQL: asked at every page, so that an end is in force at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, exists, insert, or_, select, true, update

from authsvc.infra.database import Database
from authsvc.infra.staff_schema import staff_sessions
from authsvc.staff.rules import StaffSession, StaffSessionEnd


class StaffSessionStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, session: StaffSession, digest: bytes) -> None:
        """Keep a new session, known by its token's digest."""
        with self._database.connection() as connection:
            connection.execute(
                insert(staff_sessions).values(
                    tenant_id=session.tenant_id,
                    id=UUID(session.id),
                    staff_user_id=session.staff_user_id,
                    digest=digest,
                    opened_at=session.opened_at,
                    second_factor_at=session.second_factor_at,
                    last_used_at=session.last_used_at,
                    expires_at=session.expires_at,
                    remote_address=session.remote_address,
                    user_agent=session.user_agent,
                )
            )

    def by_digest(self, tenant_id: int, digest: bytes) -> StaffSession | None:
        """Return the session of a token."""
        return self._one(tenant_id, staff_sessions.c.digest == digest)

    def held(self, tenant_id: int, session_id: str) -> StaffSession | None:
        """Within a transaction, return a session and hold it."""
        return self._one(tenant_id, staff_sessions.c.id == UUID(session_id), held=True)

    def open_sessions(
        self, tenant_id: int, staff_user_id: int, now: datetime
    ) -> list[StaffSession]:
        """List a staff user's sessions that have neither ended nor run out, the latest first."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(staff_sessions)
                .where(
                    *_of(tenant_id, staff_user_id),
                    staff_sessions.c.ended_at.is_(None),
                    staff_sessions.c.expires_at > now,
                )
                .order_by(staff_sessions.c.opened_at.desc(), staff_sessions.c.id)
            ).all()
        return [_session(row) for row in rows]

    def touch(self, tenant_id: int, session_id: str, now: datetime, address: str | None) -> None:
        """Note that a session is in use, and from where."""
        self._set(tenant_id, session_id, last_used_at=now, remote_address=address)

    def prove(
        self, tenant_id: int, session_id: str, digest: bytes, now: datetime, expires_at: datetime
    ) -> None:
        """Note the second factor, and give the session a new token: the one from before is void."""
        self._set(
            tenant_id,
            session_id,
            digest=digest,
            second_factor_at=now,
            last_used_at=now,
            expires_at=expires_at,
            enrolment_secret_encrypted=None,
        )

    def set_enrolment(self, tenant_id: int, session_id: str, secret_encrypted: bytes) -> None:
        """Keep the secret of a second factor that is shown and not yet confirmed."""
        self._set(tenant_id, session_id, enrolment_secret_encrypted=secret_encrypted)

    def enrolment(self, tenant_id: int, session_id: str) -> bytes | None:
        """Return the encrypted secret of a second factor that is shown and not yet confirmed."""
        with self._database.connection() as connection:
            secret = connection.execute(
                select(staff_sessions.c.enrolment_secret_encrypted).where(
                    staff_sessions.c.tenant_id == tenant_id,
                    staff_sessions.c.id == UUID(session_id),
                )
            ).scalar_one_or_none()
        return None if secret is None else bytes(secret)

    def end(
        self,
        tenant_id: int,
        staff_user_id: int,
        reason: StaffSessionEnd,
        now: datetime,
        *,
        only: str | None = None,
        spare: str | None = None,
    ) -> int:
        """End a staff user's sessions: all, `only` one, or all but the one to `spare`; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                update(staff_sessions)
                .where(
                    *_of(tenant_id, staff_user_id),
                    staff_sessions.c.ended_at.is_(None),
                    staff_sessions.c.id == UUID(only) if only else true(),
                    staff_sessions.c.id != UUID(spare) if spare else true(),
                )
                .values(ended_at=now, end_reason=reason.value, enrolment_secret_encrypted=None)
            ).rowcount

    def is_familiar(
        self,
        tenant_id: int,
        staff_user_id: int,
        address: str,
        since: datetime,
        *,
        second_factor: bool,
    ) -> bool:
        """Tell whether a staff user has signed in from an address lately; with `second_factor`, all the way."""
        with self._database.connection() as connection:
            return connection.execute(
                select(
                    exists().where(
                        *_of(tenant_id, staff_user_id),
                        staff_sessions.c.remote_address == address,
                        staff_sessions.c.opened_at >= since,
                        staff_sessions.c.second_factor_at.is_not(None) if second_factor else true(),
                    )
                )
            ).scalar_one()

    def purge(self, before: datetime) -> int:
        """Delete sessions that ended or ran out before that moment; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(staff_sessions).where(
                    or_(
                        staff_sessions.c.expires_at < before,
                        staff_sessions.c.ended_at < before,
                    )
                )
            ).rowcount

    def _one(
        self, tenant_id: int, which: ColumnElement[bool], *, held: bool = False
    ) -> StaffSession | None:
        query = select(staff_sessions).where(staff_sessions.c.tenant_id == tenant_id, which)
        with self._database.connection() as connection:
            row = connection.execute(query.with_for_update() if held else query).one_or_none()
        return None if row is None else _session(row)

    def _set(self, tenant_id: int, session_id: str, **values: Any) -> None:  # noqa: ANN401  columns
        with self._database.connection() as connection:
            connection.execute(
                update(staff_sessions)
                .where(
                    staff_sessions.c.tenant_id == tenant_id,
                    staff_sessions.c.id == UUID(session_id),
                )
                .values(**values)
            )


def _of(tenant_id: int, staff_user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        staff_sessions.c.tenant_id == tenant_id,
        staff_sessions.c.staff_user_id == staff_user_id,
    )


def _session(row: Row[Any]) -> StaffSession:
    return StaffSession(
        row.tenant_id,
        str(row.id),
        row.staff_user_id,
        row.opened_at,
        row.second_factor_at,
        row.last_used_at,
        row.expires_at,
        row.remote_address,
        row.user_agent,
        row.ended_at is not None,
    )
