"""What a note is ([K] 3.2: merchant side only)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from authsvc.card_numbers import refuse_card_numbers
from authsvc.errors import Conflict, Invalid, NotFound

# Characters: some pages of text.
LONGEST_NOTE = 10_000
# Every reading of the account shows all of them.
MOST_NOTES = 500


@dataclass(frozen=True, slots=True)
class Note:
    """Something staff wrote down about a customer."""

    id: int
    content: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class UnknownNote(NotFound):
    """The account has no such note."""

    def __init__(self, note_id: int) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no note {note_id}.")


class TooManyNotes(Conflict):
    """The account has as many notes as one may have."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(f"An account has at most {MOST_NOTES} notes. Delete some first.")


def checked(content: str | None) -> str:
    """Return a note's text as it may be kept; raises `Invalid`, or `CardNumberRefused` for a full card number."""
    text = (content or "").strip()
    if not text:
        raise Invalid("content", "must not be empty")
    if len(text) > LONGEST_NOTE:
        raise Invalid("content", f"must have at most {LONGEST_NOTE} characters")
    refuse_card_numbers({"content": text})
    return text
