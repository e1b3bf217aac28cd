"""What comparing with a tenant's imported hashes costs, in PostgreSQL."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.schema import credentials, external_hash_kinds
from authsvc.password_verifiers.rules import MERCHANTS


class ExternalHashStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def kinds(self, tenant_id: int) -> dict[str, str]:
        """Return the kinds (scheme and cost) of hashes a tenant has imported, each with its decoy."""
        query = select(external_hash_kinds.c.kind, external_hash_kinds.c.decoy).where(
            external_hash_kinds.c.tenant_id == tenant_id
        )
        with self._database.connection() as connection:
            return {row.kind: row.decoy for row in connection.execute(query)}

    def add(self, tenant_id: int, kind: str, decoy: str) -> None:
        """Keep a kind that the tenant may have already."""
        with self._database.connection() as connection:
            connection.execute(
                insert(external_hash_kinds)
                .values(tenant_id=tenant_id, kind=kind, decoy=decoy)
                .on_conflict_do_nothing()
            )

    def merchants(self, tenant_id: int) -> str | None:
        """Return one of the strings that only the merchant's verifier can compare with, None if there is none."""
        query = (
            select(credentials.c.password_hash)
            .where(credentials.c.tenant_id == tenant_id, credentials.c.external_kind == MERCHANTS)
            .limit(1)
        )
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one_or_none()

    def forget_unused(self) -> int:
        """Forget kinds of which no login has a hash any more, of all tenants; returns how many."""
        in_use = (
            select(credentials.c.tenant_id)
            .where(
                credentials.c.tenant_id == external_hash_kinds.c.tenant_id,
                credentials.c.external_kind == external_hash_kinds.c.kind,
            )
            .exists()
        )
        with self._database.connection() as connection:
            return connection.execute(delete(external_hash_kinds).where(~in_use)).rowcount
