"""Asking for a plan, committing it, rolling it back; the direct verbs are a plan and its commit in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.errors import Conflict, Invalid, NotFound
from authsvc.listing.paging import Page
from authsvc.regrouping.plans import Plan, PlanState
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
from authsvc.regrouping.rules import Effect, SetLabels, Structure, StructureChange

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
        reason = _reason(reason)
        with self.transaction():
            self.moving.lift_limits()
            effect = self.rehearsal.effect(caller.tenant_id, changes)
            findings = self.rehearsal.findings(caller.tenant_id, effect)
            plan_id = self.plans.add(
                caller.tenant_id, reason, changes, findings, caller.name, self.clock()
            )
            self.trail.note(caller, "plan.asked", f"plan:{plan_id}", _told(effect, reason))
        return self.plan(caller.tenant_id, plan_id)

    def plan(self, tenant_id: int, plan_id: int) -> Plan:
        """Return a plan, with its progress while it is carried out; raises `UnknownPlan`."""
        plan = self.plans.plan(tenant_id, plan_id)
        if plan is None:
            raise UnknownPlan(plan_id)
        return plan

    def commit(self, caller: Caller, plan_id: int) -> Plan:
        """Carry a plan out; one that is carried out already stays as it is.

        Raises `UnknownPlan`, `NotCommittable`, `PlanOutdated`, `UsernamesClash` or `RegroupingUnderWay`.
        """
        try:
            with self.transaction():
                self._begin(caller)
                plan = self.plan(caller.tenant_id, plan_id)
                if plan.state is PlanState.ROLLED_BACK:
                    raise NotCommittable("The plan was rolled back. Ask for a new one.")
                if plan.state is PlanState.ASKED:
                    self._carry_out(caller, plan, self._effect_as_asked(plan))
        except SomebodyWasFaster:
            plan = self.plan(caller.tenant_id, plan_id)
            self.rehearsal.refuse_clashes(caller.tenant_id, self._effect_as_asked(plan))
            raise PlanOutdated(["A username was taken while the plan was carried out."]) from None
        return self.plan(caller.tenant_id, plan_id)

    def at_once(self, caller: Caller, changes: Sequence[StructureChange], reason: str = "") -> Plan:
        """Ask for a plan and commit it, in one transaction. Raises what `ask` and `commit` raise."""
        try:
            with self.transaction():
                self._begin(caller)
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
                effect = self._reversed(plan.tenant_id, outcome)
                self._refuse_clashes_back(plan)
                count = self.carrying_out.rollback(caller, plan.id, effect, outcome)
                self.plans.note_rollback(plan.tenant_id, plan.id, caller.name, self.clock())
                told = [*_told(effect, plan.reason), Change("customers", None, count)]
                self.trail.note(caller, "plan.rolled_back", f"plan:{plan.id}", told)
        except SomebodyWasFaster:
            self._refuse_clashes_back(self.plan(caller.tenant_id, plan_id))
            raise PlanOutdated(["A username was taken meanwhile."]) from None
        return self.plan(caller.tenant_id, plan_id)

    def _begin(self, caller: Caller) -> None:
        self.structure.hold(caller.tenant_id)
        self.moving.lift_limits()

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
        self.plans.note_commit(plan.tenant_id, plan.id, caller.name, now, outcome, until)
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

    def _reversed(self, tenant_id: int, outcome: Mapping[str, Any]) -> Effect:
        """Return the effect of undoing; raises `PlanOutdated` where the structure is not as the plan left it."""
        now = self.rehearsal.store.structure(tenant_id)
        differences = _changed_since(now, outcome)
        if differences:
            raise PlanOutdated(differences)
        labels = {
            code: SetLabels(kept["name"], kept["description"])
            for code, kept in outcome["deleted"].items()
        } | {code: SetLabels(*old) for code, (old, _) in outcome["edited"].items()}
        sites = {int(site): old for site, (old, _) in outcome["sites"].items()}
        return Effect(
            now,
            Structure(
                {**now.sets, **labels},
                outcome["default"][0] if _flips(outcome) else now.default,
                {**now.sites, **sites},
            ),
        )

    def _refuse_clashes_back(self, plan: Plan) -> None:
        total = self.moving.count_clashes_back(plan.tenant_id, plan.id)
        if total:
            found = self.moving.clashes_back(plan.tenant_id, plan.id, Page(0, MOST_LISTED_ITEMS))
            raise UsernamesClash(total, clash_items(found))


def _changed_since(now: Structure, outcome: Mapping[str, Any]) -> list[str]:
    """List what of a committed plan was changed again since."""
    texts = [
        f"site:{site} is in {now.sites.get(int(site))}, no longer in {new}."
        for site, (_, new) in outcome["sites"].items()
        if now.sites.get(int(site)) != new
    ]
    texts += [
        f"customer_set:{code} exists again." for code in outcome["deleted"] if code in now.sets
    ]
    texts += [
        f"customer_set:{code} was changed again."
        for code, (_, new) in outcome["edited"].items()
        if now.sets.get(code) != SetLabels(*new)
    ]
    if _flips(outcome) and now.default != outcome["default"][1]:
        texts.append(f"{now.default} is the default customer set now.")
    needed = {old for old, _ in outcome["sites"].values()}
    needed |= {old for old, _, _ in outcome["moves"]}
    needed |= {outcome["default"][0]} if _flips(outcome) else set()
    gone = sorted(needed - set(now.sets) - set(outcome["deleted"]))
    return texts + [f"customer_set:{code} was deleted." for code in gone]


def _flips(outcome: Mapping[str, Any]) -> bool:
    old, new = outcome["default"]
    return bool(old != new)


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
