"""Adding, reading, changing and deleting contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authsvc.audit.rules import Change, changes_between
from authsvc.callers import Caller
from authsvc.contacts.rules import (
    CONTACT_FIELDS,
    Contact,
    UnknownContact,
    changed,
    demoted,
    refuse_too_many,
)
from authsvc.known_accounts import KnownAccounts

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.contacts.store import ContactStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.listing.paging import Page

NEW = 0


@dataclass(frozen=True, slots=True)
class WantedContact:
    """What a caller says of one contact: its id, or `NEW`, and field of `CONTACT_FIELDS` → value; absent: unchanged."""

    id: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contacts:
    """The use cases; each is one transaction.

    Contacts of one account are changed by one caller at a time, so that no two become primary.
    """

    store: ContactStore
    accounts: KnownAccounts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def of_account(self, tenant_id: int, account_id: int) -> tuple[Contact, ...]:
        """Return everything of this feature that is held on an account: its contacts, oldest first."""
        return self.store.of_accounts(tenant_id, [account_id]).get(account_id, ())

    def page(
        self,
        tenant_id: int,
        account_id: int,
        page: Page,
        filter_text: str = "",
        sort_by: str = "",
        *,
        user_id: str | None = None,
    ) -> tuple[list[Contact], int]:
        """Return a page of an account's contacts and how many match; raises `UnknownAccount` or `Invalid`."""
        self.accounts.known(tenant_id, account_id, user_id)
        return self.store.page(tenant_id, account_id, page, filter_text, sort_by)

    def contact(self, tenant_id: int, account_id: int, contact_id: int) -> Contact:
        """Return a contact; raises `UnknownContact`."""
        return _find(self.of_account(tenant_id, account_id), contact_id)

    def save(
        self, caller: Caller, account_id: int, wanted: Sequence[WantedContact]
    ) -> list[Contact]:
        """Add and change contacts of an account, all of them or none, in their order; returns them as they are now.

        A contact that is to be primary takes that from the one that was. Raises `UnknownAccount`, `UnknownContact`,
        `TooManyContacts`, `Invalid`, `CardNumberRefused`.
        """
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            saved = [self._save(caller, account_id, each) for each in wanted]
            held = self.of_account(caller.tenant_id, account_id)
            refuse_too_many(held)
        return [_find(held, contact_id) for contact_id in saved]

    def delete(self, caller: Caller, account_id: int, contact_id: int) -> None:
        """Delete a contact; raises `UnknownContact`."""
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            contact = _find(self.store.held(caller.tenant_id, account_id), contact_id)
            self.store.remove(caller.tenant_id, account_id, contact_id)
            old = _said(contact)
            self._note(caller, account_id, contact_id, "contact_deleted", old, dict.fromkeys(old))

    def _save(self, caller: Caller, account_id: int, wanted: WantedContact) -> int:
        held = self.store.held(caller.tenant_id, account_id)
        if wanted.id == NEW:
            contact = changed(Contact(NEW, ""), wanted.fields)
        else:
            contact = changed(_find(held, wanted.id), wanted.fields)
        others = [each for each in held if each.id != wanted.id]
        # First whoever loses the rank, or the database would see two.
        for before, after in zip(others, demoted(others, contact), strict=True):
            self._change(caller, account_id, before, after)
        if wanted.id != NEW:
            self._change(caller, account_id, _find(held, wanted.id), contact)
            return wanted.id
        (contact_id,) = self.store.add_all(
            caller.tenant_id, account_id, [contact], caller.name, self.clock()
        )
        self._note(caller, account_id, contact_id, "contact_added", {}, _said(contact))
        return contact_id

    def _change(self, caller: Caller, account_id: int, before: Contact, after: Contact) -> None:
        if before == after:
            return
        self.store.update(caller.tenant_id, account_id, after, caller.name, self.clock())
        old = {name: getattr(before, name) for name in CONTACT_FIELDS}
        new = {name: getattr(after, name) for name in CONTACT_FIELDS}
        self._note(caller, account_id, before.id, "contact_updated", old, new)

    def _note(
        self,
        caller: Caller,
        account_id: int,
        contact_id: int,
        action: str,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        changes = [
            Change(f"contacts/{contact_id}/{change.field}", change.old, change.new)
            for change in changes_between(old, new)
        ]
        self.trail.note(caller, f"account.{action}", f"account:{account_id}", changes)


def _find(held: Sequence[Contact], contact_id: int) -> Contact:
    for contact in held:
        if contact.id == contact_id:
            return contact
    raise UnknownContact(contact_id)


def _said(contact: Contact) -> dict[str, Any]:
    """Return what is said of a contact, leaving out what is not."""
    named = {name: getattr(contact, name) for name in CONTACT_FIELDS}
    return {name: value for name, value in named.items() if value not in (None, {})}
