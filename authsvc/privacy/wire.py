"""What is held on a shopper, as it travels: made of what the calls for its parts answer."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from authsvc.accounts.session_routes import AccountSession
from authsvc.accounts.wire import Account
from authsvc.audit.rules import AuditEntry
from authsvc.cards.wire import CustomerCard
from authsvc.credentials.password_policy import TYPED_MAX_BYTES
from authsvc.devices.routes import AccountDevice
from authsvc.orders.wire import Order
from authsvc.privacy.rules import Holdings
from authsvc.web.wire import Id, Wire, WireDateTime


class ErasureBody(Wire):
    """What a shopper sends to end their account; applications send nothing."""

    password: Annotated[str, Field(max_length=TYPED_MAX_BYTES)] | None = None


class FieldChange(Wire):
    """A field that was changed, from what to what; null for secrets, and for what was erased."""

    field: str
    old_value: Any
    new_value: Any


class ActivityEntry(Wire):
    """Something that was done to the account."""

    id: Id
    entry_date: WireDateTime
    entry_user: str
    application: str | None
    site_id: Id | None
    action: str
    changes: list[FieldChange]

    @classmethod
    def of(cls, entry: AuditEntry) -> ActivityEntry:
        """Show an entry of the audit trail."""
        return cls(
            id=entry.id,
            entry_date=entry.at,
            entry_user=entry.actor,
            application=entry.application,
            site_id=entry.site_id,
            action=entry.action,
            changes=[
                FieldChange(field=each.field, old_value=each.old, new_value=each.new)
                for each in entry.changes
            ],
        )


class ExportedPasskey(Wire):
    """A passkey of the account: its name, the domain it is for, and when it was added and used."""

    name: str
    relying_party_id: str
    created_date: WireDateTime
    last_used_date: WireDateTime | None


class ExportedSecondFactor(Wire):
    """Since when the account has its authenticator app, null without one, and how many recovery codes are left."""

    authenticator_app_set_up_on: WireDateTime | None
    recovery_codes_left: int


class AccountExport(Wire):
    """Everything that is held on a shopper at `exportDate`.

    `customerAccount` has contacts, attributes, segments and notes. In the shopper's own export notes, hidden attributes
    and `activity` are left out.
    """

    export_date: WireDateTime
    customer_account: Account
    cards: list[CustomerCard]
    orders: list[Order]
    sessions: list[AccountSession]
    devices: list[AccountDevice]
    passkeys: list[ExportedPasskey]
    second_factor: ExportedSecondFactor
    activity: list[ActivityEntry] | None

    @classmethod
    def of(cls, held: Holdings) -> AccountExport:
        """Show what is held."""
        return cls(
            export_date=held.taken_at,
            customer_account=Account.of(held.account, beside=held.beside),
            cards=[CustomerCard.of(card) for card in held.cards],
            orders=[Order.of(order) for order in held.orders],
            sessions=[AccountSession.of(session) for session in held.sessions],
            devices=[AccountDevice.of(each) for each in held.devices],
            passkeys=[
                ExportedPasskey(
                    name=each.name,
                    relying_party_id=each.relying_party,
                    created_date=each.created_at,
                    last_used_date=each.last_used_at,
                )
                for each in held.passkeys
            ],
            second_factor=ExportedSecondFactor(
                authenticator_app_set_up_on=held.second_factor.app_set_up_at,
                recovery_codes_left=held.second_factor.recovery_codes_left,
            ),
            activity=None
            if held.entries is None
            else [ActivityEntry.of(entry) for entry in held.entries],
        )
