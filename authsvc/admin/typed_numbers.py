"""Numbers as they stand in addresses and forms, where anybody may have typed anything."""

from __future__ import annotations

# Of an id, which is 64 bits.
MOST_DIGITS = 18


def number(text: str | None) -> int:
    """Return a number that was typed, and 0, which is nothing's, for anything else."""
    if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    return 0
