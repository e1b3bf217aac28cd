"""System › Structure › Plans: who moved what, when and why; a plan's page, its commit, and its progress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from authsvc.admin.apply_now import waiting
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry, to_page
from authsvc.admin.plan_dialogs import REFUSALS, clash_page
from authsvc.admin.plan_words import (
    change_in_words,
    done,
    in_force,
    subject_in_words,
    title,
    value_in_words,
)
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.propagation import Propagation
from authsvc.errors import AuthsvcError
from authsvc.listing.paging import Page
from authsvc.regrouping.plans import Plan, PlanFilter, PlanState, cannot_be_undone
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.rules import AssignSites, MoveCustomers, StructureChange
from authsvc.regrouping.service import LONGEST_REASON
from authsvc.regrouping.site_store import SiteStore
from authsvc.regrouping.undertaking import Undertaking

if TYPE_CHECKING:
    from authsvc.regrouping.rehearsal_store import FoundLoss

PATH = "/plans"
READS = Requires(Behavior.CUSTOMER_SET_READ)
CHANGES = Requires(Behavior.CUSTOMER_SET_UPDATE)

ROWS = 25
# Of what a plan's page lists: things of the structure that change, and customers who lose a site.
FACTS, LOSSES = 25, 10
# How often a page asks how far a commit is (seconds): a large one takes a step every half of a second or so.
REFRESH_SECONDS = 2
_MOST_LISTED = 20
# Where whoever cancels came from.
_BACK: Mapping[type[StructureChange], str] = {AssignSites: "/sites", MoveCustomers: "/customers"}


@dataclass(frozen=True, slots=True)
class PlanPages:
    """The pages; each asks and changes through the use cases that the API has."""

    pages: AdminPages
    undertaking: Undertaking
    sites: SiteStore
    propagation: Propagation

    def history(self, visitor: Visitor) -> Response:
        """List the plans there are, or those that are about something or somebody, newest first."""
        tenant_id = visitor.caller.tenant_id
        typed = {
            name: request.args.get(name, "").strip() for name in ("site", "set", "customer", "who")
        }
        wanted = PlanFilter(
            number(typed["site"]) if typed["site"] else None,
            typed["set"] or None,
            number(typed["customer"]) if typed["customer"] else None,
            typed["who"] or None,
        )
        start = number(request.args.get("start"))
        plans, total = self.undertaking.regrouping.plans.plans(tenant_id, Page(start, ROWS), wanted)
        site = self.sites.names(tenant_id, [wanted.site_id]) if wanted.site_id else {}
        return self.pages.show(
            "plans.html",
            visitor,
            waiting=waiting(self.propagation, visitor),
            plans=plans,
            title_of=title,
            total=total,
            start=start,
            size=ROWS,
            typed=typed,
            about_site=next(iter(site.values()), None),
        )

    def plan(self, visitor: Visitor, plan: Plan, error: AuthsvcError | None = None) -> Response:
        """Show a plan: what was found, what became of it, and what can be done now."""
        regrouping = self.undertaking.regrouping
        found = plan.findings
        is_open = plan.state is PlanState.ASKED
        is_busy = regrouping.structure.is_held(plan.tenant_id)
        facts, losses = number(request.args.get("facts")), number(request.args.get("losses"))
        names = sorted(found.facts)[facts : facts + FACTS]
        lost, losing = self._losses(plan, losses) if is_open and not is_busy else ([], 0)
        listed = {int(name.partition(":")[2]) for name in names if name.startswith("site:")}
        listed |= {loss.site_id for loss in found.site_losses[:_MOST_LISTED]}
        listed |= {site_id for _, site_ids in lost for site_id in site_ids[:_MOST_LISTED]}
        site_names = self.sites.names(plan.tenant_id, listed)
        items = () if error is None or isinstance(error, UsernamesClash) else error.items
        return self.pages.show(
            "plan.html",
            visitor,
            error,
            notice=done(regrouping, plan) if request.args.get("done") and error is None else None,
            waiting=waiting(self.propagation, visitor),
            details=[item.message for item in items[:_MOST_LISTED]],
            plan=plan,
            found=found,
            title=title(plan),
            changes=[change_in_words(change) for change in plan.changes],
            site_names=site_names,
            facts=[
                (subject_in_words(name, site_names), *map(value_in_words, found.facts[name]))
                for name in names
            ],
            facts_start=facts,
            facts_size=FACTS,
            clashes=clash_page(regrouping, plan, number(request.args.get("clashes")))
            if is_open and not is_busy
            else None,
            lost=lost,
            losing=losing,
            losses_start=losses,
            losses_size=LOSSES,
            is_open=is_open,
            is_busy=is_busy,
            is_broken_off=plan.progress is not None and not is_busy,
            refresh_seconds=REFRESH_SECONDS,
            may_change=Behavior.CUSTOMER_SET_UPDATE in visitor.caller.behaviors,
            can_roll_back=plan.state is PlanState.COMMITTED
            and plan.rollback_until is not None
            and regrouping.clock() <= plan.rollback_until,
            in_force=in_force(
                regrouping,
                plan.rolled_back_at or plan.committed_at or regrouping.clock(),
                changes_structure=bool(found.facts),
            ),
            final=cannot_be_undone(found, regrouping.rollback_days),
            longest_reason=LONGEST_REASON,
            back=f"/admin{_BACK.get(type(plan.changes[0]), PATH)}",
        )

    def commit(self, visitor: Visitor, plan_id: int) -> Answer:
        """Commit a plan; one that lasts is followed on its page."""
        caller = visitor.caller
        try:
            plan = self.undertaking.commit(caller, plan_id, request.form.get("reason", ""))
        except REFUSALS as error:
            shown = self.undertaking.regrouping.plan(caller.tenant_id, plan_id)
            return self.plan(visitor, shown, error)
        return to_page(f"{PATH}/{plan.id}", done="1")

    def _losses(self, plan: Plan, start: int) -> tuple[list[tuple[FoundLoss, list[int]]], int]:
        """Return a page of the customers who would lose sites as things are now; none if the plan makes no sense."""
        if not plan.findings.losing_customers:
            return [], 0
        try:
            return self.undertaking.regrouping.rehearsal.losses(plan, Page(start, LOSSES))
        except REFUSALS:
            return [], 0


def add_plan_pages(
    pages: AdminPages, undertaking: Undertaking, sites: SiteStore, propagation: Propagation
) -> None:
    """Declare the history, a plan's page, and its commit."""
    own = PlanPages(pages, undertaking, sites, propagation)
    pages.navigation.append(
        NavigationEntry("System › Structure", "Plans", f"/admin{PATH}", Behavior.CUSTOMER_SET_READ)
    )

    @pages.get(PATH, requires=READS)
    def show_plans(visitor: Visitor) -> Answer:
        return own.history(visitor)

    @pages.get(f"{PATH}/<int:plan_id>", requires=READS)
    def show_plan(visitor: Visitor, plan_id: int) -> Answer:
        return own.plan(visitor, undertaking.regrouping.plan(visitor.caller.tenant_id, plan_id))

    @pages.post(f"{PATH}/<int:plan_id>/commit", requires=CHANGES)
    def commit_plan(visitor: Visitor, plan_id: int) -> Answer:
        return own.commit(visitor, plan_id)
