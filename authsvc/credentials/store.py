"""Credentials in PostgreSQL: hashes and what happened to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from authsvc.credentials.rules import Credential
from authsvc.infra.database import Database
from authsvc.infra.schema import credentials


class CredentialStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self, tenant_id: int, account_id: int, username_key: str, password_hash: str, now: datetime
    ) -> None:
        """Keep the login of an account that has this username."""
        with self._database.connection() as connection:
            connection.execute(
                insert(credentials).values(
                    tenant_id=tenant_id,
                    account_id=account_id,
                    username_key=username_key,
                    password_hash=password_hash,
                    must_change_password=False,
                    password_changed_at=now,
                    created_at=now,
                    updated_at=now,
                )
            )

    def credential(self, tenant_id: int, account_id: int) -> Credential | None:
        """Return the account's credential, or None for a guest."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(credentials).where(
                    credentials.c.tenant_id == tenant_id, credentials.c.account_id == account_id
                )
            ).one_or_none()
        return (
            None
            if row is None
            else Credential(
                row.account_id,
                row.password_hash,
                row.must_change_password,
                row.password_changed_at,
                row.last_login_at,
                row.created_at,
                row.updated_at,
            )
        )

    def set_password(
        self, tenant_id: int, account_id: int, password_hash: str, now: datetime
    ) -> None:
        """Keep a new password; whoever had to change theirs has done so."""
        self._update(
            tenant_id,
            account_id,
            password_hash=password_hash,
            password_changed_at=now,
            must_change_password=False,
            updated_at=now,
        )

    def set_must_change(
        self, tenant_id: int, account_id: int, must_change: bool, now: datetime
    ) -> None:
        """Say whether the password must be changed before the next sign-in."""
        self._update(tenant_id, account_id, must_change_password=must_change, updated_at=now)

    def signed_in(
        self, tenant_id: int, account_id: int, now: datetime, rehashed: str | None = None
    ) -> None:
        """Note a good sign-in, and the same password's hash by today's parameters if there is one."""
        values: dict[str, object] = {"last_login_at": now}
        if rehashed is not None:
            values["password_hash"] = rehashed
        self._update(tenant_id, account_id, **values)

    def _update(self, tenant_id: int, account_id: int, **values: object) -> None:
        with self._database.connection() as connection:
            connection.execute(
                update(credentials)
                .where(credentials.c.tenant_id == tenant_id, credentials.c.account_id == account_id)
                .values(**values)
            )
