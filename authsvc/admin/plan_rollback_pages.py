"""Rolling a committed plan back: what that would do now is listed first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.plan_dialogs import REFUSALS
from authsvc.admin.plan_pages import CHANGES, PATH
from authsvc.admin.plan_words import in_force, subject_in_words, title, value_in_words
from authsvc.errors import AuthsvcError
from authsvc.regrouping.plans import PlanState
from authsvc.regrouping.refusals import NotUndoable
from authsvc.regrouping.site_store import SiteStore
from authsvc.regrouping.undertaking import Undertaking

# Of what would change back; the counts are of all.
_MOST_LISTED = 25


@dataclass(frozen=True, slots=True)
class RollbackPages:
    """The page, and what its button does."""

    pages: AdminPages
    undertaking: Undertaking
    sites: SiteStore

    def show(self, visitor: Visitor, plan_id: int, error: AuthsvcError | None = None) -> Response:
        """Show what rolling back would do, and what stands against it; raises `NotUndoable` where nothing can help."""
        regrouping, tenant_id = self.undertaking.regrouping, visitor.caller.tenant_id
        plan = regrouping.plan(tenant_id, plan_id)
        found = regrouping.rehearse_rollback(tenant_id, plan_id)
        names = sorted(found.facts)
        listed = names[:_MOST_LISTED]
        site_names = self.sites.names(
            tenant_id, {int(name.partition(":")[2]) for name in listed if name.startswith("site:")}
        )
        return self.pages.show(
            "plan_rollback.html",
            visitor,
            error,
            details=[item.message for item in error.items[:_MOST_LISTED]] if error else [],
            plan=plan,
            title=title(plan),
            found=found,
            facts=[
                (subject_in_words(name, site_names), *map(value_in_words, found.facts[name]))
                for name in listed
            ],
            more_facts=len(names) - len(listed),
            moved=0 if plan.outcome is None else plan.outcome["customers"],
            differences=found.differences[:_MOST_LISTED],
            in_force=in_force(regrouping, regrouping.clock()),
        )

    def roll_back(self, visitor: Visitor, plan_id: int) -> Answer:
        """Roll the plan back; one that lasts is followed on its page."""
        try:
            plan = self.undertaking.roll_back(visitor.caller, plan_id)
        except NotUndoable:
            return to_page(f"{PATH}/{plan_id}")
        except REFUSALS as error:
            return self.show(visitor, plan_id, error)
        return to_page(f"{PATH}/{plan.id}")


def add_rollback_pages(pages: AdminPages, undertaking: Undertaking, sites: SiteStore) -> None:
    """Declare the page, and what its button does."""
    own = RollbackPages(pages, undertaking, sites)

    @pages.get(f"{PATH}/<int:plan_id>/rollback", requires=CHANGES)
    def show_rollback(visitor: Visitor, plan_id: int) -> Answer:
        plan = undertaking.regrouping.plan(visitor.caller.tenant_id, plan_id)
        if plan.state is not PlanState.COMMITTED:
            return to_page(f"{PATH}/{plan_id}")
        try:
            return own.show(visitor, plan_id)
        except NotUndoable:
            return to_page(f"{PATH}/{plan_id}")

    @pages.post(f"{PATH}/<int:plan_id>/rollback", requires=CHANGES)
    def roll_plan_back(visitor: Visitor, plan_id: int) -> Answer:
        return own.roll_back(visitor, plan_id)
