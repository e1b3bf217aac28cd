"""Authenticator apps and recovery codes in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_new

from authsvc.infra.database import Database
from authsvc.infra.second_factor_schema import authenticator_apps, recovery_codes


class AuthenticatorStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def set_up(
        self, tenant_id: int, account_id: int, secret: bytes, step: int, now: datetime
    ) -> bool:
        """Keep an account's app, whose code of `step` was shown; tells whether the account had none."""
        made = (
            insert_new(authenticator_apps)
            .values(
                tenant_id=tenant_id,
                account_id=account_id,
                secret_encrypted=secret,
                last_step=step,
                wrong_codes=0,
                set_up_at=now,
            )
            .on_conflict_do_nothing()
            .returning(authenticator_apps.c.account_id)
        )
        with self._database.connection() as connection:
            return connection.execute(made).first() is not None

    def set_up_at(self, tenant_id: int, account_id: int) -> datetime | None:
        """Return since when an account has its app, or None for one without."""
        query = select(authenticator_apps.c.set_up_at).where(
            _of(authenticator_apps, tenant_id, account_id)
        )
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one_or_none()

    def secret(self, tenant_id: int, account_id: int) -> bytes | None:
        """Return an app's secret, encrypted."""
        query = select(authenticator_apps.c.secret_encrypted).where(
            _of(authenticator_apps, tenant_id, account_id)
        )
        with self._database.connection() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else bytes(found)

    def begin_try(
        self, tenant_id: int, account_id: int, most: int, since: datetime, now: datetime
    ) -> bool:
        """Count a code as wrong until it turns out otherwise; False, counting nothing, after `most` since `since`."""
        apps = authenticator_apps
        is_old = or_(apps.c.wrong_since.is_(None), apps.c.wrong_since <= since)
        with self._database.connection() as connection:
            done = connection.execute(
                update(apps)
                .where(
                    _of(apps, tenant_id, account_id),
                    or_(is_old, apps.c.wrong_codes < most),
                )
                .values(
                    wrong_codes=case((is_old, 1), else_=apps.c.wrong_codes + 1),
                    wrong_since=case((is_old, now), else_=apps.c.wrong_since),
                )
            )
        return done.rowcount == 1

    def use_step(self, tenant_id: int, account_id: int, step: int) -> bool:
        """Use a step's code up, and begin to count wrong ones anew; False if it, or a later one, was used before."""
        with self._database.connection() as connection:
            done = connection.execute(
                update(authenticator_apps)
                .where(
                    _of(authenticator_apps, tenant_id, account_id),
                    authenticator_apps.c.last_step < step,
                )
                .values(last_step=step, wrong_codes=0, wrong_since=None)
            )
        return done.rowcount == 1

    def set_recovery_codes(self, tenant_id: int, account_id: int, digests: Sequence[bytes]) -> None:
        """Replace all recovery codes of an account."""
        with self._database.connection() as connection:
            connection.execute(
                delete(recovery_codes).where(_of(recovery_codes, tenant_id, account_id))
            )
            if digests:
                connection.execute(
                    insert(recovery_codes),
                    [
                        {"tenant_id": tenant_id, "account_id": account_id, "digest": digest}
                        for digest in digests
                    ],
                )

    def use_recovery_code(self, tenant_id: int, account_id: int, digest: bytes) -> bool:
        """Use a recovery code up: of several who show it at once, one is told that it was good."""
        with self._database.connection() as connection:
            done = connection.execute(
                delete(recovery_codes).where(
                    _of(recovery_codes, tenant_id, account_id), recovery_codes.c.digest == digest
                )
            )
        return done.rowcount == 1

    def recovery_codes_left(self, tenant_id: int, account_id: int) -> int:
        """Count the recovery codes that are still good."""
        query = (
            select(func.count())
            .select_from(recovery_codes)
            .where(_of(recovery_codes, tenant_id, account_id))
        )
        with self._database.connection() as connection:
            return int(connection.execute(query).scalar_one())

    def remove(self, tenant_id: int, account_id: int) -> bool:
        """Take an account's app and recovery codes away; tells whether there was an app."""
        with self._database.connection() as connection:
            connection.execute(
                delete(recovery_codes).where(_of(recovery_codes, tenant_id, account_id))
            )
            done = connection.execute(
                delete(authenticator_apps).where(_of(authenticator_apps, tenant_id, account_id))
            )
        return done.rowcount == 1


def _of(table: Table, tenant_id: int, account_id: int) -> ColumnElement[bool]:
    return and_(table.c.tenant_id == tenant_id, table.c.account_id == account_id)
