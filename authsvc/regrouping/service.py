"""Asking for a plan, committing it, rolling it back; the direct verbs are a plan and its commit in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import Conflict, Invalid, NotFound
from authsvc.listing.paging import Page
from authsvc.regrouping.plans import PairCount, Plan, PlanState
from authsvc.regrouping.refusals import (
    MOST_LISTED_ITEMS,
    NotCommittable,
    NotUndoable,
    PlanOutdated,
    SomebodyWasFaster,
    UnknownPlan,
    UsernamesClash,
)
from authsvc.regrouping.rehearsal import clash_items
from authsvc.regrouping.rolling_back import RollbackFindings, changed_since, effect_back
from authsvc.regrouping.rules import Effect, StructureChange

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.store import StructureStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.regrouping.carrying_out import CarryingOut
    from authsvc.regrouping.moving_store import MovingStore
    from authsvc.regrouping.plan_store import PlanStore
    from authsvc.regrouping.rehearsal import Rehearsal

# A sentence or two; who needs more links to it.
LONGEST_REASON = 500
# A draft stays for as long as a page may lie open on somebody's desk.
DRAFT_HOURS = 24
_DRAFTS_LAST = timedelta(hours=DRAFT_HOURS)


@dataclass(frozen=True, slots=True)
class InForce:
    """How soon a change is in force everywhere (seconds): of sites and sets, and of customers."""

    structure_seconds: float
    customers_seconds: float


@dataclass(frozen=True, slots=True)
class Regrouping:
    """The use cases; each changes everything in one transaction, or nothing."""

    rehearsal: Rehearsal
    plans: PlanStore
    carrying_out: CarryingOut
    moving: MovingStore
    structure: StructureStore
    trail: AuditTrail
    transaction: Transaction
    clock: Clock
    rollback_days: int
    in_force: InForce

    def ask(self, caller: Caller, changes: Sequence[StructureChange], reason: str = "") -> Plan:
        """Return what the changes would do; nothing but the plan itself is written.

        Raises `Invalid`, `UnknownCustomerSet`, `UnknownSite`, `UnknownAccount`, `CodeTaken` or `DefaultSetStays`.
        """
        with self.transaction():
            plan_id, effect = self._rehearsed(caller, changes, _reason(reason))
            self.trail.note(caller, "plan.asked", f"plan:{plan_id}", _told(effect, reason))
        return self.plan(caller.tenant_id, plan_id)

    def draft(self, caller: Caller, changes: Sequence[StructureChange], reason: str = "") -> Plan:
        """Return what the changes would do, for somebody who looks at it on a page and has decided nothing.

        Other than `ask` it leaves no trace: it is listed and audited when it is committed, and else forgotten after
        `DRAFT_HOURS`. Raises what `ask` raises.
        """
        now = self.clock()
        with self.transaction():
            # Not those just expired, which somebody may be about to commit by a clock that is slow.
            self.plans.drop_drafts(caller.tenant_id, now - _DRAFTS_LAST)
            plan_id, _ = self._rehearsed(caller, changes, _reason(reason), now + _DRAFTS_LAST)
        return self.plan(caller.tenant_id, plan_id)

    def plan(self, tenant_id: int, plan_id: int) -> Plan:
        """Return a plan, with its progress while it is carried out; raises `UnknownPlan`."""
        plan = self.plans.plan(tenant_id, plan_id)
        if plan is None:
            raise UnknownPlan(plan_id)
        return plan

    def commit(self, caller: Caller, plan_id: int, reason: str | None = None) -> Plan:
        """Carry a plan out; one that is carried out already stays as it is.

        `reason`: instead of the one it was asked for with. Raises `UnknownPlan`, `NotCommittable`, `PlanOutdated`,
        `UsernamesClash`, `RegroupingUnderWay`, or `Invalid` for the reason.
        """
        kept = None if reason is None else _reason(reason)
        try:
            with self.transaction():
                self._begin(caller)
                plan = self.plan(caller.tenant_id, plan_id)
                if plan.state is PlanState.ROLLED_BACK:
                    raise NotCommittable("The plan was rolled back. Ask for a new one.")
                if plan.state is PlanState.ASKED:
                    if plan.expires_at is not None and self.clock() >= plan.expires_at:
                        raise PlanOutdated(["What was looked at is a day old."])
                    wanted = plan if kept is None else replace(plan, reason=kept)
                    self._carry_out(caller, wanted, self._effect_as_asked(plan))
        except SomebodyWasFaster:
            plan = self.plan(caller.tenant_id, plan_id)
            self.rehearsal.refuse_clashes(caller.tenant_id, self._effect_as_asked(plan))
            raise PlanOutdated(["A username was taken while the plan was carried out."]) from None
        return self.plan(caller.tenant_id, plan_id)

    def at_once(
        self,
        caller: Caller,
        changes: Sequence[StructureChange],
        reason: str = "",
        first: Callable[[], object] = lambda: None,
    ) -> Plan:
        """Do what `first` does, ask for a plan and commit it, in one transaction.

        Raises what `first`, `ask` and `commit` raise.
        """
        try:
            with self.transaction():
                self._begin(caller)
                first()
                plan = self.ask(caller, changes, reason)
                self._carry_out(caller, plan, self.rehearsal.effect(caller.tenant_id, changes))
                return self.plan(caller.tenant_id, plan.id)
        except SomebodyWasFaster:
            effect = self.rehearsal.effect(caller.tenant_id, changes)
            self.rehearsal.refuse_clashes(caller.tenant_id, effect)
            raise PlanOutdated(["A username was taken meanwhile."]) from None

    def rollback(self, caller: Caller, plan_id: int) -> Plan:
        """Undo a committed plan exactly; whoever signed up meanwhile stays where they signed up.

        Raises `UnknownPlan`, `NotUndoable`, `PlanOutdated`, `UsernamesClash` or `RegroupingUnderWay`.
        """
        try:
            with self.transaction():
                self._begin(caller)
                plan = self.plan(caller.tenant_id, plan_id)
                outcome = self._undoable(plan)
                effect = effect_back(self.rehearsal.store.structure(plan.tenant_id), outcome)
                self._refuse_clashes_back(plan)
                count = self.carrying_out.rollback(caller, plan.id, effect, outcome)
                self.plans.note_rollback(plan.tenant_id, plan.id, caller.name, self.clock())
                told = [*_told(effect, plan.reason), Change("customers", None, count)]
                self.trail.note(caller, "plan.rolled_back", f"plan:{plan.id}", told)
        except SomebodyWasFaster:
            self._refuse_clashes_back(self.plan(caller.tenant_id, plan_id))
            raise PlanOutdated(["A username was taken meanwhile."]) from None
        return self.plan(caller.tenant_id, plan_id)

    def rehearse_rollback(self, tenant_id: int, plan_id: int) -> RollbackFindings:
        """Return what rolling a plan back would do now, and what stands against it; changes nothing.

        Raises `UnknownPlan`, or `NotUndoable` where nothing can help.
        """
        with self.transaction():
            self.moving.lift_limits()
            outcome = self._undoable(self.plan(tenant_id, plan_id))
            now = self.rehearsal.store.structure(tenant_id)
            differences = changed_since(now, outcome)
            facts = {} if differences else effect_back(now, outcome).changed_facts()
            return RollbackFindings(
                {name: list(fact) for name, fact in facts.items()},
                tuple(
                    PairCount(*pair, count)
                    for pair, count in self.moving.count_back(tenant_id, plan_id).items()
                ),
                tuple(code for code in outcome["created"] if code in now.sets),
                tuple(differences),
                self.moving.count_clashes_back(tenant_id, plan_id),
            )

    def _begin(self, caller: Caller) -> None:
        self.structure.hold(caller.tenant_id)
        self.moving.lift_limits()

    def _rehearsed(
        self,
        caller: Caller,
        changes: Sequence[StructureChange],
        reason: str,
        expires_at: datetime | None = None,
    ) -> tuple[int, Effect]:
        """Within a transaction, keep what the changes would do as a plan; returns its id and the effect."""
        self.moving.lift_limits()
        effect = self.rehearsal.effect(caller.tenant_id, changes)
        findings = self.rehearsal.findings(caller.tenant_id, effect)
        plan_id = self.plans.add(
            caller.tenant_id, reason, changes, findings, caller.name, self.clock(), expires_at
        )
        return plan_id, effect

    def _effect_as_asked(self, plan: Plan) -> Effect:
        """Return what the plan does now, if that is what it did when it was asked for; raises `PlanOutdated`."""
        try:
            effect = self.rehearsal.effect(plan.tenant_id, plan.changes)
        except (NotFound, Conflict, Invalid) as refusal:
            raise PlanOutdated([refusal.message]) from refusal
        differences = self.rehearsal.differences(plan, effect)
        if differences:
            raise PlanOutdated(differences)
        return effect

    def _carry_out(self, caller: Caller, plan: Plan, effect: Effect) -> None:
        self.rehearsal.refuse_clashes(plan.tenant_id, effect)
        outcome = self.carrying_out.commit(caller, plan.id, effect, plan.findings.customers)
        now = self.clock()
        until = now + timedelta(days=self.rollback_days)
        self.plans.note_commit(
            plan.tenant_id, plan.id, caller.name, now, outcome, until, plan.reason
        )
        told = [*_told(effect, plan.reason), *_moves(outcome)]
        self.trail.note(caller, "plan.committed", f"plan:{plan.id}", told)

    def _undoable(self, plan: Plan) -> Mapping[str, Any]:
        if plan.state is PlanState.ROLLED_BACK:
            raise NotUndoable("The plan is rolled back already.")
        if plan.outcome is None or plan.rollback_until is None:
            raise NotUndoable("The plan was never committed: there is nothing to undo.")
        if self.clock() > plan.rollback_until:
            raise NotUndoable("The time for rolling this plan back is over. Ask for a new plan.")
        return plan.outcome

    def _refuse_clashes_back(self, plan: Plan) -> None:
        total = self.moving.count_clashes_back(plan.tenant_id, plan.id)
        if total:
            found = self.moving.clashes_back(plan.tenant_id, plan.id, Page(0, MOST_LISTED_ITEMS))
            raise UsernamesClash(total, clash_items(found))


def _told(effect: Effect, reason: str) -> list[Change]:
    facts = [Change(name, old, new) for name, (old, new) in effect.changed_facts().items()]
    return [Change("reason", None, reason), *facts] if reason else facts


def _moves(outcome: Mapping[str, Any]) -> list[Change]:
    return [
        Change("customers", f"{count} in {old}", f"{count} in {new}")
        for old, new, count in outcome["moves"]
    ]


def _reason(text: str) -> str:
    kept = text.strip()
    if len(kept) > LONGEST_REASON or not kept.replace("\n", "").isprintable():
        raise Invalid("reason", f"Give at most {LONGEST_REASON} printable characters.")
    return kept
