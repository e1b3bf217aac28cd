"""What a customer segment is.

A segment belongs to the tenant, not to a customer set: the vendor's model names no set, its list is "all segments",
and its customers search filters by segment and by set side by side ([K] 3.2, 3.4). So a customer who moves to
another set stays in the segments.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from authsvc.errors import Conflict, Invalid, NotFound

# Characters. A code is typed into filters and a name stands in a list; longer ones serve neither.
LONGEST_CODE = 100
LONGEST_NAME = 200
LONGEST_DESCRIPTION = 1_000
# Each gets an entry in the audit trail; who adds more sends several lists.
MOST_ACCOUNTS_AT_ONCE = 1_000

_CONTROLS = "C"


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of customers ([K] 3.2). Its code is unique in the tenant, compared without case."""

    id: int
    code: str
    name: str
    description: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str


class UnknownSegment(NotFound):
    """The tenant has no such segment."""

    def __init__(self, segment_id: int) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no customer segment {segment_id}.")


class UnknownMembers(NotFound):
    """Some of the accounts that are to be added do not exist; none was added."""

    def __init__(self, account_ids: Iterable[int]) -> None:
        """Name those that do not exist."""
        listed = ", ".join(map(str, sorted(account_ids)))
        super().__init__(f"There is no customer account {listed}. Nobody was added.")


class IncompleteSegment(Conflict):
    """A segment without a code; the vendor answers 409, not 400 ([K] 3.5)."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("A segment needs a code.", data=[("ParameterName", "code")])


class SegmentCodeTaken(Conflict):
    """Another segment of the tenant has this code."""

    error_code = "ITEM_ALREADY_EXISTS"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "A segment with this code already exists. Use another code.",
            data=[("ParameterName", "code")],
        )


class NotInSegment(Conflict):
    """The account, if there is one, is not in the segment, if there is one; 409 as in the vendor's tests ([K] 3.5)."""

    def __init__(self) -> None:
        """Say that nothing was to be done."""
        super().__init__("The customer account is not in this segment.")


def fields_of_new_segment(wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Return code, name and description of a new segment; without a name it is called by its code.

    Raises `IncompleteSegment` or `Invalid`.
    """
    if not (wanted.get("code") or "").strip():
        raise IncompleteSegment
    return _checked(
        {
            "code": wanted["code"],
            "name": wanted.get("name") or wanted["code"],
            "description": wanted.get("description"),
        }
    )


def changes_to_apply(segment: Segment, wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Return what of `wanted` (field → text; absent means unchanged) differs from the segment's.

    Raises `IncompleteSegment` if nothing at all was sent, and `Invalid` for a code or name that would be empty.
    """
    if not wanted:
        raise IncompleteSegment
    return {
        field: text for field, text in _checked(wanted).items() if text != getattr(segment, field)
    }


def members_to_add(account_ids: Iterable[int]) -> tuple[int, ...]:
    """Return who is to be added, each once; raises `Invalid` for nobody ([K] 3.5) and for too many."""
    ids = tuple(sorted(set(account_ids)))
    if not ids:
        raise Invalid("accountIds", "Name at least one customer account.")
    if len(ids) > MOST_ACCOUNTS_AT_ONCE:
        raise Invalid("accountIds", f"Name at most {MOST_ACCOUNTS_AT_ONCE} customer accounts.")
    return ids


def _checked(fields: Mapping[str, str | None]) -> dict[str, str]:
    limits = {"code": LONGEST_CODE, "name": LONGEST_NAME, "description": LONGEST_DESCRIPTION}
    checked = {}
    for field, limit in limits.items():
        if field not in fields:
            continue
        text = (fields[field] or "").strip()
        if not text and field != "description":
            raise Invalid(field, "must not be empty")
        if len(text) > limit:
            raise Invalid(field, f"must have at most {limit} characters")
        if field != "description" and any(
            unicodedata.category(character).startswith(_CONTROLS) for character in text
        ):
            raise Invalid(field, "must not contain control characters")
        checked[field] = text
    return checked
