"""Sessions that were opened long ago, for tests of what wants a fresh sign-in."""

from __future__ import annotations

from sqlalchemy import text

from tests.merchants import Merchant

_AGE = text(
    "UPDATE sessions SET opened_at = opened_at - interval '1 hour', proven_at = proven_at - interval '1 hour' "
    "WHERE tenant_id = :tenant_id"
)


def let_sign_ins_age(merchant: Merchant) -> None:
    """Let all sessions of a merchant's shoppers be an hour older than they are."""
    with merchant.services.database.connection() as connection:
        connection.execute(_AGE, {"tenant_id": merchant.tenant_id})
