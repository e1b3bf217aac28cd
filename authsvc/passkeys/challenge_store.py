"""Challenges that were used, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.passkey_schema import spent_passkey_challenges


class ChallengeStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def spend(self, tenant_id: int, digest: bytes, expires_at: datetime) -> bool:
        """Keep that a challenge was used; tells whether it was before. Of several who ask at once, one hears no."""
        spent = insert(spent_passkey_challenges).values(
            tenant_id=tenant_id, digest=digest, expires_at=expires_at
        )
        with self._database.connection() as connection:
            kept = connection.execute(
                spent.on_conflict_do_nothing().returning(spent_passkey_challenges.c.digest)
            )
            return kept.first() is None

    def purge(self, before: datetime) -> int:
        """Delete challenges that would have run out before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(spent_passkey_challenges).where(
                    spent_passkey_challenges.c.expires_at < before
                )
            ).rowcount
