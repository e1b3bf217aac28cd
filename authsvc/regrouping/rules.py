"""What may be asked of a plan, and what it would make of a tenant's structure (design §2, 1-6 and 9; [A], [B]).

Changes are applied one after the other to a picture of the structure. What comes out is an `Effect`: old and new, and
who moves where. Nothing here asks or changes a store, so that a rehearsal and a commit come to the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from authsvc.customer_sets.rules import (
    CodeTaken,
    UnknownCustomerSet,
    UnknownSite,
    customer_set_code,
    label,
)
from authsvc.errors import Invalid
from authsvc.regrouping.refusals import DefaultSetStays

# More than anybody puts together by hand; each is a step through all sites and sets.
MOST_CHANGES = 50
# Longer lists are better said as a filter, or in several plans; a body of the API holds about as many.
MOST_LISTED = 10_000
LONGEST_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True)
class SetLabels:
    """What people read of a customer set."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Structure:
    """Which sets a tenant has, which is the default, and which set each site is in."""

    sets: Mapping[str, SetLabels]
    default: str
    sites: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class CreateSet:
    """A new customer set without sites."""

    code: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class EditSet:
    """Other labels for a set; None leaves one as it is. Its code never changes (rule 2)."""

    code: str
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class AssignSites:
    """Sites that go to a set, each taken from its old one (rule 5)."""

    customer_set: str
    sites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MoveCustomers:
    """Customers that go to a set: all of one set, those of a list, or those a search finds now; one of the three.

    A search is a filter, a quick search as the list of accounts has it, or both, which must both find a customer.
    """

    customer_set: str
    from_set: str | None = None
    accounts: tuple[int, ...] | None = None
    filter: str | None = None
    quick_search: str | None = None

    @property
    def is_search(self) -> bool:
        """Tell whether the customers are those a search finds."""
        return self.filter is not None or self.quick_search is not None


@dataclass(frozen=True, slots=True)
class MakeDefault:
    """The set that new sites join from now on; the flag moves (rule 3)."""

    code: str


@dataclass(frozen=True, slots=True)
class DeleteSet:
    """A set that goes, and the one that takes its sites and customers; None is the default set (rule 6)."""

    code: str
    successor: str | None = None


StructureChange = CreateSet | EditSet | AssignSites | MoveCustomers | MakeDefault | DeleteSet


@dataclass(frozen=True, slots=True)
class Effect:
    """A structure before and after, and the customers that move, in the order of the changes."""

    before: Structure
    after: Structure
    moves: tuple[MoveCustomers, ...] = ()
    # Deleted code → successor's.
    deleted: Mapping[str, str] = field(default_factory=dict)

    @property
    def created(self) -> list[str]:
        """The codes of new sets."""
        return [code for code in self.after.sets if code not in self.before.sets]

    @property
    def edited(self) -> list[str]:
        """The codes of sets that stay and are labelled anew."""
        return [
            code
            for code, labels in self.after.sets.items()
            if code in self.before.sets and self.before.sets[code] != labels
        ]

    @property
    def moved_sites(self) -> dict[int, tuple[str, str]]:
        """Site id → its old and its new set."""
        return {
            site: (old, self.after.sites[site])
            for site, old in self.before.sites.items()
            if old != self.after.sites[site]
        }

    def changed_facts(self) -> dict[str, tuple[object, object]]:
        """Everything that changes, old and new, under the name it has in the audit trail."""
        facts: dict[str, tuple[object, object]] = {}
        for code in self.created:
            facts[f"customer_set:{code}"] = (None, self.after.sets[code].name)
        for code in self.deleted:
            facts[f"customer_set:{code}"] = (self.before.sets[code].name, None)
        for code in self.edited:
            old, new = self.before.sets[code], self.after.sets[code]
            facts[f"customer_set:{code}"] = (
                [old.name, old.description],
                [new.name, new.description],
            )
        for site, sets in self.moved_sites.items():
            facts[f"site:{site}"] = sets
        if self.before.default != self.after.default:
            facts["defaultCustomerSet"] = (self.before.default, self.after.default)
        return facts

    def lost_sites(self, old: str, new: str) -> list[int]:
        """List the sites that a customer who goes from `old` to `new` (or stays) signs in at now and then no longer."""
        return [
            site
            for site, held in self.before.sites.items()
            if held == old and self.after.sites[site] != new
        ]


def effect_of(structure: Structure, changes: Sequence[StructureChange]) -> Effect:
    """Apply `changes` to `structure`, one after the other.

    Raises `Invalid`, `UnknownCustomerSet`, `UnknownSite`, `CodeTaken` or `DefaultSetStays`.
    """
    if not 1 <= len(changes) <= MOST_CHANGES:
        raise Invalid("changes", f"Give 1 to {MOST_CHANGES} changes.")
    effect = Effect(structure, structure)
    for change in changes:
        effect = _applied(effect, change)
    return effect


def _applied(effect: Effect, change: StructureChange) -> Effect:
    match change:
        case CreateSet():
            return _created(effect, change)
        case EditSet():
            return _edited(effect, change)
        case AssignSites():
            return _assigned(effect, change)
        case MoveCustomers():
            return _moved(effect, change)
        case MakeDefault():
            code = existing(effect.after, change.code)
            return replace(effect, after=replace(effect.after, default=code))
        case DeleteSet():
            return _deleted(effect, change)


def _created(effect: Effect, change: CreateSet) -> Effect:
    code = customer_set_code(change.code)
    if code in effect.after.sets or code in effect.before.sets:
        raise CodeTaken(
            f"There is a customer set with the code {code} already. Choose another code."
        )
    labels = SetLabels(label(change.name), _description(change.description))
    return replace(effect, after=replace(effect.after, sets={**effect.after.sets, code: labels}))


def _edited(effect: Effect, change: EditSet) -> Effect:
    code = existing(effect.after, change.code)
    old = effect.after.sets[code]
    labels = SetLabels(
        old.name if change.name is None else label(change.name),
        old.description if change.description is None else _description(change.description),
    )
    return replace(effect, after=replace(effect.after, sets={**effect.after.sets, code: labels}))


def _assigned(effect: Effect, change: AssignSites) -> Effect:
    code = existing(effect.after, change.customer_set)
    for site in change.sites:
        if site not in effect.after.sites:
            raise UnknownSite(f"There is no site {site}.")
    moved = {**effect.after.sites, **dict.fromkeys(change.sites, code)}
    return replace(effect, after=replace(effect.after, sites=moved))


def _moved(effect: Effect, change: MoveCustomers) -> Effect:
    ways = [change.from_set is not None, change.accounts is not None, change.is_search]
    if sum(ways) != 1:
        raise Invalid(
            "moveCustomers",
            "Name one of fromCustomerSet, accountIds, and filter with or without q.",
        )
    if change.accounts is not None and not 1 <= len(change.accounts) <= MOST_LISTED:
        raise Invalid("accountIds", f"Give 1 to {MOST_LISTED} ids, or a filter.")
    if change.is_search and not ((change.filter or "") + (change.quick_search or "")).strip():
        raise Invalid("filter", "Say whom; to move everybody of a set, name fromCustomerSet.")
    named = replace(
        change,
        customer_set=existing(effect.after, change.customer_set),
        from_set=None if change.from_set is None else existing(effect.after, change.from_set),
    )
    return replace(effect, moves=(*effect.moves, named))


def _deleted(effect: Effect, change: DeleteSet) -> Effect:
    code = existing(effect.after, change.code)
    if code == effect.after.default:
        raise DefaultSetStays(code)
    if code not in effect.before.sets:
        raise Invalid("code", f"{code} is made by the same plan: leave both out.")
    successor = existing(effect.after, change.successor or effect.after.default)
    if successor == code:
        raise Invalid("successor", "Name another customer set than the one that is deleted.")
    sites = {site: successor if held == code else held for site, held in effect.after.sites.items()}
    sets = {other: labels for other, labels in effect.after.sets.items() if other != code}
    return Effect(
        effect.before,
        Structure(sets, effect.after.default, sites),
        (*effect.moves, MoveCustomers(successor, from_set=code)),
        {**effect.deleted, code: successor},
    )


def existing(structure: Structure, code: str) -> str:
    """Return `code` as it is kept; raises `UnknownCustomerSet` unless the structure has it."""
    kept = code.strip().lower()
    if kept not in structure.sets:
        raise UnknownCustomerSet(f"There is no customer set {code[:60]!r}.")
    return kept


def _description(text: str) -> str:
    kept = text.strip()
    if len(kept) > LONGEST_DESCRIPTION:
        raise Invalid("description", f"Give at most {LONGEST_DESCRIPTION} characters.")
    return kept
