"""Where a page of a search begins, as callers carry it from page to page without knowing what is in it.

A cursor opens nothing: it says after which word and customer to go on, of a search that is made anew and sees what it
may see. So it is not signed; a check sum tells one that was cut, edited or brought from another search.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple, Self

from authsvc.errors import Invalid

# Bytes of the check sum: one in four billion changed cursors would pass.
_CHECK_BYTES = 4


class BadCursor(Invalid):
    """The cursor is of another search, or of none."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "cursor",
            "It is not a cursor of this search. Take it from an answer to the same search, or leave it out to begin.",
        )


class Position(NamedTuple):
    """Where a customer stands in the order of a search: by word, what is beside it, and number."""

    word: str
    other_words: str
    account_id: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """A page that lies after a position, or before it.

    `leading`: the typed word whose order the pages follow, none in a list of everybody.
    """

    position: Position
    leading: str | None
    is_backward: bool = False

    def text(self, search: object) -> str:
        """Write it down for callers; `search`: what was asked, as JSON can say it."""
        content = json.dumps([*self.position, self.leading, self.is_backward], ensure_ascii=False)
        written = _check(content, search) + content.encode()
        return urlsafe_b64encode(written).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, search: object) -> Self:
        """Take what a caller sends; raises `BadCursor`."""
        try:
            written = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            content = written[_CHECK_BYTES:].decode()
            if written[:_CHECK_BYTES] != _check(content, search):
                raise BadCursor
            return cls._of(json.loads(content))
        except (ValueError, RecursionError):
            raise BadCursor from None

    @classmethod
    def _of(cls, content: Any) -> Self:  # noqa: ANN401  whatever JSON says
        match content:
            case [str(word), str(others), int(account_id), str() | None as leading, bool(backward)]:
                _refuse_unstorable(word, others, leading or "")
                return cls(Position(word, others, account_id), leading, backward)
        raise BadCursor


def _refuse_unstorable(*texts: str) -> None:
    """Raise `BadCursor` for what PostgreSQL cannot be asked for: U+0000 and lone surrogates."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadCursor from None
        if "\0" in text:
            raise BadCursor


def _check(content: str, search: object) -> bytes:
    return sha256(f"{json.dumps(search)}\n{content}".encode()).digest()[:_CHECK_BYTES]
