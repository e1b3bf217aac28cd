"""Which sets ask for confirmed addresses, and which addresses are, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.recovery_schema import email_verification_policies, verified_addresses


class VerificationStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def policy(self, tenant_id: int, customer_set: str) -> str | None:
        """Return a set's policy, or None where it was never given one."""
        policies = email_verification_policies
        with self._database.connection() as connection:
            return connection.execute(
                select(policies.c.policy).where(
                    policies.c.tenant_id == tenant_id,
                    policies.c.customer_set_code == customer_set,
                )
            ).scalar_one_or_none()

    def set_policy(self, tenant_id: int, code: str, policy: str) -> None:
        """Give a set its policy."""
        made = insert(email_verification_policies).values(
            tenant_id=tenant_id, customer_set_code=code, policy=policy
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "customer_set_code"], set_={"policy": policy}
                )
            )

    def verified_key(self, tenant_id: int, account_id: int) -> str | None:
        """Return the address of an account that was confirmed last, by its key."""
        with self._database.connection() as connection:
            return connection.execute(
                select(verified_addresses.c.email_key).where(
                    verified_addresses.c.tenant_id == tenant_id,
                    verified_addresses.c.account_id == account_id,
                )
            ).scalar_one_or_none()

    def note_verified(self, tenant_id: int, account_id: int, email_key: str, now: datetime) -> None:
        """Keep that an address was confirmed."""
        made = insert(verified_addresses).values(
            tenant_id=tenant_id, account_id=account_id, email_key=email_key, verified_at=now
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "account_id"],
                    set_={"email_key": email_key, "verified_at": now},
                )
            )
