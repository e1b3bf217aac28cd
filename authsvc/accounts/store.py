"""Customer accounts in PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from authsvc.accounts.rules import (
    AccountType,
    CustomerAccount,
    UserIdTaken,
    UsernameTaken,
)
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, credentials

_HAS_LOGIN = credentials.c.account_id.is_not(None).label("has_login")
WITH_LOGIN = accounts.outerjoin(
    credentials,
    and_(
        credentials.c.tenant_id == accounts.c.tenant_id, credentials.c.account_id == accounts.c.id
    ),
)

# An advisory lock takes 64 bits.
_LOCK_BYTES = 8


class AccountStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, values: Mapping[str, Any]) -> int:
        """Keep a new account (column → value) and return its id; raises `UsernameTaken` or `UserIdTaken`."""
        with self._database.connection() as connection:
            try:
                account_id: int = connection.execute(
                    insert(accounts).values(**values).returning(accounts.c.id)
                ).scalar_one()
            except IntegrityError as failure:
                raise _refused(failure) from failure
        return account_id

    def account(
        self, tenant_id: int, account_id: int, *, for_update: bool = False
    ) -> CustomerAccount | None:
        """Return the account without its contacts, or None.

        `for_update` (in a transaction): nobody else changes or locks it, or opens a session for it, meanwhile.
        """
        with self._database.connection() as connection:
            if for_update:
                connection.execute(
                    select(accounts.c.id)
                    .where(accounts.c.tenant_id == tenant_id, accounts.c.id == account_id)
                    .with_for_update()
                )
            row = connection.execute(
                _accounts(tenant_id).where(accounts.c.id == account_id)
            ).one_or_none()
        return None if row is None else account_of(row)

    def by_login(self, tenant_id: int, customer_set: str, key: str) -> list[CustomerAccount]:
        """Return the set's accounts with a login whose username, or else e-mail address, is `key`.

        The one whose username it is comes first.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                _accounts(tenant_id)
                .where(
                    accounts.c.customer_set_code == customer_set,
                    or_(accounts.c.username_key == key, accounts.c.email_key == key),
                    credentials.c.account_id.is_not(None),
                )
                .order_by((accounts.c.username_key == key).desc(), accounts.c.id)
                .limit(2)
            ).all()
        return [account_of(row) for row in rows]

    def hold_identifiers(self, tenant_id: int, customer_set: str, keys: Iterable[str]) -> None:
        """Within a transaction, wait for and keep the right to claim these usernames and addresses in the set.

        Sorted, so that two who want the same pair never wait for each other.
        """
        names = sorted({f"{tenant_id}/{customer_set}/{key}" for key in keys})
        with self._database.connection() as connection:
            for name in names:
                lock = int.from_bytes(
                    hashlib.sha256(name.encode()).digest()[:_LOCK_BYTES], "big", signed=True
                )
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

    def username_exists(
        self, tenant_id: int, customer_set: str, key: str, *, besides: int | None = None
    ) -> bool:
        """Tell whether an account of the set, other than `besides`, has this username."""
        return self._exists(tenant_id, customer_set, besides, accounts.c.username_key == key)

    def login_with_email_exists(
        self, tenant_id: int, customer_set: str, key: str, *, besides: int | None = None
    ) -> bool:
        """Tell whether an account of the set with a login, other than `besides`, has this e-mail address."""
        return self._exists(
            tenant_id,
            customer_set,
            besides,
            and_(accounts.c.email_key == key, credentials.c.account_id.is_not(None)),
        )

    def update(self, tenant_id: int, account_id: int, values: Mapping[str, Any]) -> None:
        """Change columns of an account; raises `UsernameTaken`, also when another set has its username."""
        with self._database.connection() as connection:
            try:
                connection.execute(
                    update(accounts)
                    .where(accounts.c.tenant_id == tenant_id, accounts.c.id == account_id)
                    .values(**values)
                )
            except IntegrityError as failure:
                raise _refused(failure) from failure

    def remove(self, tenant_id: int, account_id: int) -> None:
        """Delete an account with everything that is only its own: login, contacts, sessions."""
        with self._database.connection() as connection:
            connection.execute(
                delete(accounts).where(
                    accounts.c.tenant_id == tenant_id, accounts.c.id == account_id
                )
            )

    def count_by_set(self, tenant_id: int, customer_sets: Sequence[str]) -> dict[str, int]:
        """Return how many accounts each of these sets holds."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(accounts.c.customer_set_code, func.count())
                .where(
                    accounts.c.tenant_id == tenant_id,
                    accounts.c.customer_set_code.in_(customer_sets),
                )
                .group_by(accounts.c.customer_set_code)
            ).all()
        return dict(rows)

    def _exists(
        self, tenant_id: int, customer_set: str, besides: int | None, which: ColumnElement[bool]
    ) -> bool:
        query = _accounts(tenant_id).where(accounts.c.customer_set_code == customer_set, which)
        if besides is not None:
            query = query.where(accounts.c.id != besides)
        with self._database.connection() as connection:
            return connection.execute(select(query.exists())).scalar_one()


def _accounts(tenant_id: int) -> Select[Any]:
    return (
        select(accounts, _HAS_LOGIN)
        .select_from(WITH_LOGIN)
        .where(accounts.c.tenant_id == tenant_id)
    )


def _refused(failure: IntegrityError) -> Exception:
    constraint = getattr(getattr(failure.orig, "diag", None), "constraint_name", None)
    if constraint == "accounts_username_unique":
        return UsernameTaken()
    if constraint == "accounts_user_id_unique":
        return UserIdTaken(
            "An account with this userId exists already. Leave userId out to get a new one."
        )
    return failure


def account_of(row: Row[Any]) -> CustomerAccount:
    """Read a row of accounts joined with whether there is a login."""
    return CustomerAccount(
        tenant_id=row.tenant_id,
        id=row.id,
        customer_set=row.customer_set_code,
        user_id=row.user_id,
        username=row.username,
        username_key=row.username_key,
        email_address=row.email_address,
        email_key=row.email_key,
        first_name=row.first_name,
        last_name=row.last_name,
        company_or_organization=row.company_or_organization,
        locale_code=row.locale_code,
        account_type=AccountType(row.account_type),
        external_id=row.external_id,
        tax_id=row.tax_id,
        tax_exempt=row.tax_exempt,
        accepts_marketing=row.accepts_marketing,
        is_active=row.is_active,
        is_locked=row.is_locked,
        locked_at=row.locked_at,
        has_login=row.has_login,
        customer_since=row.customer_since,
        order_count=row.order_count,
        total_order_amount=row.total_order_amount,
        last_order_at=row.last_order_at,
        visits_count=row.visits_count,
        wishlist_count=row.wishlist_count,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )
