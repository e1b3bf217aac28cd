"""What a look-up by a token reads in PostgreSQL, and the record that becomes of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, and_, false, or_, select

from authsvc.infra.schema import accounts, session_tokens, sessions
from authsvc.sessions.rules import SessionRecord

# What sessions are checked by; a token's text says which of the two it is.
SHOWN = ("access", "cookie")


def tokens_with_sessions(*kinds: str) -> Select[Any]:
    """Select tokens of these kinds with sessions and accounts; the caller adds which, and of which tenant."""
    usable = or_(
        sessions.c.account_id.is_(None), and_(accounts.c.is_active, accounts.c.is_locked == false())
    )
    return (
        select(
            sessions,
            accounts.c.customer_set_code.label("account_set"),
            usable.label("account_is_usable"),
            session_tokens.c.digest,
            session_tokens.c.expires_at.label("token_expires_at"),
            session_tokens.c.replaced_at,
            session_tokens.c.successor_salt,
        )
        .select_from(session_tokens)
        .join(
            sessions,
            and_(
                sessions.c.tenant_id == session_tokens.c.tenant_id,
                sessions.c.id == session_tokens.c.session_id,
            ),
        )
        .outerjoin(
            accounts,
            and_(
                accounts.c.tenant_id == sessions.c.tenant_id, accounts.c.id == sessions.c.account_id
            ),
        )
        # Not IN, which SQLAlchemy writes out only when it runs a statement itself.
        .where(or_(*(session_tokens.c.kind == kind for kind in kinds)))
    )


def record_of(row: Row[Any]) -> SessionRecord:
    """Return the record that a selected row tells."""
    return SessionRecord(
        row.tenant_id,
        str(row.id),
        row.account_id,
        row.user_id,
        row.account_set or row.customer_set_code,
        row.site_id,
        tuple(row.methods),
        row.opened_at,
        row.token_expires_at,
        row.expires_at,
        row.ended_at is not None,
        bool(row.account_is_usable),
        row.remembered,
    )
