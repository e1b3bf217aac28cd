"""Browsers' sessions and the cookies that show them, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, false, insert, or_, select, text

from authsvc.customer_sets.rules import Site
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, session_tokens, sessions
from authsvc.sessions.rules import Holder, SessionRecord

# In one order, and without waiting for a cookie that another process is busy with: that one puts it off as well.
# Who noted the use may have gone by an old copy; what was put off since is left alone.
_PUT_OFF = text("""
    WITH used AS (
        SELECT * FROM unnest(
            CAST(:digests AS bytea[]), CAST(:used_at AS timestamptz[]), CAST(:until AS timestamptz[]),
            CAST(:stale_before AS timestamptz[])
        ) AS used (digest, used_at, until, stale_before)
    ), held AS (
        SELECT tokens.digest, LEAST(used.until, sessions.expires_at) AS until
        FROM session_tokens AS tokens
        JOIN used ON used.digest = tokens.digest
        JOIN sessions ON sessions.tenant_id = tokens.tenant_id AND sessions.id = tokens.session_id
        WHERE tokens.tenant_id = :tenant_id AND tokens.kind = 'cookie' AND sessions.ended_at IS NULL
            AND tokens.expires_at > used.used_at AND tokens.expires_at <= used.stale_before
            AND tokens.expires_at < LEAST(used.until, sessions.expires_at)
        ORDER BY tokens.digest FOR NO KEY UPDATE OF tokens SKIP LOCKED
    )
    UPDATE session_tokens AS tokens SET expires_at = held.until
    FROM held WHERE tokens.tenant_id = :tenant_id AND tokens.digest = held.digest
""")


class Use(NamedTuple):
    """A cookie was used: until when it is good now, and the end that it is not worth changing if it is later."""

    digest: bytes
    used_at: datetime
    until: datetime
    stale_before: datetime


class BrowserSessionStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self,
        site: Site,
        session_id: UUID,
        holder: Holder,
        methods: tuple[str, ...],
        opened_at: datetime,
        expires_at: datetime,
        *,
        remembered: bool,
    ) -> None:
        """Keep a browser's session opened on `site`; its cookie follows."""
        with self._database.connection() as connection:
            connection.execute(
                insert(sessions).values(
                    tenant_id=site.tenant_id,
                    id=session_id,
                    account_id=holder.account_id,
                    user_id=holder.user_id,
                    customer_set_code=site.customer_set,
                    site_id=site.id,
                    methods=list(methods),
                    opened_at=opened_at,
                    expires_at=expires_at,
                    remembered=remembered,
                )
            )

    def add_cookie(
        self,
        tenant_id: int,
        session_id: UUID,
        digest: bytes,
        issued_at: datetime,
        expires_at: datetime,
    ) -> None:
        """Keep one more cookie of a session: each host has its own."""
        with self._database.connection() as connection:
            connection.execute(
                insert(session_tokens).values(
                    tenant_id=tenant_id,
                    digest=digest,
                    session_id=session_id,
                    kind="cookie",
                    issued_at=issued_at,
                    expires_at=expires_at,
                )
            )

    def held(self, tenant_id: int, session_id: UUID) -> SessionRecord | None:
        """Within a transaction, return a browser's session and hold it: who ends it meanwhile sees what this makes."""
        usable = or_(
            sessions.c.account_id.is_(None),
            and_(accounts.c.is_active, accounts.c.is_locked == false()),
        )
        query = (
            select(
                sessions, accounts.c.customer_set_code.label("account_set"), usable.label("usable")
            )
            .outerjoin(
                accounts,
                and_(
                    accounts.c.tenant_id == sessions.c.tenant_id,
                    accounts.c.id == sessions.c.account_id,
                ),
            )
            .where(
                sessions.c.tenant_id == tenant_id,
                sessions.c.id == session_id,
                sessions.c.remembered.is_not(None),
            )
            .with_for_update(of=sessions)
        )
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return SessionRecord(
            row.tenant_id,
            str(row.id),
            row.account_id,
            row.user_id,
            row.account_set or row.customer_set_code,
            row.site_id,
            tuple(row.methods),
            row.opened_at,
            row.expires_at,
            row.expires_at,
            row.ended_at is not None,
            bool(row.usable),
            row.remembered,
        )

    def put_off(self, tenant_id: int, uses: Sequence[Use]) -> int:
        """Let cookies that were good when they were used last longer, up to their session's end.

        Those that end after `stale_before` are left as they are. Returns how many were put off.
        """
        with self._database.connection() as connection:
            return connection.execute(
                _PUT_OFF,
                {
                    "tenant_id": tenant_id,
                    "digests": [use.digest for use in uses],
                    "used_at": [use.used_at for use in uses],
                    "until": [use.until for use in uses],
                    "stale_before": [use.stale_before for use in uses],
                },
            ).rowcount
