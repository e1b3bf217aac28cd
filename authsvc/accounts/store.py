"""Customer accounts in PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Row,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    false,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from authsvc.accounts.commerce import COMMERCE, NOTHING_BOUGHT
from authsvc.accounts.names_taken import NamesTaken
from authsvc.accounts.rules import (
    NO_ACCOUNT,
    AccountHasOrders,
    AccountType,
    CustomerAccount,
    UserIdTaken,
    UsernameTaken,
)
from authsvc.accounts.search_word_store import SEARCHED, SearchWordStore
from authsvc.customer_sets.rules import UnknownCustomerSet
from authsvc.infra.columns import MOMENT
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, credentials
from authsvc.infra.statements import Statement

#: The columns of a whole account, but for whether it has a login.
ACCOUNT = (accounts, *COMMERCE)
#: What is told of its login, first whether there is one.
LOGIN = (
    credentials.c.account_id.is_not(None).label("has_login"),
    credentials.c.external_kind.is_not(None).label("has_external_password"),
    credentials.c.last_second_factor_at,
)
WITH_LOGIN = accounts.outerjoin(
    credentials,
    and_(
        credentials.c.tenant_id == accounts.c.tenant_id, credentials.c.account_id == accounts.c.id
    ),
)

_BY_ID = Statement(
    select(*ACCOUNT, *LOGIN)
    .select_from(WITH_LOGIN)
    .where(accounts.c.tenant_id == bindparam("tenant_id"), accounts.c.id == bindparam("account_id"))
)
# The account first, which a large move may hold for long, and only then the login, which signing in holds: whoever
# waits for such a move keeps nobody from signing in. The weaker lock lets sessions refer to the account meanwhile.
_HOLD = Statement(
    select(accounts.c.id)
    .where(accounts.c.tenant_id == bindparam("tenant_id"), accounts.c.id == bindparam("account_id"))
    .with_for_update(key_share=True)
)
_HOLD_LOGIN = Statement(
    select(credentials.c.account_id)
    .where(
        credentials.c.tenant_id == bindparam("tenant_id"),
        credentials.c.account_id == bindparam("account_id"),
    )
    .with_for_update()
)
_NEW = [column.key for column in accounts.c if column.key != "id"]
_NOTHING = dict.fromkeys(_NEW)
_ADD = Statement(
    insert(accounts).returning(
        accounts,
        *NOTHING_BOUGHT,
        false().label("has_login"),
        false().label("has_external_password"),
        cast(None, MOMENT).label("last_second_factor_at"),
    ),
    _NEW,
)
_NAMES = bindparam("names", type_=ARRAY(Text))
_TAKEN = Statement(
    select(accounts.c.id, accounts.c.username_key, accounts.c.email_key, LOGIN[0])
    .select_from(WITH_LOGIN)
    .where(
        accounts.c.tenant_id == bindparam("tenant_id"),
        accounts.c.customer_set_code == bindparam("customer_set"),
        accounts.c.id != bindparam("besides"),
        # Guests may share an address by the hundred; only a login's is of interest.
        or_(accounts.c.username_key == any_(_NAMES), accounts.c.email_key == any_(_NAMES)),
        or_(accounts.c.username_key == any_(_NAMES), credentials.c.account_id.is_not(None)),
    )
)
# An advisory lock takes 64 bits.
_LOCK_BYTES = 8
_LOCK = Statement(
    text("SELECT pg_advisory_xact_lock(name) FROM unnest(CAST(:names AS bigint[])) AS name")
)


_COUNT_ALL = text("""
    SELECT customer_set_code AS code, count(*) AS customers FROM accounts
    WHERE tenant_id = :tenant_id AND customer_set_code = ANY (CAST(:codes AS text[])) GROUP BY 1
""")
# Of each set by itself, from the index: a set of millions costs no more than any other.
_COUNT_UP_TO = text("""
    SELECT code, (
        SELECT count(*) FROM (
            SELECT FROM accounts WHERE tenant_id = :tenant_id AND customer_set_code = code LIMIT :most
        ) AS counted
    ) AS customers
    FROM unnest(CAST(:codes AS text[])) AS code
""")


class AccountStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database
        self._words = SearchWordStore(database)

    def add(self, values: Mapping[str, Any]) -> CustomerAccount:
        """Keep a new account (column → value), which has no login yet; raises `UsernameTaken` or `UserIdTaken`."""
        with self._database.transaction():
            try:
                (row,) = self._database.run(_ADD, **_NOTHING | dict(values))
            except IntegrityError as failure:
                raise _refused(failure) from failure
            account = account_of(row)
            self._words.add(account)
        return account

    def account(
        self, tenant_id: int, account_id: int, *, for_update: bool = False
    ) -> CustomerAccount | None:
        """Return the account without its contacts, or None.

        `for_update` (in a transaction): nobody else changes or locks it, or opens a session for it, meanwhile.
        """
        if for_update:
            self._database.run(_HOLD, tenant_id=tenant_id, account_id=account_id)
            self._database.run(_HOLD_LOGIN, tenant_id=tenant_id, account_id=account_id)
        rows = self._database.run(_BY_ID, tenant_id=tenant_id, account_id=account_id)
        return account_of(rows[0]) if rows else None

    def user_id(self, tenant_id: int, account_id: int, *, stays: bool = False) -> str | None:
        """Return an account's user id, or None if there is no such account.

        `stays` (in a transaction): nobody deletes it meanwhile. Moving and changing it goes on, and signing in to it.
        One that was erased is not there to stay.
        """
        query = select(accounts.c.user_id).where(
            accounts.c.tenant_id == tenant_id, accounts.c.id == account_id
        )
        if stays:
            query = query.where(accounts.c.erased_at.is_(None))
            query = query.with_for_update(read=True, key_share=True)
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one_or_none()

    def hold_names(self, tenant_id: int, customer_set: str, names: Iterable[str]) -> None:
        """Within a transaction, wait for and keep the right to claim these usernames and addresses in the set.

        Sorted, so that two who want the same pair never wait for each other.
        """
        locks = sorted({_lock(f"{tenant_id}/{customer_set}/{name}") for name in names})
        self._database.run(_LOCK, names=locks)

    def names_taken(
        self,
        tenant_id: int,
        customer_set: str,
        names: Collection[str],
        *,
        besides: int = NO_ACCOUNT,
    ) -> NamesTaken:
        """Return which of these names accounts of the set, other than `besides`, answer to already."""
        rows = self._database.run(
            _TAKEN,
            tenant_id=tenant_id,
            customer_set=customer_set,
            besides=besides,
            names=list(names),
        )
        return NamesTaken(
            frozenset(row.username_key for row in rows if row.username_key),
            frozenset(row.email_key for row in rows if row.has_login and row.email_key),
            tuple(sorted(row.id for row in rows)),
        )

    def update(self, tenant_id: int, account_id: int, values: Mapping[str, Any]) -> None:
        """Change columns of an account; raises `UsernameTaken`, also when another set has its username."""
        with self._database.transaction(), self._database.connection() as connection:
            try:
                connection.execute(
                    update(accounts)
                    .where(accounts.c.tenant_id == tenant_id, accounts.c.id == account_id)
                    .values(**values)
                )
            except IntegrityError as failure:
                raise _refused(failure) from failure
            if not SEARCHED.isdisjoint(values):
                account = self.account(tenant_id, account_id)
                if account is not None:
                    self._words.replace(account)

    def remove(self, tenant_id: int, account_id: int) -> None:
        """Delete an account with everything that is only its own: login, contacts, sessions.

        Raises `AccountHasOrders`.
        """
        with self._database.connection() as connection:
            try:
                connection.execute(
                    delete(accounts).where(
                        accounts.c.tenant_id == tenant_id, accounts.c.id == account_id
                    )
                )
            except IntegrityError as failure:
                raise AccountHasOrders(account_id) from failure

    def count_by_set(
        self, tenant_id: int, customer_sets: Sequence[str], most: int | None = None
    ) -> dict[str, int]:
        """Return how many accounts each of these sets holds that holds any; counting stops at `most` of each."""
        values = {"tenant_id": tenant_id, "codes": list(customer_sets), "most": most}
        query = _COUNT_ALL if most is None else _COUNT_UP_TO
        with self._database.connection() as connection:
            rows = connection.execute(query, values).all()
        return {row.code: row.customers for row in rows if row.customers}


def _lock(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:_LOCK_BYTES], "big", signed=True)


def _refused(failure: IntegrityError) -> Exception:
    constraint = getattr(getattr(failure.orig, "diag", None), "constraint_name", None)
    if constraint == "accounts_username_unique":
        return UsernameTaken()
    if constraint == "accounts_tenant_id_customer_set_code_fkey":
        return UnknownCustomerSet("The customer set was deleted meanwhile. Name another.")
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
        has_external_password=row.has_external_password,
        last_second_factor_at=row.last_second_factor_at,
        customer_since=row.customer_since,
        order_count=row.order_count,
        total_order_amount=row.total_order_amount,
        last_order_at=row.last_order_at,
        order_currency=row.order_currency,
        visits_count=row.visits_count,
        wishlist_count=row.wishlist_count,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        erased_at=row.erased_at,
    )
