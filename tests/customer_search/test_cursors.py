"""A cursor is nobody's to make up; whatever one holds, it is a search's or refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from authsvc.customer_search.cursors import BadCursor, Cursor, Position

ASKED = ["doe", None]


def made_up(*content: object) -> str:
    """Return a cursor as somebody makes it who knows how: its check sum is no secret."""
    text = json.dumps(content)
    check = sha256(f"{json.dumps(ASKED)}\n{text}".encode()).digest()[:4]
    return urlsafe_b64encode(check + text.encode()).decode().rstrip("=")


def test_what_was_written_down_is_read_again() -> None:
    cursor = Cursor(Position("doe", "jürgen 👩‍👩‍👧", 7), "doe", is_backward=True)
    assert Cursor.read(cursor.text(ASKED), ASKED) == cursor
    assert Cursor.read(made_up("doe", "", 7, None, False), ASKED).position == ("doe", "", 7)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_texts_that_no_database_can_be_asked_for_are_no_cursors(place: int, text: str) -> None:
    content: list[object] = ["doe", "john", 7, "doe", False]
    content[place] = text
    with pytest.raises(BadCursor):
        Cursor.read(made_up(*content), ASKED)
