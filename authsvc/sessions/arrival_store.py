"""The codes that carry a browser's session from one host to another, in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert

from authsvc.infra.database import Database
from authsvc.infra.schema import arrival_codes


@dataclass(frozen=True, slots=True)
class ArrivalCode:
    """What a code is good for: a session, on a site, at an origin, in the browser of this digest, until then."""

    session_id: str
    site_id: int
    origin: str
    browser_digest: bytes
    expires_at: datetime


class ArrivalStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, tenant_id: int, digest: bytes, code: ArrivalCode) -> None:
        """Keep a code by its digest."""
        with self._database.connection() as connection:
            connection.execute(
                insert(arrival_codes).values(
                    tenant_id=tenant_id,
                    digest=digest,
                    session_id=UUID(code.session_id),
                    site_id=code.site_id,
                    origin=code.origin,
                    browser_digest=code.browser_digest,
                    expires_at=code.expires_at,
                )
            )

    def take(self, tenant_id: int, digest: bytes) -> ArrivalCode | None:
        """Return a code and remove it: of several who ask at once, on whatever worker, one gets it."""
        with self._database.connection() as connection:
            row = connection.execute(
                delete(arrival_codes)
                .where(arrival_codes.c.tenant_id == tenant_id, arrival_codes.c.digest == digest)
                .returning(arrival_codes)
            ).one_or_none()
        if row is None:
            return None
        return ArrivalCode(
            str(row.session_id), row.site_id, row.origin, bytes(row.browser_digest), row.expires_at
        )

    def purge(self, before: datetime) -> int:
        """Delete codes that ran out before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(arrival_codes).where(arrival_codes.c.expires_at < before)
            ).rowcount
