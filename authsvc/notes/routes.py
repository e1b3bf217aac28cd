"""Notes on an account: list, write, change, delete ([K] 3.1, 3.5); with a shopper's ticket along, none of it."""

from __future__ import annotations

from authsvc.callers import Behavior, Caller, Requires
from authsvc.card_numbers import CardNumberRefused
from authsvc.listing.queries import FieldsQuery, ListQuery
from authsvc.notes.rules import TooManyNotes, UnknownNote
from authsvc.notes.service import Notes
from authsvc.notes.wire import CustomerNote, NoteBody
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes

_READS = Requires(Behavior.CUSTOMER_READ)
_CHANGES = Requires(Behavior.CUSTOMER_UPDATE)


def routes(service: Notes) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("notes", prefix="/api/commerce/customer/accounts", tag="Notes")
    _reading(part, service)
    _changing(part, service)
    return part


def _reading(part: Routes, service: Notes) -> None:
    @part.get(
        "/<int:account_id>/notes",
        requires=_READS,
        answers=Collection[CustomerNote],
        refuses=(UnknownNote,),
    )
    def list_notes(caller: Caller, account_id: int, query: ListQuery) -> Collection[CustomerNote]:
        """List the notes on an account."""
        found, total = service.page(
            caller.tenant_id, account_id, query.page, query.filter or "", query.sort_by or ""
        )
        return Collection[CustomerNote].page(
            [CustomerNote.of(note) for note in found],
            start_index=query.page.start_index,
            page_size=query.page.size,
            total_count=total,
        )

    @part.get(
        "/<int:account_id>/notes/<int:note_id>",
        requires=_READS,
        answers=CustomerNote,
        refuses=(UnknownNote,),
    )
    def get_note(caller: Caller, account_id: int, note_id: int, query: FieldsQuery) -> CustomerNote:
        """Get a note."""
        return CustomerNote.of(service.note(caller.tenant_id, account_id, note_id))


def _changing(part: Routes, service: Notes) -> None:
    @part.post(
        "/<int:account_id>/notes",
        requires=_CHANGES,
        answers=CustomerNote,
        status=201,
        refuses=(UnknownNote, TooManyNotes, CardNumberRefused),
        body_name="note",
    )
    def add_note(
        caller: Caller, account_id: int, body: NoteBody, query: FieldsQuery
    ) -> CustomerNote:
        """Write a note; only staff and applications ever read it."""
        return CustomerNote.of(service.add(caller, account_id, body.content))

    @part.put(
        "/<int:account_id>/notes/<int:note_id>",
        requires=_CHANGES,
        answers=CustomerNote,
        refuses=(UnknownNote, CardNumberRefused),
        body_name="note",
    )
    def update_note(
        caller: Caller, account_id: int, note_id: int, body: NoteBody, query: FieldsQuery
    ) -> CustomerNote:
        """Change a note's text."""
        return CustomerNote.of(service.update(caller, account_id, note_id, body.content))

    @part.delete("/<int:account_id>/notes/<int:note_id>", requires=_CHANGES, refuses=(UnknownNote,))
    def delete_note(caller: Caller, account_id: int, note_id: int) -> None:
        """Delete a note."""
        service.delete(caller, account_id, note_id)
