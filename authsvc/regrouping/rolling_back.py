"""What undoing a committed plan means for the structure as it is now, from the outcome that was kept with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authsvc.regrouping.plans import PairCount
from authsvc.regrouping.refusals import PlanOutdated
from authsvc.regrouping.rules import Effect, SetLabels, Structure


@dataclass(frozen=True, slots=True)
class RollbackFindings:
    """What rolling a plan back would do now.

    `facts`: everything of the structure that changes, old and new. `removed`: sets the plan made, which go unless
    somebody is in them. `differences` and `clashes`: what it would be refused for.
    """

    facts: Mapping[str, Sequence[Any]]
    moves: tuple[PairCount, ...]
    removed: tuple[str, ...]
    differences: tuple[str, ...]
    clashes: int

    @property
    def customers(self) -> int:
        """How many customers go back."""
        return sum(move.customers for move in self.moves)

    @property
    def is_possible(self) -> bool:
        """Tell whether nothing stands against it now."""
        return not self.differences and not self.clashes


def effect_back(now: Structure, outcome: Mapping[str, Any]) -> Effect:
    """Return the effect of undoing; raises `PlanOutdated` where the structure is not as the plan left it."""
    differences = changed_since(now, outcome)
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


def changed_since(now: Structure, outcome: Mapping[str, Any]) -> list[str]:
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
