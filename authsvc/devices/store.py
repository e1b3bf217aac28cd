"""Shoppers' devices in PostgreSQL, and what each is known again by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Row, Uuid, delete, insert, or_, select, text, update

from authsvc.devices.rules import MOST_DEVICES, Device
from authsvc.infra.database import Database
from authsvc.infra.device_schema import device_tokens, devices
from authsvc.infra.schema import sessions
from authsvc.infra.statements import Statement

# A sign-in asks once, and writes once.
_FOUND = Statement(
    text("""
        SELECT shown.device_id, shown.is_certain, shown.is_known,
            EXISTS (SELECT FROM devices WHERE tenant_id = :tenant_id AND account_id = :account_id) AS has_any
        FROM (SELECT) AS one LEFT JOIN (
            SELECT tokens.device_id, tokens.is_certain,
                devices.forgotten_at IS NULL AND devices.last_used_at > :used_since AS is_known
            FROM device_tokens AS tokens
            JOIN devices ON devices.tenant_id = tokens.tenant_id AND devices.id = tokens.device_id
            WHERE tokens.tenant_id = :tenant_id AND tokens.account_id = :account_id
                AND tokens.digest = :digest
        ) AS shown ON true
    """).columns(device_id=Uuid, is_certain=Boolean, is_known=Boolean, has_any=Boolean)
)
_USED = Statement(
    text("""
        WITH device AS (
            UPDATE devices SET name = :name, last_used_at = :now, forgotten_at = NULL,
                address_block = COALESCE(CAST(:address_block AS text), address_block)
            WHERE tenant_id = :tenant_id AND id = :device_id AND account_id = :account_id
            RETURNING tenant_id, id, account_id
        )
        UPDATE sessions SET device_id = device.id FROM device
        WHERE sessions.tenant_id = device.tenant_id AND sessions.id = :session_id
            AND sessions.account_id = device.account_id
    """)
)
# The browser of a session has come to another host, where it is known by another cookie.
_FOLLOW = Statement(
    text("""
        INSERT INTO device_tokens (tenant_id, account_id, digest, device_id, is_certain)
        SELECT devices.tenant_id, devices.account_id, :digest, devices.id, true
        FROM sessions JOIN devices ON devices.tenant_id = sessions.tenant_id AND devices.id = sessions.device_id
        WHERE sessions.tenant_id = :tenant_id AND sessions.id = :session_id AND devices.forgotten_at IS NULL
        ON CONFLICT DO NOTHING
        RETURNING account_id
    """).columns(account_id=BigInteger)
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up tells: the device that shows itself, if any, and whether the account has ever had one.

    `is_known`: it was neither forgotten nor away for too long.
    """

    device_id: UUID | None
    is_certain: bool
    is_known: bool
    has_any: bool


class DeviceStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def found(self, tenant_id: int, account_id: int, digest: bytes, used_since: datetime) -> Found:
        """Return what is known of the device of an account that shows what has this digest."""
        (row,) = self._database.run(
            _FOUND,
            tenant_id=tenant_id,
            account_id=account_id,
            digest=digest,
            used_since=used_since,
        )
        return Found(row.device_id, bool(row.is_certain), bool(row.is_known), row.has_any)

    def add(
        self, tenant_id: int, account_id: int, device: Device, digest: bytes, *, is_certain: bool
    ) -> None:
        """Within a transaction, keep a new device; of too many the ones that were not used for longest go."""
        mine = (devices.c.tenant_id == tenant_id, devices.c.account_id == account_id)
        too_many = (
            select(devices.c.id)
            .where(*mine)
            .order_by(devices.c.last_used_at.desc(), devices.c.id)
            .offset(MOST_DEVICES)
        )
        with self._database.connection() as connection:
            connection.execute(
                insert(devices).values(
                    tenant_id=tenant_id,
                    id=UUID(device.id),
                    account_id=account_id,
                    name=device.name,
                    address_block=device.address_block,
                    first_seen_at=device.first_seen_at,
                    last_used_at=device.last_used_at,
                )
            )
            connection.execute(
                insert(device_tokens).values(
                    tenant_id=tenant_id,
                    account_id=account_id,
                    digest=digest,
                    device_id=UUID(device.id),
                    is_certain=is_certain,
                )
            )
            connection.execute(delete(devices).where(*mine, devices.c.id.in_(too_many)))

    def used(self, tenant_id: int, account_id: int, device: Device, session_id: UUID) -> None:
        """Keep that a session of the account was opened on its device, which is known from now on."""
        self._database.run(
            _USED,
            tenant_id=tenant_id,
            account_id=account_id,
            device_id=UUID(device.id),
            name=device.name,
            address_block=device.address_block,
            now=device.last_used_at,
            session_id=session_id,
        )

    def follow(self, tenant_id: int, session_id: UUID, digest: bytes) -> bool:
        """Let the device that a session is on be known by this as well; tells whether it was not yet."""
        return bool(
            self._database.run(_FOLLOW, tenant_id=tenant_id, session_id=session_id, digest=digest)
        )

    def of_account(self, tenant_id: int, account_id: int) -> list[Device]:
        """Return the devices of an account that are not forgotten, the one used last first."""
        query = (
            select(devices)
            .where(
                devices.c.tenant_id == tenant_id,
                devices.c.account_id == account_id,
                devices.c.forgotten_at.is_(None),
            )
            .order_by(devices.c.last_used_at.desc(), devices.c.id)
        )
        with self._database.connection() as connection:
            return [_device(row) for row in connection.execute(query).all()]

    def forget(self, tenant_id: int, account_id: int, device_id: UUID, now: datetime) -> bool:
        """Know a device no longer; tells whether the account had it."""
        with self._database.connection() as connection:
            done = connection.execute(
                update(devices)
                .where(
                    devices.c.tenant_id == tenant_id,
                    devices.c.account_id == account_id,
                    devices.c.id == device_id,
                    devices.c.forgotten_at.is_(None),
                )
                .values(forgotten_at=now)
            )
        return done.rowcount > 0

    def forget_all(
        self, tenant_id: int, account_id: int, now: datetime, spare_session_id: UUID | None = None
    ) -> int:
        """Know no device of an account any longer but the one that this session is on; returns how many go."""
        spared = (
            select(sessions.c.device_id)
            .where(sessions.c.tenant_id == tenant_id, sessions.c.id == spare_session_id)
            .scalar_subquery()
        )
        with self._database.connection() as connection:
            done = connection.execute(
                update(devices)
                .where(
                    devices.c.tenant_id == tenant_id,
                    devices.c.account_id == account_id,
                    devices.c.forgotten_at.is_(None),
                    or_(spared.is_(None), devices.c.id != spared),
                )
                .values(forgotten_at=now)
            )
        return done.rowcount

    def purge(self, before: datetime) -> int:
        """Delete devices that were used last before that moment, of whichever tenant; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(devices).where(devices.c.last_used_at < before)
            ).rowcount


def _device(row: Row[Any]) -> Device:
    return Device(str(row.id), row.name, row.address_block, row.first_seen_at, row.last_used_at)
