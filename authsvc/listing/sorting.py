"""The `sortBy` grammar of lists ([K] 3.4): `lastName asc, auditInfo.createDate desc`."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.errors import Invalid
from authsvc.listing.fields import FieldTable, ListField

#: More keys than anyone reads a list by; each one costs a comparison per pair of rows.
SORT_MAX_KEYS = 5

_DESCENDING = {"asc": False, "desc": True}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by."""

    field: ListField
    descending: bool = False


def parse_sort(text: str, fields: FieldTable, *, tiebreak: str = "id") -> tuple[SortKey, ...]:
    """Read a sort order over `fields`; blank text sorts by the tiebreak alone.

    The unique field named `tiebreak` always comes last, so that pages neither repeat nor skip a row; in the direction
    of the key before it, so that one index read backwards serves the reversed list. Fields and directions in any
    case, ascending if not said. Raises `Invalid` for `sortBy`, naming what is not understood and what would be.
    """
    keys = [_key(part, fields) for part in text.split(",")] if text.strip() else []
    if len(keys) > SORT_MAX_KEYS:
        raise Invalid("sortBy", f"must name at most {SORT_MAX_KEYS} fields.")
    last = _known(tiebreak, fields)
    if last not in [key.field for key in keys]:
        keys.append(SortKey(last, keys[-1].descending if keys else False))
    return tuple(keys)


def _key(part: str, fields: FieldTable) -> SortKey:
    match part.split():
        case [name]:
            return SortKey(_known(name, fields))
        case [name, direction] if direction.lower() in _DESCENDING:
            return SortKey(_known(name, fields), _DESCENDING[direction.lower()])
        case _:
            raise Invalid("sortBy", f"Expected field, field asc or field desc, not {part[:40]!a}.")


def _known(name: str, fields: FieldTable) -> ListField:
    field = fields.find(name)
    if field is None or field.is_many:
        known = ", ".join(field.name for field in fields.fields if not field.is_many)
        raise Invalid("sortBy", f"Cannot sort by {name[:40]!a}. Known fields: {known}.")
    return field
