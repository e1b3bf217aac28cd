"""Knowing a shopper's device again, and remembering it at a good sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from authsvc import tokens
from authsvc.audit.rules import Change
from authsvc.callers import Caller, ShownDevice
from authsvc.devices.names import device_name
from authsvc.devices.rules import KNOWN_FOR, Device, KnownDevice, address_block, shown_digest

if TYPE_CHECKING:
    from authsvc.accounts.rules import CustomerAccount
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.rules import Site
    from authsvc.devices.notices import NewDeviceNotices
    from authsvc.devices.store import DeviceStore
    from authsvc.infra.clock import Clock


@dataclass(frozen=True, slots=True)
class Devices:
    """The use cases."""

    store: DeviceStore
    notices: NewDeviceNotices
    trail: AuditTrail
    clock: Clock

    def known(
        self, tenant_id: int, account_id: int, shown: ShownDevice | None
    ) -> KnownDevice | None:
        """Return the device of the account that shows itself, if the account was signed in with it before.

        It proves nothing by itself: whoever shows it has this browser's cookie, and no password.
        """
        digest = shown_digest(shown)
        if digest is None:
            return None
        found = self.store.found(tenant_id, account_id, digest[0], self.clock() - KNOWN_FOR)
        if found.device_id is None or not found.is_known:
            return None
        return KnownDevice(str(found.device_id), found.is_certain)

    def certain(self, tenant_id: int, account_id: int, shown: ShownDevice | None) -> str | None:
        """Return the id of the same device if it shows itself by a token that nobody guesses."""
        known = self.known(tenant_id, account_id, shown)
        return known.id if known is not None and known.is_certain else None

    def is_known(self, tenant_id: int, account_id: int, shown: ShownDevice | None) -> bool:
        """Tell whether the account was signed in with this device before, by a token that nobody guesses."""
        return self.certain(tenant_id, account_id, shown) is not None

    def signed_in(
        self, caller: Caller, site: Site, account: CustomerAccount, session_id: str
    ) -> None:
        """Within the transaction of a good sign-in, remember the device that its session is on.

        The account's login must be held by the transaction. A call that shows no device leaves the session on none. Of
        one that the account did not know its holder is told by mail, unless it is the account's first.
        """
        digest = shown_digest(caller.device)
        if digest is None or caller.device is None:
            return
        now = self.clock()
        found = self.store.found(site.tenant_id, account.id, digest[0], now - KNOWN_FOR)
        device = Device(
            str(found.device_id or uuid4()),
            device_name(caller.device.user_agent),
            address_block(caller.device.address),
            now,
            now,
        )
        if found.device_id is None:
            self.store.add(site.tenant_id, account.id, device, digest[0], is_certain=digest[1])
        self.store.used(site.tenant_id, account.id, device, UUID(session_id))
        if found.is_known:
            return
        self.trail.note(
            caller,
            "account.device_added",
            f"account:{account.id}",
            [Change("device", None, device.name), Change("deviceId", None, device.id)],
        )
        if found.has_any:
            self.notices.tell(site, account, device, session_id)

    def follow(self, tenant_id: int, session_id: str, token: str) -> None:
        """Know the device that a session is on by this token as well: its browser has come to another host."""
        digest = shown_digest(ShownDevice(token))
        if digest is not None:
            self.store.follow(tenant_id, UUID(session_id), digest[0])

    def forget_all(self, tenant_id: int, account_id: int, spare_session_id: UUID | None) -> None:
        """Within a transaction, know no device of an account any longer but the one that this session is on.

        Whoever ends all sessions of an account does this: a password was replaced, or somebody signed out everywhere,
        and a device that was another's must not pass for the shopper's.
        """
        self.store.forget_all(tenant_id, account_id, self.clock(), spare_session_id)


def new_device_token(tenant_id: int) -> str:
    """Return what a browser is known again by from now on."""
    return tokens.new_token(tenant_id, tokens.Audience.DEVICE)
