"""Sessions and their tokens in PostgreSQL, the record that survives everything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from authsvc.customer_sets.rules import Site
from authsvc.infra.database import Database
from authsvc.infra.schema import session_tokens, sessions
from authsvc.infra.statements import Statement
from authsvc.sessions.rules import EndReason, Holder, IssuedTokens, RefreshToken, SessionRecord
from authsvc.sessions.session_rows import SHOWN, record_of, tokens_with_sessions
from authsvc.tokens import TokenReference, digest

# A ticket's two tokens, and where it opens a session that too, go into the database in one statement.
_ACCESS, _REFRESH = (
    insert(session_tokens).values(
        tenant_id=bindparam("tenant_id"),
        digest=bindparam(f"{kind}_digest"),
        session_id=bindparam("session_id"),
        kind=kind,
        issued_at=bindparam("issued_at"),
        expires_at=bindparam(f"{kind}_expires_at"),
    )
    for kind in ("access", "refresh")
)
_SESSION = insert(sessions).values(
    tenant_id=bindparam("tenant_id"),
    id=bindparam("session_id"),
    account_id=bindparam("account_id"),
    user_id=bindparam("user_id"),
    customer_set_code=bindparam("customer_set_code"),
    site_id=bindparam("site_id"),
    methods=bindparam("methods"),
    opened_at=bindparam("issued_at"),
    expires_at=bindparam("session_expires_at"),
)
_BOTH = _REFRESH.add_cte(_ACCESS.cte("access"))
_ADD_TOKENS = Statement(_BOTH)
# What a check asks where no copy can be believed.
_SHOWN_ONE = Statement(
    tokens_with_sessions(*SHOWN).where(
        session_tokens.c.tenant_id == bindparam("tenant_id"),
        session_tokens.c.digest == bindparam("digest"),
    )
)
_OPEN = Statement(_BOTH.add_cte(_SESSION.cte("session")))


class SessionStore:
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
        issued: IssuedTokens,
    ) -> None:
        """Keep a session opened on `site`, and its first tokens."""
        self._database.run(
            _OPEN,
            account_id=holder.account_id,
            user_id=holder.user_id,
            customer_set_code=site.customer_set,
            site_id=site.id,
            methods=list(methods),
            session_expires_at=expires_at,
            **_token_values(site.tenant_id, session_id, opened_at, issued),
        )

    def add_tokens(
        self, tenant_id: int, session_id: UUID, issued_at: datetime, issued: IssuedTokens
    ) -> None:
        """Keep further tokens of a session."""
        self._database.run(_ADD_TOKENS, **_token_values(tenant_id, session_id, issued_at, issued))

    def by_shown_tokens(
        self, tokens: Sequence[TokenReference]
    ) -> dict[TokenReference, SessionRecord]:
        """Return what is known of the sessions behind access tokens and browsers' cookies; of the others, nothing."""
        if len(tokens) == 1:
            (token,) = tokens
            found = self._database.run(_SHOWN_ONE, tenant_id=token.tenant_id, digest=token.digest)
            return {token: record_of(found[0])} if found else {}
        asked = (
            func.unnest(
                cast([each.tenant_id for each in tokens], ARRAY(BigInteger)),
                cast([each.digest for each in tokens], ARRAY(LargeBinary)),
            )
            .table_valued("tenant_id", "digest", name="asked")
            .render_derived()
        )
        query = tokens_with_sessions(*SHOWN).join(
            asked,
            and_(
                session_tokens.c.tenant_id == asked.c.tenant_id,
                session_tokens.c.digest == asked.c.digest,
            ),
        )
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return {TokenReference(row.tenant_id, bytes(row.digest)): record_of(row) for row in rows}

    def refresh_token(self, token: TokenReference) -> RefreshToken | None:
        """Within a transaction, return a refresh token and hold it: nobody else uses it before the end.

        Its session is held too: who ends it meanwhile sees the tokens this makes, or this sees the end.
        """
        with self._database.connection() as connection:
            row = connection.execute(
                _session_of(token, "refresh").with_for_update(of=(session_tokens, sessions))
            ).one_or_none()
        if row is None:
            return None
        salt = row.successor_salt
        return RefreshToken(
            record_of(row), row.token_expires_at, row.replaced_at, salt and bytes(salt)
        )

    def replace(self, token: TokenReference, salt: bytes, now: datetime) -> None:
        """Note that a refresh token has its successor, made with `salt`."""
        with self._database.connection() as connection:
            connection.execute(
                update(session_tokens)
                .where(
                    session_tokens.c.tenant_id == token.tenant_id,
                    session_tokens.c.digest == token.digest,
                )
                .values(replaced_at=now, successor_salt=salt)
            )

    def expiry(self, token: TokenReference) -> datetime | None:
        """Return when a stored token runs out, or None."""
        with self._database.connection() as connection:
            return connection.execute(
                select(session_tokens.c.expires_at).where(
                    session_tokens.c.tenant_id == token.tenant_id,
                    session_tokens.c.digest == token.digest,
                )
            ).scalar_one_or_none()

    def end(
        self, tenant_id: int, session_id: UUID, reason: EndReason, now: datetime
    ) -> list[bytes]:
        """End one session; returns the digests of its tokens that copies may be kept of, which are void now."""
        return self._end(sessions.c.id == session_id, tenant_id, reason, now)

    def end_all(
        self,
        tenant_id: int,
        account_id: int,
        reason: EndReason,
        now: datetime,
        spare: UUID | None = None,
    ) -> list[bytes]:
        """End an account's sessions, all but `spare`; returns digests as `end` does."""
        mine = sessions.c.account_id == account_id
        spared = true() if spare is None else sessions.c.id != spare
        return self._end(and_(mine, spared), tenant_id, reason, now)

    def shown_tokens_of(
        self, tenant_id: int, account_ids: Sequence[int], now: datetime
    ) -> list[bytes]:
        """Within a transaction, return what `end` does of these accounts' sessions, and let no token be added."""
        with self._database.connection() as connection:
            held = connection.scalars(
                select(sessions.c.id)
                .where(
                    sessions.c.tenant_id == tenant_id,
                    sessions.c.account_id.in_(account_ids),
                    sessions.c.ended_at.is_(None),
                )
                .with_for_update()
            ).all()
        return self._shown_tokens(tenant_id, held, now)

    def purge(self, before: datetime) -> int:
        """Delete sessions that ended or ran out before that moment; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(sessions).where(
                    or_(sessions.c.expires_at < before, sessions.c.ended_at < before)
                )
            ).rowcount

    def _end(
        self, which: ColumnElement[bool], tenant_id: int, reason: EndReason, now: datetime
    ) -> list[bytes]:
        with self._database.connection() as connection:
            ended = connection.scalars(
                update(sessions)
                .where(sessions.c.tenant_id == tenant_id, which, sessions.c.ended_at.is_(None))
                .values(ended_at=now, end_reason=reason.value)
                .returning(sessions.c.id)
            ).all()
        return self._shown_tokens(tenant_id, ended, now)

    def _shown_tokens(
        self, tenant_id: int, session_ids: Sequence[UUID], now: datetime
    ) -> list[bytes]:
        """Return the digests of these sessions' unexpired access tokens, and of their cookies.

        A cookie counts however old it is: its end may have been put off since somebody read it.
        """
        if not session_ids:
            return []
        with self._database.connection() as connection:
            return _digests(
                connection.scalars(
                    select(session_tokens.c.digest).where(
                        session_tokens.c.tenant_id == tenant_id,
                        session_tokens.c.session_id.in_(session_ids),
                        or_(
                            session_tokens.c.kind == "cookie",
                            and_(
                                session_tokens.c.kind == "access", session_tokens.c.expires_at > now
                            ),
                        ),
                    )
                ).all()
            )


def _token_values(
    tenant_id: int, session_id: UUID, issued_at: datetime, issued: IssuedTokens
) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "session_id": session_id,
        "issued_at": issued_at,
        "access_digest": digest(issued.access_token),
        "access_expires_at": issued.access_expires_at,
        "refresh_digest": digest(issued.refresh_token),
        "refresh_expires_at": issued.refresh_expires_at,
    }


def _digests(values: Sequence[bytes]) -> list[bytes]:
    return [bytes(value) for value in values]


def _session_of(token: TokenReference, *kinds: str) -> Select[Any]:
    return tokens_with_sessions(*kinds).where(
        session_tokens.c.tenant_id == token.tenant_id, session_tokens.c.digest == token.digest
    )
