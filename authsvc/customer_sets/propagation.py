"""When a change of sites or sets is in force on every worker, and how to have it there now.

Workers remember which set a site is in, and which site a host is, for up to the documented delay (see `directory`).
Whoever cannot wait pushes: then every worker forgets what it remembers, as soon as its follower looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change
from authsvc.callers import Caller

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.propagation_store import PropagationStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class Propagation:
    """The use cases. `delay`: how long a worker goes by what it remembers; none where every change is pushed."""

    store: PropagationStore
    trail: AuditTrail
    transaction: Transaction
    # Within a transaction: sites or sets have changed, which workers that push everything forget at once.
    structure_changed: Callable[[], None]
    # Within a transaction: every worker shall forget what it remembers.
    push: Callable[[], None]
    clock: Clock
    delay: timedelta

    def changed(self, tenant_id: int) -> None:
        """Within a transaction, note that something is changed that workers may remember as it was."""
        self.store.note_change(tenant_id, self.clock())
        self.structure_changed()

    def added(self) -> None:
        """Within a transaction, note that something is new, which no worker can remember otherwise."""
        self.structure_changed()

    def pending_until(self, tenant_id: int) -> datetime | None:
        """Return when all that was changed is in force on every worker; None if it is already."""
        last = self.store.last(tenant_id)
        if last is None or (last.pushed_at is not None and last.pushed_at >= last.changed_at):
            return None
        until = last.changed_at + self.delay
        return until if self.clock() < until else None

    def apply_now(self, caller: Caller) -> datetime | None:
        """Let every worker follow now instead of later; returns when they would have, None if they did already."""
        with self.transaction():
            until = self.pending_until(caller.tenant_id)
            if until is None:
                return None
            now = self.clock()
            self.store.note_push(caller.tenant_id, now)
            self.push()
            self.trail.note(
                caller,
                "structure.applied_now",
                f"tenant:{caller.tenant_id}",
                [Change("inForce", until, now)],
            )
        return until
