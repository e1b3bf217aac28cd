"""The rehearsal of a plan: what it would do, found without doing it, and whether that still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from authsvc.accounts.rules import UnknownAccount
from authsvc.listing.paging import Page
from authsvc.regrouping.moving import Moving
from authsvc.regrouping.plans import ORDER_DAYS, Findings, PairCount, Plan, SiteLoss
from authsvc.regrouping.refusals import MOST_LISTED_ITEMS, Clash, UsernamesClash
from authsvc.regrouping.rules import Effect, MoveCustomers, StructureChange, effect_of

if TYPE_CHECKING:
    from authsvc.infra.clock import Clock
    from authsvc.regrouping.rehearsal_store import FoundClash, FoundLoss, RehearsalStore

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Asks what a plan would do; changes nothing."""

    store: RehearsalStore
    # (tenant, set codes) → number of customer accounts.
    count_customers: Any
    clock: Clock

    def effect(self, tenant_id: int, changes: Sequence[StructureChange]) -> Effect:
        """Return what the changes would make of the structure as it is now; raises as `effect_of`."""
        return effect_of(self.store.structure(tenant_id), changes)

    def findings(self, tenant_id: int, effect: Effect) -> Findings:
        """Count what the effect would mean; raises `UnknownAccount` for a listed customer there is not."""
        moving = Moving(tenant_id, effect.moves)
        listed, filtered = self._meant(tenant_id, effect.moves)
        pairs = self.store.moved_by_pair(moving)
        losing = self._losing(tenant_id, effect, pairs)
        by_site: dict[int, int] = {}
        for (old, new), customers in losing.items():
            for site in effect.lost_sites(old, new):
                by_site[site] = by_site.get(site, 0) + customers
        now = self.clock()
        return Findings(
            facts={name: list(fact) for name, fact in effect.changed_facts().items()},
            sites=len(effect.moved_sites),
            customers=sum(pairs.values()),
            moves=tuple(PairCount(old, new, count) for (old, new), count in sorted(pairs.items())),
            sessions=self.store.sessions_signed_in(
                moving, sorted({old for old, new in losing if old == new}), now
            ),
            clashes=self.store.count_clashes(moving),
            losing_customers=sum(losing.values()),
            site_losses=tuple(SiteLoss(site, count) for site, count in sorted(by_site.items())),
            listed=listed,
            filtered=filtered,
            orders=self.store.orders_since(
                tenant_id,
                sorted({*effect.moved_sites, *by_site}),
                now - timedelta(days=ORDER_DAYS),
            ),
        )

    def clashes(self, plan: Plan, page: Page) -> tuple[list[FoundClash], int]:
        """Return a page of the usernames that clash now, and how many there are; raises as `effect_of`."""
        moving = Moving(plan.tenant_id, self.effect(plan.tenant_id, plan.changes).moves)
        return self.store.clashes(moving, page), self.store.count_clashes(moving)

    def losses(self, plan: Plan, page: Page) -> tuple[list[tuple[FoundLoss, list[int]]], int]:
        """Return a page of the customers who would lose sites, with those, and how many there are."""
        effect = self.effect(plan.tenant_id, plan.changes)
        moving = Moving(plan.tenant_id, effect.moves)
        losing = self._losing(plan.tenant_id, effect, self.store.moved_by_pair(moving))
        found = self.store.losses(moving, sorted(losing), page)
        return (
            [(loss, effect.lost_sites(loss.from_set, loss.to_set)) for loss in found],
            sum(losing.values()),
        )

    def refuse_clashes(self, tenant_id: int, effect: Effect) -> None:
        """Raise `UsernamesClash` if anybody's username is taken where they would go."""
        moving = Moving(tenant_id, effect.moves)
        total = self.store.count_clashes(moving)
        if total:
            found = self.store.clashes(moving, Page(0, MOST_LISTED_ITEMS))
            raise UsernamesClash(total, clash_items(found))

    def differences(self, plan: Plan, effect: Effect) -> list[str]:
        """List what is no longer as it was when the plan was asked for."""
        then = plan.findings
        now = {name: list(fact) for name, fact in effect.changed_facts().items()}
        texts = [
            f"{name}: was to change {_arrow(then.facts.get(name))}, would now change "
            f"{_arrow(now.get(name))}."
            for name in sorted({*then.facts, *now})
            if list(then.facts.get(name, ())) != now.get(name, [])
        ]
        sets = self.store.sets_of(plan.tenant_id, [int(account) for account in then.listed])
        texts += [
            f"account:{account}: was in {code}, is now in {sets.get(int(account), 'no set')}."
            for account, code in then.listed.items()
            if sets.get(int(account)) != code
        ]
        filtered = self._filtered(plan.tenant_id, effect.moves)
        texts += [
            f"The filter of move {place}: found {count} customers, finds {filtered.get(place)} now."
            for place, count in then.filtered.items()
            if filtered.get(place) != count
        ]
        return texts

    def _meant(
        self, tenant_id: int, moves: Sequence[MoveCustomers]
    ) -> tuple[Mapping[str, str], Mapping[str, int]]:
        listed: dict[str, str] = {}
        for move in moves:
            sets = self.store.sets_of(tenant_id, move.accounts or ())
            for account in move.accounts or ():
                if account not in sets:
                    raise UnknownAccount(account)
                listed[str(account)] = sets[account]
        return listed, self._filtered(tenant_id, moves)

    def _filtered(self, tenant_id: int, moves: Sequence[MoveCustomers]) -> dict[str, int]:
        return {
            str(place): sum(self.store.moved_by_pair(Moving(tenant_id, (move,))).values())
            for place, move in enumerate(moves, 1)
            if move.is_search
        }

    def _losing(self, tenant_id: int, effect: Effect, moved: Mapping[Pair, int]) -> dict[Pair, int]:
        """Count the customers who lose a site, by old and new set; the same set twice for those who stay."""
        staying = sorted({old for old, _ in effect.moved_sites.values()})
        sizes = self.count_customers(tenant_id, staying)
        stay = {
            (code, code): sizes.get(code, 0)
            - sum(count for (old, _), count in moved.items() if old == code)
            for code in staying
        }
        return {
            (old, new): count
            for (old, new), count in {**moved, **stay}.items()
            if count and effect.lost_sites(old, new)
        }


def clash_items(found: Sequence[FoundClash]) -> list[Clash]:
    """Return clashes as the items of a refusal."""
    return [
        Clash(clash.username, clash.account_id, clash.to_set, clash.other_account_id)
        for clash in found
    ]


def _arrow(fact: Sequence[Any] | None) -> str:
    return "nothing" if fact is None else f"{fact[0]} → {fact[1]}"
