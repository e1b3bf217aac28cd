"""The devices an account is signed in with: listed, and one of them ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.devices.rules import Device, UnknownDevice
from authsvc.sessions.rules import EndReason, LiveSession

if TYPE_CHECKING:
    from authsvc.accounts.account_sessions import AccountSessions
    from authsvc.audit.store import AuditTrail
    from authsvc.devices.service import Devices
    from authsvc.infra.database import Transaction
    from authsvc.sessions.browser import BrowserTerms


@dataclass(frozen=True, slots=True)
class DeviceInUse:
    """A device, and the sessions that go on on it; `device.last_used_at` is the last sign of any of them."""

    device: Device
    sessions: tuple[LiveSession, ...]

    def has(self, session_id: str | None) -> bool:
        """Tell whether a session is on it."""
        return any(session.session_id == session_id for session in self.sessions)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Where an account is signed in, or was: on its devices, and in sessions of which no device is known."""

    devices: tuple[DeviceInUse, ...]
    elsewhere: tuple[LiveSession, ...]


@dataclass(frozen=True, slots=True)
class AccountDevices:
    """The use cases; what ends is ended on every worker within a second."""

    devices: Devices
    account_sessions: AccountSessions
    terms: BrowserTerms
    trail: AuditTrail
    transaction: Transaction

    def signed_in(self, tenant_id: int, account_id: int) -> SignedIn:
        """Return where the account is signed in, what was used last first; raises `UnknownAccount`."""
        sessions = self.account_sessions.signed_in(tenant_id, account_id)
        known = self.devices.store.of_account(tenant_id, account_id)
        in_use = [
            self._in_use(device, [each for each in sessions if each.device_id == device.id])
            for device in known
        ]
        in_use.sort(key=lambda each: each.device.last_used_at, reverse=True)
        ids = {device.id for device in known}
        elsewhere = tuple(each for each in sessions if each.device_id not in ids)
        return SignedIn(tuple(in_use), elsewhere)

    def end(self, caller: Caller, account_id: int, device_id: str) -> None:
        """End all sessions on a device of the account, which is not known any longer.

        Raises `UnknownAccount` or `UnknownDevice`.
        """
        tenant_id, wanted = caller.tenant_id, _uuid(device_id)
        with self.transaction():
            self.account_sessions.accounts.held(tenant_id, account_id)
            now = self.devices.clock()
            if not self.devices.store.forget(tenant_id, account_id, wanted, now):
                raise UnknownDevice
            for session in self.account_sessions.live.of_account(tenant_id, account_id, now):
                if session.device_id == str(wanted):
                    self.account_sessions.sessions.end_one(
                        tenant_id, session.session_id, EndReason.SIGNED_OUT
                    )
            self.trail.note(
                caller,
                "account.device_removed",
                f"account:{account_id}",
                [Change("deviceId", str(wanted), None)],
            )

    def last_used(self, session: LiveSession) -> datetime:
        """Return when a session was used last, as far as that is written down.

        A ticket's: when it was refreshed. A browser's: its cookie's end is put off by each use, with some delay.
        """
        if session.remembered is None:
            return session.issued_at
        idle = self.terms.of(remembered=session.remembered).idle
        return max(session.issued_at, session.good_until - idle)

    def _in_use(self, device: Device, sessions: Sequence[LiveSession]) -> DeviceInUse:
        used = max([device.last_used_at, *map(self.last_used, sessions)])
        return DeviceInUse(replace(device, last_used_at=used), tuple(sessions))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownDevice from None
