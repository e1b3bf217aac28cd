"""Credentials in PostgreSQL: hashes and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Text, and_, bindparam, case, cast, func, insert, or_, select, update

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.store import ACCOUNT, LOGIN, account_of
from authsvc.credentials.rules import Credential, KnownLogin, StoredPassword
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, credentials
from authsvc.infra.statements import Statement

_WITH_ACCOUNT = accounts.join(
    credentials,
    and_(
        credentials.c.tenant_id == accounts.c.tenant_id, credentials.c.account_id == accounts.c.id
    ),
)
_ANSWERING_TO = Statement(
    select(
        accounts.c.id,
        accounts.c.username_key,
        credentials.c.password_hash,
        credentials.c.external_kind,
        credentials.c.must_change_password,
        credentials.c.password_changed_at,
    )
    .select_from(_WITH_ACCOUNT)
    .where(
        accounts.c.tenant_id == bindparam("tenant_id"),
        accounts.c.customer_set_code == bindparam("customer_set"),
        or_(accounts.c.username_key == bindparam("key"), accounts.c.email_key == bindparam("key")),
    )
    .order_by((accounts.c.username_key == bindparam("key")).desc(), accounts.c.id)
    .limit(2)
)
# The login alone: a large move may hold the account for long, and keeps nobody from signing in.
_HOLD = Statement(
    select(credentials.c.account_id)
    .where(
        credentials.c.tenant_id == bindparam("tenant_id"),
        credentials.c.account_id == bindparam("account_id"),
    )
    .with_for_update()
)
_WITH_LOGIN = Statement(
    select(
        *ACCOUNT,
        *LOGIN,
        credentials.c.password_hash,
        credentials.c.external_kind,
        credentials.c.must_change_password,
        credentials.c.password_changed_at,
        credentials.c.awaits_verification,
    )
    .select_from(_WITH_ACCOUNT)
    .where(accounts.c.tenant_id == bindparam("tenant_id"), accounts.c.id == bindparam("account_id"))
)
_ADD = Statement(insert(credentials), credentials.c.keys())
_SIGNED_IN = Statement(
    update(credentials)
    .where(
        credentials.c.tenant_id == bindparam("tenant_id"),
        credentials.c.account_id == bindparam("account_id"),
    )
    .values(
        last_login_at=bindparam("now"),
        password_hash=func.coalesce(bindparam("rehashed"), credentials.c.password_hash),
        external_kind=case(
            (cast(bindparam("rehashed"), Text).is_(None), credentials.c.external_kind), else_=None
        ),
    )
)


class CredentialStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self,
        tenant_id: int,
        account_id: int,
        username_key: str,
        password: StoredPassword,
        now: datetime,
    ) -> None:
        """Keep the login of an account that has this username."""
        self._database.run(
            _ADD,
            tenant_id=tenant_id,
            account_id=account_id,
            username_key=username_key,
            password_hash=password.hash,
            external_kind=password.external_kind,
            must_change_password=False,
            awaits_verification=False,
            password_changed_at=now,
            last_login_at=None,
            last_second_factor_at=None,
            created_at=now,
            updated_at=now,
        )

    def answering_to(self, tenant_id: int, customer_set: str, key: str) -> list[KnownLogin]:
        """Return the set's logins whose username, or else their account's e-mail address, is `key`.

        The one whose username it is comes first; there may be others, of which one tells as much as all.
        """
        rows = self._database.run(
            _ANSWERING_TO, tenant_id=tenant_id, customer_set=customer_set, key=key
        )
        return [_login(row) for row in rows]

    def held(self, tenant_id: int, account_id: int) -> tuple[CustomerAccount, KnownLogin] | None:
        """Within a transaction, return an account with its login, which nobody else can change meanwhile.

        Nor can anybody lock, disable or delete the account, or move it by itself, which all take the login too. A
        plan may be moving it; what is opened before that is committed was opened before the move.
        """
        self._database.run(_HOLD, tenant_id=tenant_id, account_id=account_id)
        return self._with_account(tenant_id, account_id)

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
                row.username_key,
                row.password_hash,
                row.external_kind,
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
            external_kind=None,
            password_changed_at=now,
            must_change_password=False,
            updated_at=now,
        )

    def renew_hash(
        self, tenant_id: int, account_id: int, rehashed: str, password_changed_at: datetime
    ) -> None:
        """Keep the hash by today's parameters of a password that was shown, unless it was changed since."""
        with self._database.connection() as connection:
            connection.execute(
                update(credentials)
                .where(
                    credentials.c.tenant_id == tenant_id,
                    credentials.c.account_id == account_id,
                    credentials.c.password_changed_at == password_changed_at,
                )
                .values(password_hash=rehashed, external_kind=None)
            )

    def set_must_change(
        self, tenant_id: int, account_id: int, must_change: bool, now: datetime
    ) -> None:
        """Say whether the password must be changed before the next sign-in."""
        self._update(tenant_id, account_id, must_change_password=must_change, updated_at=now)

    def set_awaits_verification(
        self, tenant_id: int, account_id: int, *, awaits: bool, now: datetime
    ) -> None:
        """Say whether the e-mail address must be confirmed before the next sign-in."""
        self._update(tenant_id, account_id, awaits_verification=awaits, updated_at=now)

    def signed_in(
        self, tenant_id: int, account_id: int, now: datetime, rehashed: str | None = None
    ) -> tuple[CustomerAccount, KnownLogin] | None:
        """Within a transaction, note a sign-in and hold the login; returns what `held` would, before it is judged.

        `rehashed`: the password's hash by today's parameters, if the stored one is by others. A sign-in that is
        refused after all is undone with its transaction.
        """
        self._database.run(
            _SIGNED_IN, tenant_id=tenant_id, account_id=account_id, now=now, rehashed=rehashed
        )
        return self._with_account(tenant_id, account_id)

    def _with_account(
        self, tenant_id: int, account_id: int
    ) -> tuple[CustomerAccount, KnownLogin] | None:
        """Read a login that is held; a statement of its own sees what was committed while the holding one waited."""
        rows = self._database.run(_WITH_LOGIN, tenant_id=tenant_id, account_id=account_id)
        return (account_of(rows[0]), _login(rows[0])) if rows else None

    def _update(self, tenant_id: int, account_id: int, **values: object) -> None:
        with self._database.connection() as connection:
            connection.execute(
                update(credentials)
                .where(credentials.c.tenant_id == tenant_id, credentials.c.account_id == account_id)
                .values(**values)
            )


def _login(row: Row[Any]) -> KnownLogin:
    return KnownLogin(
        row.id,
        row.username_key,
        row.password_hash,
        row.external_kind,
        row.must_change_password,
        row.password_changed_at,
        getattr(row, "awaits_verification", False),
    )
