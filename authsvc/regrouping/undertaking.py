"""Commits and roll-backs that are bound to no request: whoever asked waits a little, and then follows the progress.

A million customers take about a minute, which proxies and people do not wait for. So the work has a thread of its own
in the worker that was asked. If that process ends on the way, PostgreSQL takes everything back, and the plan's page
says that nothing was changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from authsvc.callers import Caller
from authsvc.errors import AuthsvcError
from authsvc.regrouping.carrying_out import COMMIT, ROLLBACK
from authsvc.regrouping.plans import Plan, PlanState, Refusal
from authsvc.regrouping.refusals import Clash

if TYPE_CHECKING:
    from authsvc.regrouping.service import Regrouping

# What people wait for without wondering (Nielsen: ten seconds at most); the usual plan takes a fraction of a second.
PATIENCE_SECONDS = 4.0
# Reasons kept with a plan that was refused; asking for it again lists all.
_MOST_KEPT = 20

_UNEXPECTED = "An unexpected error has occurred. It has been written to the log."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Undertaking:
    """The use cases; `patience_seconds`: how long whoever asked waits for the end."""

    regrouping: Regrouping
    patience_seconds: float = PATIENCE_SECONDS

    def commit(self, caller: Caller, plan_id: int, reason: str | None = None) -> Plan:
        """Begin to commit a plan; returns it, committed if that was quick and else as it is meanwhile.

        Raises what `Regrouping.commit` raises if it is refused as quickly; a later refusal is kept with the plan.
        """
        return self._begun(
            caller, plan_id, COMMIT, lambda: self.regrouping.commit(caller, plan_id, reason)
        )

    def roll_back(self, caller: Caller, plan_id: int) -> Plan:
        """Begin to roll a plan back. See `commit`."""
        return self._begun(
            caller, plan_id, ROLLBACK, lambda: self.regrouping.rollback(caller, plan_id)
        )

    def _begun(
        self, caller: Caller, plan_id: int, action: str, carry_out: Callable[[], Plan]
    ) -> Plan:
        ended: Future[Plan] = Future()

        def run() -> None:
            try:
                ended.set_result(carry_out())
            except AuthsvcError as refusal:
                texts = [refusal.message, *(_kept(item) for item in refusal.items)]
                self._note(caller, plan_id, action, texts)
                ended.set_exception(refusal)
            except Exception as failure:
                log.exception("plan_failed", plan=plan_id, action=action)
                self._note(caller, plan_id, action, [_UNEXPECTED])
                ended.set_exception(failure)

        # No daemon: a worker that is asked to stop waits for its end.
        threading.Thread(target=run, name=f"plan-{plan_id}").start()
        try:
            return ended.result(self.patience_seconds)
        except TimeoutError:
            return self.regrouping.plan(caller.tenant_id, plan_id)

    def _note(self, caller: Caller, plan_id: int, action: str, texts: list[str]) -> None:
        """Keep why it came to nothing, for whoever no longer waits."""
        refusal = Refusal(action, self.regrouping.clock(), caller.name, tuple(texts[:_MOST_KEPT]))
        try:
            plan = self.regrouping.plan(caller.tenant_id, plan_id)
            if plan.state is (PlanState.ASKED if action == COMMIT else PlanState.COMMITTED):
                self.regrouping.plans.note_refusal(caller.tenant_id, plan_id, refusal)
        except AuthsvcError:
            # No such plan, or no database to keep it in.
            log.warning("refusal_not_kept", plan=plan_id, action=action)


def _kept(item: AuthsvcError) -> str:
    return item.without_names if isinstance(item, Clash) else item.message
