"""The form of one customer set's row: what was typed, which changes that means, and which sites it offers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from authsvc.admin.typed_numbers import number
from authsvc.customer_sets.rules import Site
from authsvc.customer_sets.service import CustomerSetWithContents
from authsvc.errors import Conflict, Invalid
from authsvc.regrouping.plans import Plan
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    EditSet,
    MakeDefault,
    StructureChange,
)

# Sites listed in the drop-down beside those that were ticked; more are found by name, so that a page stays small.
OFFERED_SITES = 100


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the customer set since its row was opened; nothing was saved."""

    def __init__(self, held: CustomerSetWithContents) -> None:
        """Say what to do, and how the set is now."""
        self.now = seen(held)
        kept = held.customer_set
        sites = ", ".join(site.name for site in held.sites) or "none"
        super().__init__(
            "Somebody else has changed this customer set since you opened it, so nothing was saved. "
            "Compare what you typed with what is listed here, then save again.",
            items=[
                Conflict(f"Name is now: {kept.name}"),
                Conflict(f"Description is now: {kept.description or 'empty'}"),
                Conflict(f"Default is now: {'Y' if kept.is_default else 'N'}"),
                Conflict(f"Sites are now: {sites}"),
            ],
        )


@dataclass(frozen=True, slots=True)
class RowForm:
    """What stands in a row that is edited, of a set there is or a new one.

    `offered`: the sites whose boxes the page showed; what it did not show stays as it is. `seen`: what the set was
    when the row was opened.
    """

    is_new: bool = True
    code: str = ""
    name: str = ""
    description: str = ""
    is_default: bool = False
    sites: frozenset[int] = frozenset()
    offered: frozenset[int] = frozenset()
    reason: str = ""
    find: str = ""
    seen: str = ""

    @classmethod
    def typed(cls, form: MultiDict[str, str], code: str | None = None) -> RowForm:
        """Read what a browser sends; `code`: of the set that is edited, None for a new one."""
        return cls(
            is_new=code is None,
            code=form.get("code", "") if code is None else code,
            name=form.get("name", ""),
            description=form.get("description", ""),
            is_default="is_default" in form,
            sites=_ids(form.getlist("site")),
            offered=_ids(form.get("offered", "").split(",")),
            reason=form.get("reason", ""),
            find=form.get("find", "").strip(),
            seen=form.get("seen", ""),
        )

    @classmethod
    def of_set(cls, held: CustomerSetWithContents) -> RowForm:
        """Return a set as it is, to be edited."""
        kept = held.customer_set
        return cls(False, kept.code, kept.name, kept.description, kept.is_default, seen=seen(held))

    @classmethod
    def of_plan(cls, plan: Plan, held: CustomerSetWithContents | None) -> RowForm:
        """Return what was typed when a plan was asked for, against the set as it is now, or None for a new one."""
        code, name, description, is_default = "", "", "", False
        joining: set[int] = set()
        offered: set[int] = set()
        for change in plan.changes:
            match change:
                case CreateSet() | EditSet():
                    code = change.code
                    name, description = change.name or "", change.description or ""
                case AssignSites():
                    offered.update(change.sites)
                    joining.update(change.sites if change.customer_set == code else ())
                case MakeDefault():
                    is_default = True
        return cls(
            isinstance(plan.changes[0], CreateSet),
            code,
            name,
            description,
            is_default,
            frozenset(joining),
            frozenset(offered),
            plan.reason,
            seen=seen(held) if held else "",
        )

    def joining(self, held: CustomerSetWithContents | None) -> list[int]:
        """List the sites that come from other sets."""
        return sorted(self.sites - _own(held))

    def leaving(self, held: CustomerSetWithContents | None) -> list[int]:
        """List the set's own sites that were unticked."""
        return sorted((_own(held) & self.offered) - self.sites)

    def changes(self, held: CustomerSetWithContents | None, default: str) -> list[StructureChange]:
        """Return the changes that are meant, to `held` or a new set; what is unticked goes to the set `default`.

        Raises `Invalid`, or `ChangedMeanwhile` when the set is not what it was when the row was opened.
        """
        if held is None:
            changes: list[StructureChange] = [CreateSet(self.code, self.name, self.description)]
        else:
            changes = [EditSet(held.customer_set.code, self.name, self.description)]
            if self.seen != seen(held):
                raise ChangedMeanwhile(held)
        if leaving := self.leaving(held):
            if held is not None and held.customer_set.is_default:
                raise Invalid(
                    "sites", "A site leaves the default set by being assigned to another one there."
                )
            changes.append(AssignSites(default, tuple(leaving)))
        code = self.code.strip().lower()
        if joining := self.joining(held):
            changes.append(AssignSites(code, tuple(joining)))
        if self.is_default and not (held and held.customer_set.is_default):
            changes.append(MakeDefault(code))
        return changes


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """A site in the drop-down. `remark`: where it is, or which set it would leave. `is_fixed`: cannot be unticked."""

    id: int
    name: str
    is_chosen: bool
    is_fixed: bool
    remark: str


def site_choices(
    form: RowForm, held: CustomerSetWithContents | None, sites: Sequence[Site], default: str
) -> list[SiteChoice]:
    """List the sites a row offers: what was ticked or unticked first, then its own, then others by name.

    `form.find` narrows the list down to names that contain it; what was ticked or unticked always stays.
    """
    own, joining, leaving = _own(held), set(form.joining(held)), set(form.leaving(held))
    is_default = held is not None and held.customer_set.is_default
    wanted = form.find.casefold()

    def choice(site: Site) -> SiteChoice:
        if site.id not in own:
            return SiteChoice(
                site.id, site.name, site.id in joining, False, f"would leave {site.customer_set}"
            )
        remark = (
            "leaves this set by being assigned to another one"
            if is_default
            else f"in this set; unticked, it goes to {default}"
        )
        return SiteChoice(site.id, site.name, site.id not in leaving, is_default, remark)

    touched = [site for site in sites if site.id in joining | leaving]
    others = [
        site
        for site in sorted(sites, key=lambda site: (site.id not in own, site.name.casefold()))
        if site.id not in joining | leaving and wanted in site.name.casefold()
    ]
    return [choice(site) for site in [*touched, *others[:OFFERED_SITES]]]


def seen(held: CustomerSetWithContents) -> str:
    """Return a mark of what a set is; it differs when anything of it that a row shows is changed."""
    kept = held.customer_set
    shown = (kept.name, kept.description, kept.is_default, sorted(_own(held)))
    return hashlib.sha256(repr(shown).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _own(held: CustomerSetWithContents | None) -> frozenset[int]:
    return frozenset(site.id for site in held.sites) if held else frozenset()


def _ids(texts: Sequence[str]) -> frozenset[int]:
    return frozenset(map(number, texts)) - {0}
