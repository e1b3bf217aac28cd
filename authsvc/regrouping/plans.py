"""What a plan is: what was asked for, what was found, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from authsvc.regrouping.rules import StructureChange


class PlanState(StrEnum):
    """How far a plan has come."""

    ASKED = "asked"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class PairCount:
    """How many customers go from one set to another."""

    from_set: str
    to_set: str
    customers: int


@dataclass(frozen=True, slots=True)
class SiteLoss:
    """How many customers can sign in on a site now and could not afterwards ([B] Assign Sites to Customer Sets)."""

    site_id: int
    customers: int


# How far back orders are counted: a month tells how busy a site is, whatever the day of the week.
ORDER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Findings:
    """What a rehearsal found. `facts`: everything of the structure that changes, old and new.

    `losing_customers` can no longer sign in on some site of theirs, `site_losses` says on which. `listed`: where the
    customers that were named one by one are; `filtered`: how many each filter finds, by the change's place.
    `orders`: placed in the last `ORDER_DAYS` on the sites that change sets or that somebody loses.
    """

    facts: Mapping[str, Sequence[Any]]
    sites: int
    customers: int
    moves: tuple[PairCount, ...]
    sessions: int
    clashes: int
    losing_customers: int
    site_losses: tuple[SiteLoss, ...]
    listed: Mapping[str, str] = field(default_factory=dict)
    filtered: Mapping[str, int] = field(default_factory=dict)
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a commit or roll-back under way is."""

    action: str
    moved: int
    expected: int
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the last attempt to commit a plan, or to roll it back, came to nothing."""

    action: str
    at: datetime
    by: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A regrouping, asked for and perhaps carried out. `outcome`: what it changed, for rolling it back.

    `expires_at`: of a draft, which somebody looks at on a page; it is in no list before it is committed.
    """

    tenant_id: int
    id: int
    state: PlanState
    reason: str
    changes: tuple[StructureChange, ...]
    findings: Findings
    asked_at: datetime
    asked_by: str
    committed_at: datetime | None = None
    committed_by: str | None = None
    outcome: Mapping[str, Any] | None = None
    rollback_until: datetime | None = None
    rolled_back_at: datetime | None = None
    rolled_back_by: str | None = None
    progress: Progress | None = None
    expires_at: datetime | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class PlanFilter:
    """Which plans are meant: those about a site, a set, a customer, those of somebody; empty is any.

    `by`: a part of the name of whoever asked, committed or rolled back, as the audit trail has it (`staff:anna@…`).
    """

    site_id: int | None = None
    customer_set: str | None = None
    account_id: int | None = None
    by: str | None = None


ANY_PLAN = PlanFilter()


# What stays done even after a roll-back, whatever the plan.
ALWAYS_FINAL = (
    "Customers who sign up between the commit and a roll-back stay in the set where they signed up.",
    "Customers who are deleted, or moved on by somebody, after the commit are left as they are.",
)
OF_MOVED_SITES = (
    "Tickets of shoppers who are not signed in end on a site that changes its set; they get a new one by themselves.",
    "Customers who lose a site and sign up there anew keep both accounts.",
)
OF_MOVED_CUSTOMERS = ("Failed sign-ins are counted anew for a customer who changes sets.",)


def cannot_be_undone(findings: Findings, rollback_days: int) -> list[str]:
    """List what a roll-back does not bring back, before anything has moved."""
    texts = list(ALWAYS_FINAL)
    if findings.sites:
        texts += OF_MOVED_SITES
    if findings.customers:
        texts += OF_MOVED_CUSTOMERS
    return [*texts, f"A plan can be rolled back for {rollback_days} days after its commit."]
