"""Everything that is kept on a customer account, connected in one place."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.accounts.service import Accounts
from authsvc.accounts.whole_accounts import WholeAccounts
from authsvc.attributes.definition_store import DefinitionStore
from authsvc.attributes.service import Attributes
from authsvc.attributes.store import AttributeStore
from authsvc.audit.store import AuditTrail
from authsvc.cards.service import Cards
from authsvc.cards.store import CardStore
from authsvc.contacts.service import Contacts
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.notes.service import Notes
from authsvc.notes.store import NoteStore
from authsvc.segments.service import Segments
from authsvc.segments.store import SegmentStore


@dataclass(frozen=True, slots=True)
class AccountData:
    """What is kept on accounts, by feature."""

    contacts: Contacts
    cards: Cards
    notes: Notes
    attributes: Attributes
    segments: Segments
    whole_accounts: WholeAccounts


def connect_account_data(
    database: Database, accounts: Accounts, trail: AuditTrail, clock: Clock
) -> AccountData:
    """Connect the features to the database and to the accounts they keep things on."""
    transaction = database.transaction
    notes = Notes(NoteStore(database), accounts, trail, transaction, clock)
    segments = Segments(SegmentStore(database), trail, transaction, clock)
    attributes = Attributes(
        AttributeStore(database), DefinitionStore(database), accounts, trail, transaction, clock
    )
    return AccountData(
        Contacts(accounts.contacts, accounts, trail, transaction, clock),
        Cards(CardStore(database), accounts, trail, transaction, clock),
        notes,
        attributes,
        segments,
        WholeAccounts(accounts, attributes, segments, notes, transaction),
    )
