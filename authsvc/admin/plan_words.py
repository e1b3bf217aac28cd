"""Plans in words: what one has done, and when it is in force everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

from authsvc.regrouping.plans import Plan, PlanState
from authsvc.regrouping.rules import CreateSet, DeleteSet, EditSet
from authsvc.regrouping.service import Regrouping

# Sooner than anybody can look elsewhere to see whether it is so.
_AT_ONCE_SECONDS = 5.0


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 site" or "1,234 sites"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_force(regrouping: Regrouping, changed_at: datetime) -> str:
    """Say when a change made at `changed_at` is in force everywhere ("by 14:32 UTC", minutes rounded up)."""
    seconds = max(regrouping.in_force.structure_seconds, regrouping.in_force.customers_seconds)
    if seconds <= _AT_ONCE_SECONDS:
        return "at once"
    minute = timedelta(minutes=1)
    until = changed_at + timedelta(seconds=seconds) + minute - timedelta(microseconds=1)
    return f"by {until.strftime('%H:%M')} UTC"


def done(regrouping: Regrouping, plan: Plan) -> str | None:
    """Say what a committed plan did and when that is in force; None for a plan that is not committed."""
    if plan.state is not PlanState.COMMITTED or plan.committed_at is None:
        return None
    if not plan.findings.facts:
        return "Nothing was different from before, so nothing was changed."
    found, first = plan.findings, plan.changes[0]
    match first:
        case CreateSet():
            told = f"Customer set {first.code.strip().lower()} is created."
        case EditSet():
            told = f"Customer set {first.code} is saved."
        case DeleteSet():
            told = f"Customer set {first.code} is deleted."
        case _:
            told = "The change is made."
    if found.sites:
        told += f" {counted(found.sites, 'site')} changed sets."
    if found.customers:
        told += f" {counted(found.customers, 'customer')} moved along."
    if "defaultCustomerSet" in found.facts:
        told += f" The default set is now {found.facts['defaultCustomerSet'][1]}."
    return f"{told} In force everywhere {in_force(regrouping, plan.committed_at)}."
