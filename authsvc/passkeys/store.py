"""Passkeys, what accounts are known by to authenticators, and what sets allow, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra import account_locks
from authsvc.infra.database import Database
from authsvc.infra.passkey_schema import passkey_handles, passkey_policies, passkeys
from authsvc.infra.schema import accounts
from authsvc.infra.statements import Statement
from authsvc.passkeys.rules import Passkey, PasskeyPolicy, PasskeyTaken, PasskeyUse

# Every sign-in asks.
_SECOND_FACTOR = Statement(
    select(passkeys.c.id)
    .join(
        accounts,
        and_(accounts.c.tenant_id == passkeys.c.tenant_id, accounts.c.id == passkeys.c.account_id),
    )
    .join(
        passkey_policies,
        and_(
            passkey_policies.c.tenant_id == accounts.c.tenant_id,
            passkey_policies.c.customer_set_code == accounts.c.customer_set_code,
            passkey_policies.c.relying_party == passkeys.c.relying_party,
        ),
    )
    .where(
        passkeys.c.tenant_id == bindparam("tenant_id"),
        passkeys.c.account_id == bindparam("account_id"),
        passkeys.c.suspended_at.is_(None),
        passkey_policies.c.use == PasskeyUse.SECOND_FACTOR.value,
    )
    .limit(1)
)


class PasskeyStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def policy(self, tenant_id: int, customer_set: str) -> PasskeyPolicy | None:
        """Return what a set lets passkeys do, or None where it was never said."""
        policies = passkey_policies
        with self._database.connection() as connection:
            row = connection.execute(
                select(policies.c.use, policies.c.relying_party).where(
                    policies.c.tenant_id == tenant_id,
                    policies.c.customer_set_code == customer_set,
                )
            ).one_or_none()
        return None if row is None else PasskeyPolicy(PasskeyUse(row.use), row.relying_party)

    def set_policy(self, tenant_id: int, code: str, use: PasskeyUse, relying_party: str) -> None:
        """Say what a set lets passkeys do."""
        values = {"use": use.value, "relying_party": relying_party}
        made = insert(passkey_policies).values(
            tenant_id=tenant_id, customer_set_code=code, **values
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(
                    index_elements=["tenant_id", "customer_set_code"], set_=values
                )
            )

    def sets_of(self, tenant_id: int, relying_party: str) -> list[str]:
        """Return the sets whose passkeys are made for a domain, and that let them do something."""
        policies = passkey_policies
        with self._database.connection() as connection:
            rows = connection.execute(
                select(policies.c.customer_set_code)
                .where(
                    policies.c.tenant_id == tenant_id,
                    policies.c.relying_party == relying_party,
                    policies.c.use != PasskeyUse.OFF.value,
                )
                .order_by(policies.c.customer_set_code)
            )
            return [row.customer_set_code for row in rows]

    def handle(self, tenant_id: int, account_id: int, new: bytes) -> bytes:
        """Return what authenticators know an account by: what it has, or `new` from now on."""
        handles = passkey_handles
        made = insert(handles).values(tenant_id=tenant_id, account_id=account_id, handle=new)
        with self._database.connection() as connection:
            connection.execute(made.on_conflict_do_nothing())
            return bytes(
                connection.execute(
                    select(handles.c.handle).where(
                        handles.c.tenant_id == tenant_id, handles.c.account_id == account_id
                    )
                ).scalar_one()
            )

    def of_account(self, tenant_id: int, account_id: int) -> list[Passkey]:
        """Return an account's passkeys, oldest first."""
        query = (
            select(passkeys)
            .where(passkeys.c.tenant_id == tenant_id, passkeys.c.account_id == account_id)
            .order_by(passkeys.c.id)
        )
        with self._database.connection() as connection:
            return [_passkey(row) for row in connection.execute(query)]

    def held(self, tenant_id: int, account_id: int) -> list[Passkey]:
        """Within a transaction, return an account's passkeys, to which nobody else adds or removes any meanwhile."""
        account_locks.hold(self._database, "passkeys", tenant_id, account_id)
        return self.of_account(tenant_id, account_id)

    def by_credential(self, tenant_id: int, credential_id: bytes) -> tuple[Passkey, bytes] | None:
        """Return the passkey of this id, and what its account is known by."""
        query = (
            select(passkeys, passkey_handles.c.handle)
            .join(
                passkey_handles,
                and_(
                    passkey_handles.c.tenant_id == passkeys.c.tenant_id,
                    passkey_handles.c.account_id == passkeys.c.account_id,
                ),
            )
            .where(passkeys.c.tenant_id == tenant_id, passkeys.c.credential_id == credential_id)
        )
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_passkey(row), bytes(row.handle))

    def is_second_factor(self, tenant_id: int, account_id: int) -> bool:
        """Tell whether an account has a passkey, and its set has them as second factors only."""
        return bool(self._database.run(_SECOND_FACTOR, tenant_id=tenant_id, account_id=account_id))

    def add(self, tenant_id: int, passkey: Passkey) -> int:
        """Keep a new passkey; returns the id it gets. Raises `PasskeyTaken`."""
        made = insert(passkeys).values(
            tenant_id=tenant_id,
            account_id=passkey.account_id,
            credential_id=passkey.credential_id,
            relying_party=passkey.relying_party,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            transports=list(passkey.transports),
            may_be_backed_up=passkey.may_be_backed_up,
            is_backed_up=passkey.is_backed_up,
            name=passkey.name,
            created_at=passkey.created_at,
        )
        with self._database.connection() as connection:
            passkey_id: int | None = connection.execute(
                made.on_conflict_do_nothing().returning(passkeys.c.id)
            ).scalar_one_or_none()
        if passkey_id is None:
            raise PasskeyTaken
        return passkey_id

    def note_use(
        self, tenant_id: int, passkey_id: int, sign_count: int, now: datetime, *, backed_up: bool
    ) -> bool:
        """Keep what a good signature told; False where its count was reached before, or the passkey is suspended."""
        counted_on = or_(
            passkeys.c.sign_count < sign_count,
            # An authenticator that does not count.
            and_(passkeys.c.sign_count == 0, literal(sign_count) == 0),
        )
        done = (
            update(passkeys)
            .where(_one(tenant_id, passkey_id), counted_on, passkeys.c.suspended_at.is_(None))
            .values(sign_count=sign_count, is_backed_up=backed_up, last_used_at=now)
        )
        with self._database.connection() as connection:
            return connection.execute(done).rowcount == 1

    def suspend(self, tenant_id: int, passkey_id: int, now: datetime) -> bool:
        """Refuse a passkey from now on; tells whether it was good until now."""
        with self._database.connection() as connection:
            done = connection.execute(
                update(passkeys)
                .where(_one(tenant_id, passkey_id), passkeys.c.suspended_at.is_(None))
                .values(suspended_at=now)
            )
        return done.rowcount == 1

    def rename(self, tenant_id: int, account_id: int, passkey_id: int, name: str) -> None:
        """Call an account's passkey something else."""
        with self._database.connection() as connection:
            connection.execute(
                update(passkeys)
                .where(_one(tenant_id, passkey_id), passkeys.c.account_id == account_id)
                .values(name=name)
            )

    def remove(self, tenant_id: int, account_id: int, passkey_id: int) -> None:
        """Forget an account's passkey."""
        with self._database.connection() as connection:
            connection.execute(
                delete(passkeys).where(
                    _one(tenant_id, passkey_id), passkeys.c.account_id == account_id
                )
            )


def _one(tenant_id: int, passkey_id: int) -> ColumnElement[bool]:
    return and_(passkeys.c.tenant_id == tenant_id, passkeys.c.id == passkey_id)


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.id,
        row.account_id,
        bytes(row.credential_id),
        row.relying_party,
        bytes(row.public_key),
        row.sign_count,
        tuple(row.transports),
        row.may_be_backed_up,
        row.is_backed_up,
        row.name,
        row.created_at,
        row.last_used_at,
        row.suspended_at,
    )
