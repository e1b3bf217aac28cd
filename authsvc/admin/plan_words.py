"""Plans in words: what one has done, and when it is in force everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from authsvc.admin.typed_numbers import number
from authsvc.regrouping.plans import Plan, PlanState
from authsvc.regrouping.refusals import UnknownPlan
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
    StructureChange,
)
from authsvc.regrouping.service import Regrouping

# Sooner than anybody can look elsewhere to see whether it is so.
_AT_ONCE_SECONDS = 5.0


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 site" or "1,234 sites"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def clock_time(moment: datetime) -> str:
    """Return "14:32 UTC": the minute by whose beginning the moment has come."""
    rounded = moment + timedelta(minutes=1) - timedelta(microseconds=1)
    return f"{rounded.strftime('%H:%M')} UTC"


def in_force(
    regrouping: Regrouping, changed_at: datetime, *, changes_structure: bool = True
) -> str:
    """Say when a change made at `changed_at` is in force everywhere ("by 14:32 UTC", minutes rounded up).

    `changes_structure`: of sites or sets too, not of customers alone, who never wait for it (rule 17).
    """
    seconds = regrouping.in_force.customers_seconds
    if changes_structure:
        seconds = max(seconds, regrouping.in_force.structure_seconds)
    if seconds <= _AT_ONCE_SECONDS:
        return "at once"
    return f"by {clock_time(changed_at + timedelta(seconds=seconds))}"


def title(plan: Plan) -> str:
    """Say in a few words what a plan is about: its first change, and how many follow."""
    first, *others = plan.changes
    text = change_in_words(first)
    return f"{text}, and {counted(len(others), 'change')} more" if others else text


def change_in_words(change: StructureChange) -> str:
    """Say what a change does ("Assign 2 sites to b2b")."""
    match change:
        case CreateSet():
            return f"Create customer set {change.code.strip().lower()}"
        case EditSet():
            return f"Edit customer set {change.code}"
        case AssignSites():
            return f"Assign {counted(len(change.sites), 'site')} to {change.customer_set}"
        case MakeDefault():
            return f"Make {change.code} the default set"
        case DeleteSet():
            successor = change.successor or "the default set"
            return f"Delete customer set {change.code}; its sites and customers go to {successor}"
        case MoveCustomers():
            if change.from_set is not None:
                whom = f"all customers of {change.from_set}"
            elif change.accounts is not None:
                whom = counted(len(change.accounts), "customer")
            else:
                asked = (change.quick_search, change.filter)
                found = " and ".join(f"“{text}”" for text in asked if text)
                whom = f"the customers found by {found}"
            return f"Move {whom} to {change.customer_set}"


def subject_in_words(name: str, site_names: Mapping[int, str]) -> str:
    """Say what a fact is about: "Mystic Sports (site 101)", "Customer set b2c", "Default set"."""
    kind, _, key = name.partition(":")
    if kind == "site":
        return f"{site_names.get(int(key), 'A site')} (site {key})"
    return f"Customer set {key}" if kind == "customer_set" else "Default set"


def value_in_words(value: object) -> str:
    """Say what a fact was or will be: a set's code or labels; "none" for nothing."""
    if value is None:
        return "none"
    if isinstance(value, list):
        return " – ".join(str(part) for part in value if part)
    return str(value)


def done(regrouping: Regrouping, plan: Plan) -> str | None:
    """Say what a committed plan did and when that is in force; None for a plan that is not committed."""
    if plan.state is not PlanState.COMMITTED or plan.committed_at is None:
        return None
    if not plan.findings.facts and not plan.findings.customers:
        return "Nothing was different from before, so nothing was changed."
    found, first = plan.findings, plan.changes[0]
    match first:
        case CreateSet():
            told = f"Customer set {first.code.strip().lower()} is created."
        case EditSet():
            told = f"Customer set {first.code} is saved."
        case DeleteSet():
            told = f"Customer set {first.code} is deleted."
        case MoveCustomers() if len(plan.changes) == 1:
            told = f"{counted(found.customers, 'customer')} moved to {first.customer_set}."
        case _:
            told = "The change is made."
    if found.sites:
        told += f" {counted(found.sites, 'site')} changed sets."
    if found.customers and (found.facts or len(plan.changes) > 1):
        told += f" {counted(found.customers, 'customer')} moved along."
    if "defaultCustomerSet" in found.facts:
        told += f" The default set is now {found.facts['defaultCustomerSet'][1]}."
    since = in_force(regrouping, plan.committed_at, changes_structure=bool(found.facts))
    return f"{told} In force everywhere {since}."


def done_notice(regrouping: Regrouping, tenant_id: int, address: Mapping[str, str]) -> str | None:
    """Say what the plan did that a page's address says was just done (`?done=`); None where it names none."""
    plan_id = number(address.get("done"))
    try:
        return done(regrouping, regrouping.plan(tenant_id, plan_id)) if plan_id else None
    except UnknownPlan:
        return None
