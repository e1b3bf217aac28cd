"""What is held on a shopper, and what may be left of them (GDPR Art. 15, 17 and 20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.whole_accounts import Beside
from authsvc.audit.rules import AuditEntry
from authsvc.cards.rules import Card
from authsvc.devices.account_devices import DeviceInUse
from authsvc.errors import Invalid
from authsvc.orders.rules import Order
from authsvc.sessions.rules import LiveSession


@dataclass(frozen=True, slots=True)
class HeldPasskey:
    """What is told of a passkey: nothing that it is verified by."""

    name: str
    relying_party: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldSecondFactor:
    """What is told of an authenticator app and its recovery codes; `app_set_up_at`: None without an app."""

    app_set_up_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything that is held on a shopper at `taken_at`.

    `entries`: what was done to the account, newest first; None for shoppers, as are notes and hidden attributes: the
    merchant looks through those for what is another person's before they are handed out (Art. 15 (4)).
    """

    taken_at: datetime
    account: CustomerAccount
    beside: Beside
    cards: tuple[Card, ...]
    orders: tuple[Order, ...]
    sessions: tuple[LiveSession, ...]
    devices: tuple[DeviceInUse, ...]
    entries: tuple[AuditEntry, ...] | None
    passkeys: tuple[HeldPasskey, ...]
    second_factor: HeldSecondFactor


class PasswordMissing(Invalid):
    """A shopper ends their account with their password, so that a ticket that was copied cannot."""

    def __init__(self) -> None:
        """Say what to send."""
        super().__init__("password", "Send the account's password along: this cannot be undone.")
