"""What sets ask, and what is known of how an account signs in, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.schema import credentials
from authsvc.infra.second_factor_schema import (
    authenticator_apps,
    second_factor_policies,
    sign_in_regions,
)
from authsvc.infra.statements import Statement
from authsvc.second_factor.rules import Policy, Requirement

# Every sign-in asks both at once.
_STANDING = Statement(
    select(
        select(second_factor_policies.c.requirement)
        .where(
            second_factor_policies.c.tenant_id == bindparam("tenant_id"),
            second_factor_policies.c.customer_set_code == bindparam("customer_set"),
        )
        .scalar_subquery()
        .label("requirement"),
        exists(
            select(literal(1)).where(
                authenticator_apps.c.tenant_id == bindparam("tenant_id"),
                authenticator_apps.c.account_id == bindparam("account_id"),
            )
        ).label("has_app"),
    )
)


class SecondFactorStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def policy(self, tenant_id: int, customer_set: str) -> Policy | None:
        """Return what a set asks, or None where it was never told."""
        policies = second_factor_policies
        with self._database.connection() as connection:
            row = connection.execute(
                select(policies.c.requirement, policies.c.sign_in_codes).where(
                    policies.c.tenant_id == tenant_id,
                    policies.c.customer_set_code == customer_set,
                )
            ).one_or_none()
        return None if row is None else Policy(Requirement(row.requirement), row.sign_in_codes)

    def set_policy(self, tenant_id: int, code: str, policy: Policy) -> None:
        """Give a set its policy."""
        values = {"requirement": policy.requirement, "sign_in_codes": policy.sign_in_codes}
        made = insert(second_factor_policies).values(
            tenant_id=tenant_id, customer_set_code=code, **values
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "customer_set_code"], set_=values
                )
            )

    def standing(
        self, tenant_id: int, code: str, account_id: int
    ) -> tuple[Requirement, bool] | None:
        """Return what the set `code` asks, and whether the account has an authenticator app; None for neither."""
        (row,) = self._database.run(
            _STANDING, tenant_id=tenant_id, customer_set=code, account_id=account_id
        )
        if row.requirement is None and not row.has_app:
            return None
        return Requirement(row.requirement or Requirement.OFF), row.has_app

    def region(self, tenant_id: int, account_id: int) -> bytes | None:
        """Return the digest of the region that an account has signed in from last, if that is known."""
        query = select(sign_in_regions.c.digest).where(
            sign_in_regions.c.tenant_id == tenant_id,
            sign_in_regions.c.account_id == account_id,
        )
        with self._database.connection() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else bytes(found)

    def note_region(self, tenant_id: int, account_id: int, digest: bytes, now: datetime) -> None:
        """Keep the region that an account signs in from."""
        made = insert(sign_in_regions).values(
            tenant_id=tenant_id, account_id=account_id, digest=digest, seen_at=now
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "account_id"],
                    set_={"digest": digest, "seen_at": now},
                )
            )

    def note_given(self, tenant_id: int, account_id: int, now: datetime) -> None:
        """Keep when a login's second factor was given last ([K] 2.6: `last2FaDate`)."""
        with self._database.connection() as connection:
            connection.execute(
                update(credentials)
                .where(
                    credentials.c.tenant_id == tenant_id,
                    credentials.c.account_id == account_id,
                )
                .values(last_second_factor_at=now)
            )
