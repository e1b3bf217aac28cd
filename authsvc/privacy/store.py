"""What goes of an account that is kept for its orders, and of what was written down about it, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, Table, and_, delete, func, or_, select, update

from authsvc.infra.account_data_schema import account_attributes, account_notes, cards
from authsvc.infra.audit_schema import audit_entries
from authsvc.infra.database import Database
from authsvc.infra.device_schema import devices
from authsvc.infra.mail_schema import outgoing_mails
from authsvc.infra.orders_schema import orders
from authsvc.infra.passkey_schema import passkey_handles, passkeys
from authsvc.infra.recovery_schema import account_links, verified_addresses
from authsvc.infra.schema import accounts, contacts, credentials, sessions
from authsvc.infra.second_factor_schema import (
    authenticator_apps,
    pending_sign_ins,
    recovery_codes,
    sign_in_regions,
)
from authsvc.infra.segment_schema import account_segments
from authsvc.privacy.rules import HeldPasskey

# Cards name contacts, and go first.
_THE_PERSONS: Sequence[Table] = (
    cards,
    contacts,
    account_notes,
    account_attributes,
    account_segments,
    credentials,
    sessions,
    outgoing_mails,
    account_links,
    verified_addresses,
    passkeys,
    passkey_handles,
    devices,
    pending_sign_ins,
    authenticator_apps,
    recovery_codes,
    sign_in_regions,
)


class ErasureStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def has_orders(self, tenant_id: int, account_id: int) -> bool:
        """Tell whether an account has orders, that the law wants kept."""
        query = (
            select(orders.c.external_id)
            .where(orders.c.tenant_id == tenant_id, orders.c.account_id == account_id)
            .limit(1)
        )
        with self._database.connection() as connection:
            return connection.execute(query).first() is not None

    def passkeys(self, tenant_id: int, account_id: int) -> list[HeldPasskey]:
        """Return an account's passkeys, oldest first."""
        query = (
            select(passkeys)
            .where(passkeys.c.tenant_id == tenant_id, passkeys.c.account_id == account_id)
            .order_by(passkeys.c.id)
        )
        with self._database.connection() as connection:
            return [
                HeldPasskey(row.name, row.relying_party, row.created_at, row.last_used_at)
                for row in connection.execute(query)
            ]

    def subjects(self, tenant_id: int, account_id: int) -> list[str]:
        """Return what audit entries call this account, its anonymous self and its sessions.

        Sessions that were purged are known by what their shopper did with them.
        """
        query = select(sessions.c.id).where(
            sessions.c.tenant_id == tenant_id, sessions.c.account_id == account_id
        )
        of_user = select(accounts.c.user_id).where(
            accounts.c.tenant_id == tenant_id, accounts.c.id == account_id
        )
        with self._database.connection() as connection:
            user_id = connection.execute(of_user).scalar()
            if user_id is None:
                return []
            session_ids = connection.execute(query).scalars().all()
            used = connection.execute(_sessions_used_by(tenant_id, user_id)).scalars().all()
        return [
            f"account:{account_id}",
            f"user:{user_id}",
            *(f"session:{session_id}" for session_id in session_ids),
            *(str(subject) for subject in used),
        ]

    def empty(self, tenant_id: int, account_id: int) -> None:
        """Delete everything that is kept on an account but its orders: login, sessions, contacts, cards, notes."""
        with self._database.connection() as connection:
            for table in _THE_PERSONS:
                connection.execute(
                    delete(table).where(
                        table.c.tenant_id == tenant_id, table.c.account_id == account_id
                    )
                )

    def redact(self, tenant_id: int, subjects: Sequence[str], now: datetime) -> int:
        """Take what is personal from audit entries about these; returns from how many.

        Those about an account stay as they are unless it is deleted or emptied.
        """
        with self._database.connection() as connection:
            done = connection.execute(
                update(audit_entries)
                .where(
                    and_(
                        audit_entries.c.tenant_id == tenant_id,
                        audit_entries.c.subject.in_(subjects),
                        audit_entries.c.redacted_at.is_(None),
                        or_(
                            audit_entries.c.remote_address.is_not(None),
                            audit_entries.c.changes != func.jsonb_build_array(),
                        ),
                    )
                )
                .values(
                    changes=func.without_personal_values(audit_entries.c.changes),
                    remote_address=None,
                    redacted_at=now,
                )
            )
        return done.rowcount


def _sessions_used_by(tenant_id: int, user_id: str) -> Select[tuple[str]]:
    return (
        select(audit_entries.c.subject)
        .where(
            audit_entries.c.tenant_id == tenant_id,
            audit_entries.c.actor == f"shopper:{user_id}",
            audit_entries.c.subject.startswith("session:"),
        )
        .distinct()
    )
