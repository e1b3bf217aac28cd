"""Staff users and their second factors in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from authsvc.customer_sets.rules import UnknownTenant
from authsvc.infra.database import Database
from authsvc.infra.staff_schema import staff_recovery_codes, staff_users
from authsvc.staff.rules import Role, StaffUser, StaffUsernameTaken


class StaffStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self,
        tenant_id: int,
        username: str,
        username_key: str,
        role: Role,
        password_hash: str,
        *,
        must_enrol: bool,
        now: datetime,
        must_change_password: bool = False,
    ) -> StaffUser:
        """Keep a new staff user; raises `StaffUsernameTaken`, `UnknownTenant`."""
        new = insert(staff_users).values(
            tenant_id=tenant_id,
            username=username,
            username_key=username_key,
            role=role.value,
            password_hash=password_hash,
            is_active=True,
            must_enrol=must_enrol,
            must_change_password=must_change_password,
            created_at=now,
            updated_at=now,
        )
        try:
            with self._database.connection() as connection:
                return _user(connection.execute(new.returning(staff_users)).one())
        except IntegrityError as failure:
            if "staff_users_username_unique" in str(failure.orig):
                raise StaffUsernameTaken(username) from failure
            if "staff_users_tenant_id_fkey" in str(failure.orig):
                raise UnknownTenant(f"There is no tenant {tenant_id}.") from failure
            raise

    def user(self, tenant_id: int, staff_user_id: int, *, held: bool = False) -> StaffUser | None:
        """Return a staff user; `held`: within a transaction, so that nobody changes it before the end."""
        return self._one(tenant_id, staff_users.c.id == staff_user_id, held=held)

    def by_username(self, tenant_id: int, username_key: str) -> StaffUser | None:
        """Return the staff user of a name."""
        return self._one(tenant_id, staff_users.c.username_key == username_key)

    def hold_administrators(self, tenant_id: int) -> list[str]:
        """Within a transaction, hold a tenant's administrators who are not disabled; returns their names' normal forms.

        Of two who stop each other at once, the second finds itself stopped.
        """
        with self._database.connection() as connection:
            held = connection.scalars(
                select(staff_users.c.username_key)
                .where(
                    staff_users.c.tenant_id == tenant_id,
                    staff_users.c.role == Role.ADMINISTRATOR.value,
                    staff_users.c.is_active,
                )
                .order_by(staff_users.c.id)
                .with_for_update()
            )
            return list(held.all())

    def users(self, tenant_id: int) -> list[StaffUser]:
        """List a tenant's staff by name."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(staff_users)
                .where(staff_users.c.tenant_id == tenant_id)
                .order_by(staff_users.c.username_key)
            ).all()
        return [_user(row) for row in rows]

    def set_password_hash(
        self, tenant_id: int, staff_user_id: int, password_hash: str, now: datetime
    ) -> None:
        """Keep the same password, hashed otherwise."""
        self._set(tenant_id, staff_user_id, now, password_hash=password_hash)

    def set_password(
        self,
        tenant_id: int,
        staff_user_id: int,
        password_hash: str,
        now: datetime,
        *,
        must_change: bool,
    ) -> None:
        """Replace the password; `must_change`: by one that nobody but its owner shall use for long."""
        self._set(
            tenant_id,
            staff_user_id,
            now,
            password_hash=password_hash,
            must_change_password=must_change,
        )

    def set_role(self, tenant_id: int, staff_user_id: int, now: datetime, role: Role) -> None:
        """Let a staff user be there for something else."""
        self._set(tenant_id, staff_user_id, now, role=role.value)

    def set_active(
        self, tenant_id: int, staff_user_id: int, now: datetime, *, active: bool
    ) -> None:
        """Let a staff user in, or no longer."""
        self._set(tenant_id, staff_user_id, now, is_active=active)

    def note_sign_in(self, tenant_id: int, staff_user_id: int, now: datetime) -> None:
        """Note that a staff user signed in just now."""
        self._set(tenant_id, staff_user_id, now, last_sign_in_at=now)

    def note_offer(self, tenant_id: int, staff_user_id: int, now: datetime) -> None:
        """Note that a second factor has been offered and not taken."""
        self._set(tenant_id, staff_user_id, now, second_factor_offered_at=now)

    def second_factor(self, tenant_id: int, staff_user_id: int) -> bytes | None:
        """Return the encrypted secret that one-time codes are made from, or None."""
        with self._database.connection() as connection:
            secret = connection.execute(
                select(staff_users.c.totp_secret_encrypted).where(*_mine(tenant_id, staff_user_id))
            ).scalar_one_or_none()
        return None if secret is None else bytes(secret)

    def set_second_factor(
        self,
        tenant_id: int,
        staff_user_id: int,
        secret_encrypted: bytes,
        step: int,
        recovery_digests: Sequence[bytes],
        now: datetime,
    ) -> None:
        """Keep a second factor; `step` is that of the code it was confirmed with, which is used up."""
        self._set(
            tenant_id,
            staff_user_id,
            now,
            totp_secret_encrypted=secret_encrypted,
            totp_last_step=step,
            must_enrol=False,
        )
        self.set_recovery_codes(tenant_id, staff_user_id, recovery_digests)

    def drop_second_factor(self, tenant_id: int, staff_user_id: int, now: datetime) -> None:
        """Forget the second factor; a new one must be set up at the next sign-in."""
        self._set(
            tenant_id,
            staff_user_id,
            now,
            totp_secret_encrypted=None,
            totp_last_step=None,
            must_enrol=True,
        )
        self.set_recovery_codes(tenant_id, staff_user_id, [])

    def use_step(self, tenant_id: int, staff_user_id: int, step: int) -> bool:
        """Use a code's time step up; False if it, or a later one, was used before. One of two at once gets True."""
        with self._database.connection() as connection:
            return (
                connection.execute(
                    update(staff_users)
                    .where(
                        *_mine(tenant_id, staff_user_id),
                        or_(
                            staff_users.c.totp_last_step.is_(None),
                            staff_users.c.totp_last_step < step,
                        ),
                    )
                    .values(totp_last_step=step)
                ).rowcount
                == 1
            )

    def set_recovery_codes(
        self, tenant_id: int, staff_user_id: int, digests: Sequence[bytes]
    ) -> None:
        """Replace all recovery codes."""
        mine = and_(
            staff_recovery_codes.c.tenant_id == tenant_id,
            staff_recovery_codes.c.staff_user_id == staff_user_id,
        )
        rows = [
            {"tenant_id": tenant_id, "staff_user_id": staff_user_id, "digest": digest}
            for digest in digests
        ]
        with self._database.connection() as connection:
            connection.execute(delete(staff_recovery_codes).where(mine))
            if rows:
                connection.execute(insert(staff_recovery_codes), rows)

    def use_recovery_code(
        self, tenant_id: int, staff_user_id: int, digest: bytes, now: datetime
    ) -> bool:
        """Use a recovery code up; False if there is none such or it was used before."""
        with self._database.connection() as connection:
            return (
                connection.execute(
                    update(staff_recovery_codes)
                    .where(
                        staff_recovery_codes.c.tenant_id == tenant_id,
                        staff_recovery_codes.c.staff_user_id == staff_user_id,
                        staff_recovery_codes.c.digest == digest,
                        staff_recovery_codes.c.used_at.is_(None),
                    )
                    .values(used_at=now)
                ).rowcount
                == 1
            )

    def recovery_codes_left(self, tenant_id: int, staff_user_id: int) -> int:
        """Count the recovery codes that are still good."""
        with self._database.connection() as connection:
            return connection.execute(
                select(func.count()).where(
                    staff_recovery_codes.c.tenant_id == tenant_id,
                    staff_recovery_codes.c.staff_user_id == staff_user_id,
                    staff_recovery_codes.c.used_at.is_(None),
                )
            ).scalar_one()

    def _one(
        self, tenant_id: int, which: ColumnElement[bool], *, held: bool = False
    ) -> StaffUser | None:
        query = select(staff_users).where(staff_users.c.tenant_id == tenant_id, which)
        with self._database.connection() as connection:
            row = connection.execute(query.with_for_update() if held else query).one_or_none()
        return None if row is None else _user(row)

    def _set(self, tenant_id: int, staff_user_id: int, now: datetime, **values: Any) -> None:  # noqa: ANN401  columns
        with self._database.connection() as connection:
            connection.execute(
                update(staff_users)
                .where(*_mine(tenant_id, staff_user_id))
                .values(updated_at=now, **values)
            )


def _mine(tenant_id: int, staff_user_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return staff_users.c.tenant_id == tenant_id, staff_users.c.id == staff_user_id


def _user(row: Row[Any]) -> StaffUser:
    return StaffUser(
        row.tenant_id,
        row.id,
        row.username,
        row.username_key,
        Role(row.role),
        row.password_hash,
        row.is_active,
        row.must_enrol,
        row.must_change_password,
        row.totp_secret_encrypted is not None,
        row.second_factor_offered_at,
        row.last_sign_in_at,
        row.created_at,
    )
