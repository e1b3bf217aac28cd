"""Accounts together with what is kept beside them and shown with them: attributes, notes, segments ([K] 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import CustomerAccount
from authsvc.attributes.rules import AccountAttribute
from authsvc.callers import Caller
from authsvc.contacts.rules import Contact
from authsvc.errors import Forbidden
from authsvc.notes.rules import Note
from authsvc.segments.rules import Segment

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.attributes.service import Attributes
    from authsvc.infra.database import Transaction
    from authsvc.notes.service import Notes
    from authsvc.segments.service import Segments


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be known of an account under an attribute."""

    name: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What one caller may see beside an account; of notes None, if they are not for it or not wanted."""

    attributes: tuple[AccountAttribute, ...] = ()
    segments: tuple[Segment, ...] = ()
    notes: tuple[Note, ...] | None = None


@dataclass(frozen=True, slots=True)
class WholeAccounts:
    """The use cases; each is one transaction."""

    accounts: Accounts
    attributes: Attributes
    segments: Segments
    notes: Notes
    transaction: Transaction

    def create(
        self,
        caller: Caller,
        site_id: int,
        fields: Mapping[str, Any],
        contacts: Sequence[Contact],
        user_id: str | None,
        said: Sequence[Said],
        notes: Sequence[str | None],
    ) -> CustomerAccount:
        """Create an account and keep what comes along; raises as `Accounts.create` and each of the others does."""
        with self.transaction():
            account = self.accounts.create(caller, site_id, fields, contacts, user_id)
            self.keep_beside(caller, account.id, said, notes)
        return account

    def keep_beside(
        self, caller: Caller, account_id: int, said: Sequence[Said], notes: Sequence[str | None]
    ) -> None:
        """Within a transaction, keep what comes along with a new account; raises as `create`."""
        if notes and caller.is_shopper:
            raise Forbidden("Notes are for staff and applications.")
        self._say(caller, account_id, said)
        for content in notes:
            self.notes.add(caller, account_id, content)

    def update(
        self,
        caller: Caller,
        account_id: int,
        fields: Mapping[str, Any],
        said: Sequence[Said],
    ) -> CustomerAccount:
        """Change an account and what is known of it; raises as `Accounts.update` and `Attributes.set` do."""
        with self.transaction():
            account = self.accounts.update(caller, account_id, fields)
            self._say(caller, account_id, said)
        return account

    def beside(
        self, caller: Caller, accounts: Sequence[CustomerAccount], *, with_notes: bool
    ) -> dict[int, Beside]:
        """Return, by account, what is shown beside it; a shopper sees no notes and no hidden attributes."""
        ids = [account.id for account in accounts]
        attributes = self.attributes.store.of_accounts(caller.tenant_id, ids)
        segments = self.segments.store.of_accounts(caller.tenant_id, ids)
        shows_notes = with_notes and not caller.is_shopper
        notes = self.notes.store.of_accounts(caller.tenant_id, ids) if shows_notes else {}
        return {
            account_id: Beside(
                tuple(
                    each
                    for each in attributes.get(account_id, ())
                    if not caller.is_shopper or each.definition.is_shown_to_shoppers
                ),
                segments.get(account_id, ()),
                notes.get(account_id, ()) if shows_notes else None,
            )
            for account_id in ids
        }

    def beside_for_shopper(self, caller: Caller, account: CustomerAccount) -> Beside:
        """Return what the account's shopper may see beside it, whoever asks; no notes."""
        shopper = replace(caller, carries_shopper=True)
        return self.beside(shopper, [account], with_notes=False)[account.id]

    def _say(self, caller: Caller, account_id: int, said: Sequence[Said]) -> None:
        for each in said:
            self.attributes.set(caller, account_id, each.name, each.values)
