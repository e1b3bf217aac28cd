"""What customer sets ask of new passwords, in PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.infra.database import Database
from authsvc.infra.password_schema import password_policies


class PasswordPolicyStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def policy(self, tenant_id: int, customer_set: str) -> PasswordPolicy | None:
        """Return a set's policy, or None where it was never given one."""
        policies = password_policies
        with self._database.connection() as connection:
            row = connection.execute(
                select(policies).where(
                    policies.c.tenant_id == tenant_id,
                    policies.c.customer_set_code == customer_set,
                )
            ).one_or_none()
        if row is None:
            return None
        return PasswordPolicy(
            row.minimum_length,
            row.minimum_digits,
            row.minimum_letters,
            row.refuses_common,
            row.refuses_similar,
        )

    def set_policy(self, tenant_id: int, code: str, policy: PasswordPolicy) -> None:
        """Give a set its policy."""
        made = insert(password_policies).values(
            tenant_id=tenant_id, customer_set_code=code, **asdict(policy)
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "customer_set_code"], set_=asdict(policy)
                )
            )
