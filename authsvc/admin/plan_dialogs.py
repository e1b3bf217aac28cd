"""What every dialog that ends in the commit of a plan does: its clashes by pages, and only what was shown is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from authsvc.errors import Conflict, Invalid, NotFound
from authsvc.listing.paging import Page

if TYPE_CHECKING:
    from authsvc.callers import Caller
    from authsvc.regrouping.plans import Plan
    from authsvc.regrouping.rehearsal_store import FoundClash
    from authsvc.regrouping.service import Regrouping

    class Commits(Protocol):
        """What commits a plan: at once, or beside the request (see `regrouping.undertaking`)."""

        def commit(self, caller: Caller, plan_id: int, reason: str | None = None) -> Plan:
            """Commit it, `reason` being why."""


# What a plan may be refused with; anything else is no fault of what was typed.
REFUSALS = (Invalid, Conflict, NotFound)
# Clashes listed on one page of a dialog; the count is of all.
CLASHES = 10


@dataclass(frozen=True, slots=True)
class ClashPage:
    """Some of the usernames that a plan would bring together in one set, from the `start`th on."""

    start: int
    found: tuple[FoundClash, ...]
    size: int = CLASHES


def clash_page(regrouping: Regrouping, plan: Plan, start: int) -> ClashPage:
    """Return a page of the clashes as they are now; an empty one if there are none, or the plan is senseless by now."""
    if not plan.findings.clashes:
        return ClashPage(0, ())
    try:
        found, _ = regrouping.rehearsal.clashes(plan, Page(start, CLASHES))
    except REFUSALS:
        return ClashPage(0, ())
    return ClashPage(start, tuple(found))


def commit_as_shown(commits: Commits, caller: Caller, plan: Plan, reason: str) -> Plan:
    """Commit the plan, for the reason that was typed beside it; raises as `Regrouping.commit`."""
    return commits.commit(caller, plan.id, reason)


def asked_again(regrouping: Regrouping, caller: Caller, plan: Plan) -> Plan:
    """Rehearse a refused plan as things are now; where that makes no sense any more, return it as it was."""
    try:
        return regrouping.draft(caller, plan.changes, plan.reason)
    except REFUSALS:
        return plan
