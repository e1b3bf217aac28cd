"""The segments on a customer's page: chips to take away, a field to add one; each at once, without saving the rest."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from authsvc.admin.typed_numbers import number
from authsvc.callers import Caller
from authsvc.errors import Invalid
from authsvc.segments.rules import Segment
from authsvc.segments.service import Segments

# Segments in the drop-down; where there are more, the segment's code is typed.
OFFERED_SEGMENTS = 100
_ADD, _REMOVE = "add-segment", "remove-segment:"


@dataclass(frozen=True, slots=True)
class CustomerSegments:
    """What the page shows: the customer's segments, and those that could be added, None where they are too many."""

    held: tuple[Segment, ...]
    offered: tuple[Segment, ...] | None


def shown(segments: Segments, tenant_id: int, account_id: int) -> CustomerSegments:
    """Return the segments of a customer, and the others."""
    held = segments.of_account(tenant_id, account_id)
    ids = {segment.id for segment in held}
    others = [segment for segment in segments.all_of_tenant(tenant_id) if segment.id not in ids]
    return CustomerSegments(held, tuple(others) if len(others) <= OFFERED_SEGMENTS else None)


def pressed(form: MultiDict[str, str]) -> bool:
    """Tell whether a form was sent by one of the segments' buttons."""
    action = form.get("action", "")
    return action == _ADD or action.startswith(_REMOVE)


def change(segments: Segments, caller: Caller, account_id: int, form: MultiDict[str, str]) -> str:
    """Add or remove the segment that was meant; returns the notice to show.

    Raises `Invalid`, `UnknownSegment`, `UnknownMembers` or `NotInSegment`.
    """
    action = form.get("action", "")
    if action.startswith(_REMOVE):
        segment = segments.segment(caller.tenant_id, number(action.removeprefix(_REMOVE)))
        segments.remove_account(caller, segment.id, account_id)
        return f"Removed from the segment {segment.name}. In force everywhere at once."
    code = form.get("segment", "").strip().casefold()
    for segment in segments.all_of_tenant(caller.tenant_id):
        if segment.code.casefold() == code:
            segments.add_accounts(caller, segment.id, [account_id])
            return f"Added to the segment {segment.name}. In force everywhere at once."
    raise Invalid(
        "segment", f"There is no segment {code!r}." if code else "Choose a segment to add."
    )
