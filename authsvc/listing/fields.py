"""The fields by which a list can be filtered and sorted, found by their names on the wire ([K] 3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a field holds, and so which values and operators it takes."""

    TEXT = "text"
    INTEGER = "whole number"
    DECIMAL = "number"
    BOOLEAN = "true or false"
    DATETIME = "date"


@dataclass(frozen=True, slots=True)
class ListField:
    """A field that a list can be filtered by.

    `name`: as on the wire. `aliases`: other names clients use for it. `is_many`: a listed thing may hold several
    (an account has contacts), so one value matches if any does, and there is nothing to sort by.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    is_many: bool = False


class FieldTable:
    """The fields of one list, found by name or alias without regard to case ([K] 3.4)."""

    def __init__(self, fields: Iterable[ListField]) -> None:
        self.fields = tuple(fields)
        self._by_name = {
            name.lower(): field for field in self.fields for name in (field.name, *field.aliases)
        }

    def find(self, name: str) -> ListField | None:
        """Return the field a client calls `name`, or None."""
        return self._by_name.get(name.lower())
