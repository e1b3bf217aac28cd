"""Merchants' verifiers in PostgreSQL; what they are signed with is encrypted."""

from __future__ import annotations

from cryptography.fernet import MultiFernet
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.password_schema import password_verifiers
from authsvc.password_verifiers.rules import Verifier


class VerifierStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database, encryption: MultiFernet) -> None:
        """Ask `database`; secrets are encrypted by `encryption`."""
        self._database = database
        self._encryption = encryption

    def verifier(self, tenant_id: int) -> Verifier | None:
        """Return a tenant's verifier, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(password_verifiers).where(password_verifiers.c.tenant_id == tenant_id)
            ).one_or_none()
        if row is None:
            return None
        secret = self._encryption.decrypt(row.secret_encrypted)
        return Verifier(
            row.tenant_id, row.url, secret, row.in_own_network, row.authorities, row.updated_at
        )

    def keep(self, verifier: Verifier) -> None:
        """Keep a tenant's verifier in place of the one there was."""
        values = {
            "url": verifier.url,
            "secret_encrypted": self._encryption.encrypt(verifier.secret),
            "in_own_network": verifier.in_own_network,
            "authorities": verifier.authorities,
            "updated_at": verifier.updated_at,
        }
        made = insert(password_verifiers).values(tenant_id=verifier.tenant_id, **values)
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(index_elements=["tenant_id"], set_=values)
            )

    def remove(self, tenant_id: int) -> bool:
        """Forget a tenant's verifier; tells whether there was one."""
        with self._database.connection() as connection:
            return bool(
                connection.execute(
                    delete(password_verifiers).where(password_verifiers.c.tenant_id == tenant_id)
                ).rowcount
            )
