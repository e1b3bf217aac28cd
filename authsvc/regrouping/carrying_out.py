"""A plan carried out, in one transaction that is the caller's: long for the customers, short for everybody else.

The order is what lets sign-ins, sign-ups and checks go on meanwhile. Customers move first, which takes the longest and
holds only their own rows, weakly. Then, for moments, the sites that move are held, so that their sign-ups wait and
find them in the new set; who signed up in a vanishing set since the beginning follows; sites and sets change; commit.
Whoever waits for rows takes tenant, sites and sets in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.regrouping.moving import LAST_ID, Moving
from authsvc.regrouping.rules import Effect

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.regrouping.moving_store import MovingStore
    from authsvc.regrouping.progress_store import ProgressStore
    from authsvc.regrouping.structure_store import StructureChanges

COMMIT, ROLLBACK = "commit", "rollback"
# A smaller one is over before anybody could ask how far it is.
SHOWN_FROM = 10_000
# So few customers have their sessions looked at afresh one by one. For more it costs less, and holds nobody's sign-in,
# that all copies are read again: their tokens are a few thousand, and are barred in some hundredths of a second.
FEW_CUSTOMERS = 1_000

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CarryingOut:
    """What a commit and a roll-back do within their transaction."""

    structure: StructureChanges
    moving: MovingStore
    progress: ProgressStore
    trail: AuditTrail
    # (tenant): its sites or sets have changed.
    structure_changed: Callable[[int], None]
    # (tenant, accounts whose logins are held): they are in another set.
    accounts_moved: Callable[[int, Sequence[int]], None]
    # Every customer's of every tenant are looked at afresh.
    void_all_copies: Callable[[], None]
    clock: Clock

    def commit(self, caller: Caller, plan_id: int, effect: Effect, expected: int) -> dict[str, Any]:
        """Make `effect` true; returns the plan's outcome, which `rollback` takes. Raises `SomebodyWasFaster`."""
        tenant_id = caller.tenant_id
        now = self.clock()
        vanishing = sorted(effect.deleted)
        newcomers_from = (
            self.progress.last_account_begun(tenant_id, vanishing) + 1 if vanishing else LAST_ID
        )
        for code in effect.created:
            labels = effect.after.sets[code]
            self.structure.add_set(
                tenant_id, code, labels.name, labels.description, caller.name, now
            )
        moved: dict[Pair, int] = {}
        with self._shown(tenant_id, plan_id, COMMIT, expected) as note:
            self._move(caller, plan_id, Moving(tenant_id, effect.moves), moved, note)
        self._hold(tenant_id, list(effect.moved_sites), vanishing)
        if vanishing:
            whole_sets = tuple(move for move in effect.moves if move.from_set is not None)
            # Those whom the first pass has moved already are where they are meant to be.
            newcomers = Moving(tenant_id, whole_sets, newcomers_from, only_from=vanishing)
            self._move(caller, plan_id, newcomers, moved, lambda _: None)
        sites = self._assign(tenant_id, effect)
        self._relabel(caller, effect)
        removed = {code: self.structure.remove_set(tenant_id, code) for code in vanishing}
        self._tell(tenant_id, plan_id, effect, moved, sum(moved.values()))
        self._note_facts(caller, plan_id, effect)
        return {
            "created": effect.created,
            "deleted": removed,
            "edited": {
                code: [
                    [effect.before.sets[code].name, effect.before.sets[code].description],
                    [effect.after.sets[code].name, effect.after.sets[code].description],
                ]
                for code in effect.edited
            },
            "default": [effect.before.default, effect.after.default],
            "sites": {str(site): list(sets) for site, sets in sites.items()},
            "moves": [[old, new, count] for (old, new), count in sorted(moved.items())],
            "customers": sum(moved.values()),
        }

    def rollback(
        self, caller: Caller, plan_id: int, effect: Effect, outcome: Mapping[str, Any]
    ) -> int:
        """Make `effect`, which is a plan's the other way round, true; returns how many customers moved back.

        Raises `SomebodyWasFaster`.
        """
        tenant_id = caller.tenant_id
        now = self.clock()
        for code, kept in outcome["deleted"].items():
            self.structure.bring_back_set(tenant_id, code, kept)
        moved: dict[Pair, int] = {}
        with self._shown(tenant_id, plan_id, ROLLBACK, outcome["customers"]) as note:
            for part in self.moving.parts(tenant_id, plan_id):
                count = self.moving.move_back(tenant_id, plan_id, part, caller.name, now)
                pair = (part.to_set, part.from_set)
                moved[pair] = moved.get(pair, 0) + count
                note(sum(moved.values()))
        self._hold(tenant_id, list(effect.moved_sites), outcome["created"])
        self._assign(tenant_id, effect)
        self._relabel(caller, effect)
        for code in outcome["created"]:
            # One that somebody signed up in, or that got other sites since, stays.
            if code in effect.before.sets and self._is_unused(tenant_id, code, effect):
                self.structure.remove_set(tenant_id, code)
        self._tell(tenant_id, plan_id, effect, moved, outcome["customers"])
        self._note_facts(caller, plan_id, effect)
        return sum(moved.values())

    def _is_unused(self, tenant_id: int, code: str, effect: Effect) -> bool:
        return code != effect.after.default and self.structure.is_empty(tenant_id, code)

    def _shown(self, tenant_id: int, plan_id: int, action: str, expected: int) -> _Shown:
        return _Shown(
            self.progress if expected >= SHOWN_FROM else None,
            tenant_id,
            plan_id,
            action,
            expected,
            self.clock,
        )

    def _move(
        self,
        caller: Caller,
        plan_id: int,
        moving: Moving,
        moved: dict[Pair, int],
        note: Callable[[int], None],
    ) -> None:
        """Move batch by batch, counting into `moved`."""
        if not moving.moves:
            return
        first_id = moving.first_id
        while True:
            rest = replace(moving, first_id=first_id)
            last_id = self.moving.end_of_batch(rest)
            batch = replace(rest, last_id=last_id or LAST_ID)
            for old, new, count in self.moving.move(batch, plan_id, caller.name, self.clock()):
                moved[old, new] = moved.get((old, new), 0) + count
            note(sum(moved.values()))
            if last_id is None:
                return
            first_id = last_id + 1

    def _hold(self, tenant_id: int, site_ids: list[int], vanishing: list[str]) -> None:
        if vanishing:
            self.structure.hold_default(tenant_id)
        if site_ids or vanishing:
            self.structure.hold_sites(tenant_id, site_ids, vanishing)
        if vanishing:
            self.structure.hold_sets(tenant_id, vanishing)

    def _assign(self, tenant_id: int, effect: Effect) -> dict[int, Pair]:
        sites = dict(effect.moved_sites)
        for code in sorted({new for _, new in sites.values()}):
            self.structure.assign_sites(
                tenant_id, [site for site, (_, new) in sites.items() if new == code], code
            )
        for old, new in effect.deleted.items():
            # Created there since the plan was looked at, while the set was still the default.
            late = self.structure.assign_new_sites_of(tenant_id, old, new)
            sites |= dict.fromkeys(late, (old, new))
        return sites

    def _relabel(self, caller: Caller, effect: Effect) -> None:
        """Label sets anew and move the default flag."""
        now = self.clock()
        for code in effect.edited:
            labels = effect.after.sets[code]
            self.structure.label_set(
                caller.tenant_id, code, labels.name, labels.description, caller.name, now
            )
        if effect.before.default != effect.after.default:
            self.structure.make_default(caller.tenant_id, effect.after.default)

    def _tell(
        self,
        tenant_id: int,
        plan_id: int,
        effect: Effect,
        moved: Mapping[Pair, int],
        customers: int,
    ) -> None:
        """Let others know what was done; `customers`: how many the plan has moved, back or not."""
        if effect.changed_facts():
            self.structure_changed(tenant_id)
        if not any(effect.lost_sites(old, new) for old, new in moved):
            return
        # A customer who moves without a site of theirs is out there at once, which no copy may contradict.
        if customers <= FEW_CUSTOMERS:
            self.accounts_moved(tenant_id, self.moving.hold_logins(tenant_id, plan_id))
        else:
            self.void_all_copies()

    def _note_facts(self, caller: Caller, plan_id: int, effect: Effect) -> None:
        """Write down each change where somebody will look for it: at the site, the set, the tenant."""
        plan = Change("plan", None, plan_id)
        for name, (old, new) in effect.changed_facts().items():
            kind = name.partition(":")[0]
            if kind == "site":
                self.trail.note(
                    caller, "site.assigned", name, [Change("customerSet", old, new), plan]
                )
            elif kind == "customer_set":
                action = "created" if old is None else "deleted" if new is None else "updated"
                self.trail.note(
                    caller, f"customer_set.{action}", name, [Change("name", old, new), plan]
                )
            else:
                self.trail.note(
                    caller,
                    "tenant.updated",
                    f"tenant:{caller.tenant_id}",
                    [Change(name, old, new), plan],
                )


@dataclass(slots=True)
class _Shown:
    """Lets others see how far a large move is, while it lasts."""

    progress: ProgressStore | None
    tenant_id: int
    plan_id: int
    action: str
    expected: int
    clock: Clock

    def __enter__(self) -> Callable[[int], None]:
        if self.progress is None:
            return lambda _: None
        progress = self.progress
        progress.begin(self.tenant_id, self.plan_id, self.action, self.expected, self.clock())
        return lambda moved: progress.note(self.tenant_id, self.plan_id, moved, self.clock())

    def __exit__(self, *_: object) -> None:
        if self.progress is not None:
            self.progress.end(self.tenant_id, self.plan_id)
