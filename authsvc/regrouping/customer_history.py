"""What was done to one customer: the audit trail's entries and the plans that moved the customer along with others.

A plan that moves a million customers is one entry of the trail, at the plan; whom it moved is kept with the plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from authsvc.audit.rules import AuditEntry, Change
from authsvc.listing.paging import Page

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.regrouping.moving_store import MovingStore
    from authsvc.regrouping.plan_store import PlanStore

Read = Callable[[int, str, int, int], tuple[list[AuditEntry], int]]
"""(tenant, subject, start, size) → a page of the trail, newest first, and how much there is."""

MOVED = "account.moved"
ROLLED_BACK = "plan.rolled_back"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Who did what to the customer, when, and what changed; `plan_id` where a plan did."""

    at: datetime
    actor: str
    action: str
    changes: tuple[Change, ...]
    entry_id: int | None = None
    application: str | None = None
    site_id: int | None = None
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerHistory:
    """Reads the two together, newest first."""

    trail: AuditTrail
    moving: MovingStore
    plans: PlanStore

    def page(self, tenant_id: int, account_id: int, page: Page) -> tuple[list[HistoryEntry], int]:
        """Return a page of what was done to an account, and how much there is in all."""
        return self._together(tenant_id, account_id, page, self.trail.entries)

    def changed_fields(
        self, tenant_id: int, account_id: int, page: Page
    ) -> tuple[list[HistoryEntry], int]:
        """Return the same field by field: each entry has one change, or none."""
        return self._together(tenant_id, account_id, page, self.trail.changed_fields)

    def _together(
        self, tenant_id: int, account_id: int, page: Page, read: Read
    ) -> tuple[list[HistoryEntry], int]:
        moves = self._moves(tenant_id, account_id)
        # However the moves lie among the entries, a page's entries are within this window.
        first = max(0, page.start_index - len(moves))
        size = page.start_index + page.size - first
        entries, total = read(tenant_id, f"account:{account_id}", first, size)
        told = [
            HistoryEntry(
                entry.at,
                entry.actor,
                entry.action,
                entry.changes,
                entry.id,
                entry.application,
                entry.site_id,
            )
            for entry in entries
        ]
        # A move that is newer than the whole window counts before it, so places are counted from the window's first.
        together = sorted([*told, *moves], key=lambda one: one.at, reverse=True)
        start = page.start_index - first
        return together[start : start + page.size], total + len(moves)

    def _moves(self, tenant_id: int, account_id: int) -> list[HistoryEntry]:
        found = []
        for plan_id, old, new in self.moving.moves_of_account(tenant_id, account_id):
            plan = self.plans.plan(tenant_id, plan_id)
            if plan is None or plan.committed_at is None or plan.committed_by is None:
                continue
            moved = (Change("customerSet", old, new),)
            found.append(
                HistoryEntry(plan.committed_at, plan.committed_by, MOVED, moved, plan_id=plan_id)
            )
            if plan.rolled_back_at is not None and plan.rolled_back_by is not None:
                back = (Change("customerSet", new, old),)
                found.append(
                    HistoryEntry(
                        plan.rolled_back_at, plan.rolled_back_by, ROLLED_BACK, back, plan_id=plan_id
                    )
                )
        return found
