"""Writing, reading, changing and deleting notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.known_accounts import KnownAccounts
from authsvc.notes.rules import MOST_NOTES, Note, TooManyNotes, UnknownNote, checked

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.listing.paging import Page
    from authsvc.notes.store import NoteStore


@dataclass(frozen=True, slots=True)
class Notes:
    """The use cases; each is one transaction."""

    store: NoteStore
    accounts: KnownAccounts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def of_account(self, tenant_id: int, account_id: int) -> tuple[Note, ...]:
        """Return everything of this feature that is held on an account: its notes, oldest first."""
        return self.store.of_accounts(tenant_id, [account_id]).get(account_id, ())

    def page(
        self, tenant_id: int, account_id: int, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Note], int]:
        """Return a page of an account's notes and how many match; raises `UnknownAccount` or `Invalid`."""
        self.accounts.known(tenant_id, account_id)
        return self.store.page(tenant_id, account_id, page, filter_text, sort_by)

    def note(self, tenant_id: int, account_id: int, note_id: int) -> Note:
        """Return a note; raises `UnknownNote`."""
        note = self.store.note(tenant_id, account_id, note_id)
        if note is None:
            raise UnknownNote(note_id)
        return note

    def add(self, caller: Caller, account_id: int, content: str | None) -> Note:
        """Write a note; raises `UnknownAccount`, `TooManyNotes`, `Invalid`, `CardNumberRefused`."""
        text = checked(content)
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            if len(self.of_account(caller.tenant_id, account_id)) >= MOST_NOTES:
                raise TooManyNotes
            note = self.store.add(caller.tenant_id, account_id, text, caller.name, self.clock())
            self._note(caller, account_id, "note_added", Change(f"notes/{note.id}", None, text))
        return note

    def update(self, caller: Caller, account_id: int, note_id: int, content: str | None) -> Note:
        """Change a note's text; raises `UnknownNote`, `Invalid`, `CardNumberRefused`."""
        text = checked(content)
        with self.transaction():
            note = self._held(caller, account_id, note_id)
            if note.content != text:
                self.store.update(
                    caller.tenant_id, account_id, note_id, text, caller.name, self.clock()
                )
                change = Change(f"notes/{note_id}", note.content, text)
                self._note(caller, account_id, "note_updated", change)
            return self.note(caller.tenant_id, account_id, note_id)

    def delete(self, caller: Caller, account_id: int, note_id: int) -> None:
        """Delete a note; raises `UnknownNote`."""
        with self.transaction():
            note = self._held(caller, account_id, note_id)
            self.store.remove(caller.tenant_id, account_id, note_id)
            change = Change(f"notes/{note_id}", note.content, None)
            self._note(caller, account_id, "note_deleted", change)

    def _held(self, caller: Caller, account_id: int, note_id: int) -> Note:
        note = self.store.note(caller.tenant_id, account_id, note_id, for_update=True)
        if note is None:
            raise UnknownNote(note_id)
        return note

    def _note(self, caller: Caller, account_id: int, action: str, change: Change) -> None:
        self.trail.note(caller, f"account.{action}", f"account:{account_id}", [change])
