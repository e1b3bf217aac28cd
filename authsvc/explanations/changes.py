"""Changes that made things as they are: who put a site or a customer into a set, locked an account, and when.

The audit trail tells of what was done to a site or to a customer's login; that customers were moved is told by the
plans that moved them. Which of all these left things as they are is found by going through them in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What was done."""

    SITE_CREATED = "siteCreated"
    SITE_ASSIGNED = "siteAssigned"
    ACCOUNT_CREATED = "accountCreated"
    ACCOUNT_MOVED = "accountMoved"
    LOCKED = "accountLocked"
    DISABLED = "accountDisabled"
    PASSWORD_CHANGE_REQUIRED = "passwordChangeRequired"  # noqa: S105  a change, not a password


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """What was done, when and by whom; `by` as the audit trail names callers.

    `old`, `new`: the set before and after, of whoever was put into another. `plan_id`, `reason`: of the plan that did
    it, if one did; `is_rollback`: its rolling back did. `rollback_until`: the plan can be rolled back until then.
    """

    kind: ChangeKind
    at: datetime
    by: str
    old: str | None = None
    new: str | None = None
    plan_id: int | None = None
    reason: str = ""
    is_rollback: bool = False
    rollback_until: datetime | None = None

    @property
    def done_by(self) -> tuple[int | None, bool]:
        """The plan, and whether its commit or its rolling back did it."""
        return self.plan_id, self.is_rollback


@dataclass(frozen=True, slots=True)
class PlanDone:
    """A plan that was committed and perhaps rolled back."""

    id: int
    reason: str
    committed_at: datetime
    committed_by: str
    rollback_until: datetime
    rolled_back_at: datetime | None
    rolled_back_by: str | None

    def move(self, kind: ChangeKind, old: str, new: str) -> ChangeMade:
        """Return what the commit did to one site or customer."""
        until = None if self.rolled_back_at else self.rollback_until
        return ChangeMade(
            kind,
            self.committed_at,
            self.committed_by,
            old,
            new,
            self.id,
            self.reason,
            rollback_until=until,
        )

    def move_back(self, kind: ChangeKind, old: str, new: str) -> ChangeMade | None:
        """Return what rolling it back did to whom the commit had taken from `old` to `new`."""
        if self.rolled_back_at is None or self.rolled_back_by is None:
            return None
        return ChangeMade(
            kind,
            self.rolled_back_at,
            self.rolled_back_by,
            new,
            old,
            self.id,
            self.reason,
            is_rollback=True,
        )


@dataclass(frozen=True, slots=True)
class History:
    """What made things as they are; None where nothing tells.

    `site_sets`: which sets the site was put in, oldest first: the last one, and those before that a worker may still
    remember.
    """

    site_sets: tuple[ChangeMade, ...] = ()
    account_set: ChangeMade | None = None
    locked: ChangeMade | None = None
    disabled: ChangeMade | None = None
    password_change: ChangeMade | None = None
    created: ChangeMade | None = None

    @property
    def site_set(self) -> ChangeMade | None:
        """The change that put the site into its set."""
        return self.site_sets[-1] if self.site_sets else None

    def deciding(self, site_set: str, account_set: str) -> ChangeMade | None:
        """Return the change that parted site and customer, or brought them together; None if they always were so."""
        site, account = self.site_set, self.account_set
        known = [change for change in (site, account) if change is not None]
        last = max(known, key=lambda change: change.at, default=None)
        if last is None or last.old is None:
            return None
        if site and account and last.plan_id and site.done_by == account.done_by:
            was_together = site.old == account.old
        else:
            was_together = last.old == (account_set if last is site else site_set)
        return last if was_together != (site_set == account_set) else None


def last_move(
    created: ChangeMade | None,
    planned: Sequence[tuple[PlanDone, str, str]],
    customer_set: str,
) -> ChangeMade | None:
    """Return what put a customer into `customer_set`, where they are; None where nothing tells.

    `created`: how they came into their first set. `planned`: plans that moved them, with the old and the new set, in
    the order of the moves. Rolling a plan back leaves whoever was moved on meanwhile.
    """
    moves = [] if created is None else [created]
    for plan, old, new in planned:
        moves.append(plan.move(ChangeKind.ACCOUNT_MOVED, old, new))
        back = plan.move_back(ChangeKind.ACCOUNT_MOVED, old, new)
        moves += [back] if back else []
    held, last = None, None
    for move in sorted(moves, key=lambda move: move.at):
        if move.is_rollback and held != move.old:
            continue
        held, last = move.new, move
    return last if held == customer_set else None
