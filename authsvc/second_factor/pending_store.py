"""Sign-ins that wait, in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.second_factor_schema import pending_sign_ins
from authsvc.second_factor.pending import TRIES, PendingSignIn, Wishes
from authsvc.second_factor.rules import Factor


class PendingStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def put(self, pending: PendingSignIn) -> None:
        """Keep a sign-in that waits; it takes the place of one with the same digest, codes included."""
        values = {
            "site_id": pending.site_id,
            "login_key": pending.login_key,
            "account_id": pending.account_id,
            "methods": list(pending.methods),
            "factors": sorted(pending.factors),
            "password_changed_at": pending.password_changed_at,
            "application": pending.application,
            "access_seconds": pending.wishes.access_seconds,
            "refresh_seconds": pending.wishes.refresh_seconds,
            "remembered": pending.wishes.remembered,
            "fingerprint": pending.fingerprint,
            "region": pending.region,
            "expires_at": pending.expires_at,
            "tries_left": pending.tries_left,
            "codes_sent": pending.codes_sent,
            "request_id": pending.request_id,
            "code_encrypted": pending.code,
            "code_good_until": pending.code_good_until,
        }
        made = insert(pending_sign_ins).values(
            tenant_id=pending.tenant_id, digest=pending.digest, **values
        )
        with self._database.connection() as connection:
            connection.execute(
                made.on_conflict_do_update(index_elements=["tenant_id", "digest"], set_=values)
            )

    def pending(self, tenant_id: int, digest: bytes, now: datetime) -> PendingSignIn | None:
        """Return a sign-in that still waits; it stays as it is."""
        query = select(pending_sign_ins).where(_waiting(tenant_id, digest, now))
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _pending(row)

    def asked(self, tenant_id: int, request_id: UUID, now: datetime) -> PendingSignIn | None:
        """Return the sign-in whose latest request for a code this is, if it still waits."""
        query = select(pending_sign_ins).where(
            pending_sign_ins.c.tenant_id == tenant_id,
            pending_sign_ins.c.request_id == request_id,
            pending_sign_ins.c.expires_at > now,
        )
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _pending(row)

    def use_try(self, tenant_id: int, digest: bytes, now: datetime) -> PendingSignIn | None:
        """Count one try and return the sign-in; None where none waits or no try is left, which counts nothing."""
        with self._database.connection() as connection:
            row = connection.execute(
                update(pending_sign_ins)
                .where(_waiting(tenant_id, digest, now), pending_sign_ins.c.tries_left > 0)
                .values(tries_left=pending_sign_ins.c.tries_left - 1)
                .returning(pending_sign_ins)
            ).one_or_none()
        return None if row is None else _pending(row)

    def set_code(
        self,
        tenant_id: int,
        request_id: UUID,
        account_id: int,
        code: bytes,
        good_until: datetime,
    ) -> bool:
        """Give a sign-in the code that is mailed for this request; tells whether nobody has asked anew since."""
        with self._database.connection() as connection:
            done = connection.execute(
                update(pending_sign_ins)
                .where(
                    pending_sign_ins.c.tenant_id == tenant_id,
                    pending_sign_ins.c.request_id == request_id,
                )
                .values(
                    account_id=account_id,
                    code_encrypted=code,
                    code_good_until=good_until,
                    tries_left=TRIES,
                    codes_sent=pending_sign_ins.c.codes_sent + 1,
                )
            )
        return done.rowcount == 1

    def ask(self, tenant_id: int, digest: bytes, request_id: UUID) -> None:
        """Note the latest request for a code, whose mail is to bring it; the last code is good no longer.

        There are as many tries as with a code, though there is nothing to guess yet: for a name that nobody has too.
        """
        with self._database.connection() as connection:
            connection.execute(
                update(pending_sign_ins)
                .where(
                    pending_sign_ins.c.tenant_id == tenant_id, pending_sign_ins.c.digest == digest
                )
                .values(
                    request_id=request_id,
                    code_encrypted=None,
                    code_good_until=None,
                    tries_left=TRIES,
                )
            )

    def take(self, tenant_id: int, digest: bytes, code: bytes | None) -> bool:
        """Remove a sign-in that is complete: of several who complete it at once, one is told that it did.

        `code`: the one that was judged; a sign-in that got another meanwhile stays.
        """
        same = (
            pending_sign_ins.c.code_encrypted.is_(None)
            if code is None
            else pending_sign_ins.c.code_encrypted == code
        )
        with self._database.connection() as connection:
            done = connection.execute(
                delete(pending_sign_ins).where(
                    pending_sign_ins.c.tenant_id == tenant_id,
                    pending_sign_ins.c.digest == digest,
                    same,
                )
            )
        return done.rowcount == 1

    def purge(self, before: datetime) -> int:
        """Delete sign-ins that ran out before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(pending_sign_ins).where(pending_sign_ins.c.expires_at < before)
            ).rowcount


def _waiting(tenant_id: int, digest: bytes, now: datetime) -> ColumnElement[bool]:
    return and_(
        pending_sign_ins.c.tenant_id == tenant_id,
        pending_sign_ins.c.digest == digest,
        pending_sign_ins.c.expires_at > now,
    )


def _pending(row: Row[Any]) -> PendingSignIn:
    return PendingSignIn(
        row.tenant_id,
        bytes(row.digest),
        row.site_id,
        row.login_key,
        row.account_id,
        tuple(row.methods),
        frozenset(Factor(each) for each in row.factors),
        row.password_changed_at,
        row.application,
        Wishes(row.access_seconds, row.refresh_seconds, row.remembered),
        row.fingerprint,
        row.region,
        row.expires_at,
        row.tries_left,
        row.codes_sent,
        row.request_id,
        None if row.code_encrypted is None else bytes(row.code_encrypted),
        row.code_good_until,
    )
