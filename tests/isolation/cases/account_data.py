"""Questions about what is kept on an account: cards, notes, attributes."""

from __future__ import annotations

from dataclasses import replace

from authsvc.attributes.definition_store import DefinitionStore
from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.attributes.store import AttributeStore
from authsvc.cards.rules import Card
from authsvc.cards.store import CardStore
from authsvc.listing.paging import Page
from authsvc.notes.store import NoteStore
from tests.isolation.world import Case, World


def _cards(world: World) -> CardStore:
    return world.services.account_data.cards.store


def _notes(world: World) -> NoteStore:
    return world.services.account_data.notes.store


def _attributes(world: World) -> AttributeStore:
    return world.services.account_data.attributes.store


def _definitions(world: World) -> DefinitionStore:
    return world.services.account_data.attributes.definitions


SIZE = Definition("tenant~size", DataType.NUMBER, ValueType.SHOPPER_ENTERED)

CASES: dict[str, Case] = {
    "CardStore.of_account": lambda w, tenant, _: _cards(w).of_account(tenant, w.account.id),
    "CardStore.held": lambda w, tenant, _: _cards(w).held(tenant, w.account.id),
    "CardStore.has_contact": lambda w, tenant, _: _cards(w).has_contact(
        tenant, w.account.id, w.contact_id
    ),
    "CardStore.add": lambda w, tenant, _: _cards(w).add(
        tenant, w.account.id, Card("other"), "x", w.now
    ),
    "CardStore.update": lambda w, tenant, _: _cards(w).update(
        tenant, w.account.id, Card("card-token", card_type="X"), "x", w.now
    ),
    "CardStore.remove": lambda w, tenant, _: _cards(w).remove(tenant, w.account.id, "card-token"),
    "NoteStore.add": lambda w, tenant, _: _notes(w).add(tenant, w.account.id, "x", "x", w.now),
    "NoteStore.note": lambda w, tenant, _: _notes(w).note(
        tenant, w.account.id, w.note_id, for_update=True
    ),
    "NoteStore.page": lambda w, tenant, _: _notes(w).page(tenant, w.account.id, Page())[0],
    "NoteStore.of_accounts": lambda w, tenant, _: _notes(w).of_accounts(tenant, [w.account.id]),
    "NoteStore.update": lambda w, tenant, _: _notes(w).update(
        tenant, w.account.id, w.note_id, "x", "x", w.now
    ),
    "NoteStore.remove": lambda w, tenant, _: _notes(w).remove(tenant, w.account.id, w.note_id),
    "AttributeStore.of_accounts": lambda w, tenant, _: _attributes(w).of_accounts(
        tenant, [w.account.id]
    ),
    "AttributeStore.add": lambda w, tenant, _: _attributes(w).add(
        tenant, w.guest_id, w.attribute_id, ["x"], "x", w.now
    ),
    "AttributeStore.held": lambda w, tenant, _: _attributes(w).held(
        tenant, w.account.id, w.attribute_id
    ),
    "AttributeStore.update": lambda w, tenant, _: _attributes(w).update(
        tenant, w.account.id, w.attribute_id, ["x"], "x", w.now
    ),
    "AttributeStore.remove": lambda w, tenant, _: _attributes(w).remove(
        tenant, w.account.id, w.attribute_id
    ),
    # A stranger's own new definition is nothing of the world's.
    "DefinitionStore.add": lambda w, tenant, _: (
        _definitions(w).add(tenant, SIZE, "x", w.now).vocabulary
    ),
    "DefinitionStore.definition": lambda w, tenant, _: _definitions(w).definition(
        tenant, "tenant~tier", for_update=True
    ),
    "DefinitionStore.page": lambda w, tenant, _: _definitions(w).page(tenant, Page())[0],
    "DefinitionStore.update": lambda w, tenant, _: _definitions(w).update(
        tenant, replace(SIZE, id=w.attribute_id), "x", w.now
    ),
}
