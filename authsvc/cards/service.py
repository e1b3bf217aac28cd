"""Adding, reading, changing and deleting cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.cards.rules import (
    MOST_CARDS,
    Card,
    CardExists,
    NoCardToDelete,
    TooManyCards,
    UnknownCard,
    changed,
    changes_for_trail,
    demoted,
)
from authsvc.errors import Invalid
from authsvc.known_accounts import KnownAccounts

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.cards.store import CardStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class Cards:
    """The use cases; each is one transaction. Cards of one account are changed by one caller at a time."""

    store: CardStore
    accounts: KnownAccounts
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def of_account(self, tenant_id: int, account_id: int) -> list[Card]:
        """Return everything of this feature that is held on an account: its cards, oldest first."""
        return self.store.of_account(tenant_id, account_id)

    def of_known_account(self, tenant_id: int, account_id: int) -> list[Card]:
        """The same; raises `UnknownAccount`."""
        self.accounts.known(tenant_id, account_id)
        return self.store.of_account(tenant_id, account_id)

    def card(self, tenant_id: int, account_id: int, card_id: str) -> Card:
        """Return a card; raises `UnknownCard`."""
        card = _found(self.store.of_account(tenant_id, account_id), card_id)
        if card is None:
            raise UnknownCard
        return card

    def add(self, caller: Caller, account_id: int, card_id: str, wanted: Mapping[str, Any]) -> Card:
        """Add the card of a token (field of `CARD_FIELDS` → value); as the default it takes that from the old one.

        Raises `UnknownAccount`, `CardExists`, `TooManyCards`, `Invalid`, `CardNumberRefused`.
        """
        card = changed(Card(card_id), wanted)
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            held = self.store.held(caller.tenant_id, account_id)
            if _found(held, card_id) is not None:
                raise CardExists
            if len(held) >= MOST_CARDS:
                raise TooManyCards
            self._make_room(caller, account_id, held, card)
            serial = self.store.add(caller.tenant_id, account_id, card, caller.name, self.clock())
            self._note(caller, account_id, "card_added", None, replace(card, serial=serial))
            return self.card(caller.tenant_id, account_id, card_id)

    def update(
        self, caller: Caller, account_id: int, card_id: str, wanted: Mapping[str, Any]
    ) -> Card:
        """Change a card; what is absent stays.

        Raises `UnknownAccount`, `UnknownCard`, `Invalid`, `CardNumberRefused`.
        """
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            held = self.store.held(caller.tenant_id, account_id)
            before = _found(held, card_id)
            if before is None:
                raise UnknownCard
            after = changed(before, wanted)
            others = [each for each in held if each.id != card_id]
            self._make_room(caller, account_id, others, after)
            self._change(caller, account_id, before, after)
            return self.card(caller.tenant_id, account_id, card_id)

    def delete(self, caller: Caller, account_id: int, card_id: str) -> None:
        """Delete a card; raises `UnknownAccount` or `NoCardToDelete`."""
        with self.transaction():
            self.accounts.keep(caller.tenant_id, account_id)
            card = _found(self.store.held(caller.tenant_id, account_id), card_id)
            if card is None:
                raise NoCardToDelete
            self.store.remove(caller.tenant_id, account_id, card_id)
            self._note(caller, account_id, "card_deleted", card, None)

    def _make_room(
        self, caller: Caller, account_id: int, others: Sequence[Card], card: Card
    ) -> None:
        """Look for the card's contact, and take the rank of default from whoever else has it."""
        if card.contact_id is not None and not self.store.has_contact(
            caller.tenant_id, account_id, card.contact_id
        ):
            raise Invalid("contactId", "The account has no such contact.")
        for before, after in zip(others, demoted(others, card), strict=True):
            self._change(caller, account_id, before, after)

    def _change(self, caller: Caller, account_id: int, before: Card, after: Card) -> None:
        if before != after:
            self.store.update(caller.tenant_id, account_id, after, caller.name, self.clock())
            self._note(caller, account_id, "card_updated", before, after)

    def _note(
        self, caller: Caller, account_id: int, action: str, old: Card | None, new: Card | None
    ) -> None:
        card = new or old
        serial = card.serial if card else 0
        self.trail.note(
            caller,
            f"account.{action}",
            f"account:{account_id}",
            [
                Change(f"cards/{serial}/{name}", *values)
                for name, values in changes_for_trail(old, new).items()
            ],
        )


def _found(held: Sequence[Card], card_id: str) -> Card | None:
    return next((card for card in held if card.id == card_id), None)
