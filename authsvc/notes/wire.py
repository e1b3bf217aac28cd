"""Notes as they travel, under the vendor's field names ([K] 3.2)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.notes.rules import LONGEST_NOTE, Note
from authsvc.web.audit_info import AuditInfo
from authsvc.web.wire import Id, Wire


class NoteBody(Wire):
    """A note as a caller sends it."""

    content: Annotated[str, Field(max_length=LONGEST_NOTE)] | None = None


class CustomerNote(Wire):
    """Something staff wrote down about a customer."""

    id: Id
    content: str
    audit_info: AuditInfo

    @classmethod
    def of(cls, note: Note) -> CustomerNote:
        """Show a note."""
        return cls(id=note.id, content=note.content, audit_info=AuditInfo.of(note))
