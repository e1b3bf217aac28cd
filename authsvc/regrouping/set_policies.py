"""What customer sets ask of their shoppers, kept when a set is deleted, and given back when it is brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from authsvc.infra.passkey_schema import passkey_policies
from authsvc.infra.password_schema import password_policies
from authsvc.infra.recovery_schema import email_verification_policies
from authsvc.infra.second_factor_schema import second_factor_policies

POLICIES = (
    email_verification_policies,
    passkey_policies,
    password_policies,
    second_factor_policies,
)
_KEY = {"tenant_id", "customer_set_code"}


def policies_of(connection: Connection, tenant_id: int, code: str) -> dict[str, dict[str, Any]]:
    """Return what was ever told of a set: by table, the columns beside the key, as JSON can hold them."""
    found: dict[str, dict[str, Any]] = {}
    for table in POLICIES:
        row = connection.execute(
            select(*(column for column in table.c if column.name not in _KEY)).where(
                table.c.tenant_id == tenant_id, table.c.customer_set_code == code
            )
        ).one_or_none()
        if row is not None:
            found[table.name] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's documented name for it
    return found


def give_policies(
    connection: Connection, tenant_id: int, code: str, kept: Mapping[str, Mapping[str, Any]]
) -> None:
    """Give a new set what `policies_of` returned of the one before it."""
    for table in POLICIES:
        if table.name in kept:
            connection.execute(
                insert(table).values(
                    tenant_id=tenant_id, customer_set_code=code, **kept[table.name]
                )
            )
