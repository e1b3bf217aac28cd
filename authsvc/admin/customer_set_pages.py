"""System › Structure › Customer Sets: the table, rows edited in line, and what a change would cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, request

from authsvc.admin.apply_now import waiting
from authsvc.admin.customer_set_forms import (
    OFFERED_SITES,
    ChangedMeanwhile,
    RowForm,
    site_choices,
)
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry, to_page
from authsvc.admin.plan_dialogs import REFUSALS
from authsvc.admin.plan_words import done_notice, in_force
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.propagation import Propagation
from authsvc.customer_sets.rules import CodeTaken, Site
from authsvc.customer_sets.service import CustomerSets, CustomerSetWithContents
from authsvc.errors import AuthsvcError, Invalid, NotFound
from authsvc.regrouping.plans import Plan, PlanState, cannot_be_undone
from authsvc.regrouping.refusals import DefaultSetStays
from authsvc.regrouping.rules import CreateSet, EditSet
from authsvc.regrouping.service import LONGEST_REASON, Regrouping

PATH = "/customer-sets"
READS = Requires(Behavior.CUSTOMER_SET_READ)
CHANGES = Requires(Behavior.CUSTOMER_SET_UPDATE)

ROWS = 50
# Customers of a set counted for the table, where more are only said to be more: a page of large sets costs what a page
# of small ones does. What a change concerns is counted by its plan, to the last customer.
COUNTED = 1_000
# Sites shown of a set in the table; its row, opened, has the others.
CHIPS = 12
_MOST_LISTED = 20  # what else a refusal lists
_FIELDS = {"code", "name", "description", "sites", "reason"}


@dataclass(frozen=True, slots=True)
class CustomerSetPages:
    """The pages of the table; each asks and changes through the use cases that the API has."""

    pages: AdminPages
    regrouping: Regrouping
    customer_sets: CustomerSets
    propagation: Propagation

    def table(
        self, visitor: Visitor, form: RowForm | None = None, error: AuthsvcError | None = None
    ) -> Response:
        """Show the table, with the row of `form` opened; `error`: why what was typed there is refused."""
        tenant_id = visitor.caller.tenant_id
        start = number(request.args.get("start"))
        rows, total = self.customer_sets.customer_sets(
            tenant_id, [], start, ROWS, most_counted=COUNTED + 1
        )
        may_change = Behavior.CUSTOMER_SET_UPDATE in visitor.caller.behaviors
        held = self._held(tenant_id, form) if form else None
        if held and all(row.customer_set.code != held.customer_set.code for row in rows):
            rows.insert(0, held)
        default = self.customer_sets.default_customer_set(tenant_id) if form else ""
        sites = self._sites_to_choose(tenant_id, form, held) if form else []
        return self.pages.show(
            "customer_sets.html",
            visitor,
            error,
            notice=done_notice(self.regrouping, tenant_id, request.args) if error is None else None,
            waiting=waiting(self.propagation, visitor),
            error_field=field_of(error),
            details=[item.message for item in error.items[:_MOST_LISTED]] if error else [],
            rows=rows,
            chips=CHIPS,
            counted=COUNTED,
            total=total,
            start=start,
            size=ROWS,
            may_change=may_change,
            form=form,
            editing=held.customer_set.code if held else None,
            held=held,
            choices=site_choices(form, held, sites, default) if form else [],
            finds=form is not None and (bool(form.find) or len(sites) > OFFERED_SITES),
            sites_open=form is not None
            and bool(form.find or form.sites or form.offered or request.args.get("open")),
            default=default,
            longest_reason=LONGEST_REASON,
        )

    def save(self, visitor: Visitor, code: str | None) -> Answer:
        """Save what was typed: at once, or after a look at what it costs if sites change sets."""
        caller, form = visitor.caller, RowForm.typed(request.form, code)
        if request.form.get("action") == "find":
            return self.table(visitor, form)
        try:
            held = None if code is None else self.customer_sets.customer_set(caller.tenant_id, code)
            default = self.customer_sets.default_customer_set(caller.tenant_id)
            changes = form.changes(held, default)
            if form.joining(held) or form.leaving(held):
                asked = self.regrouping.draft(caller, changes, form.reason)
                return to_page(f"{PATH}/plan/{asked.id}")
            plan = self.regrouping.at_once(caller, changes, form.reason)
        except ChangedMeanwhile as error:
            # What it is now has been shown: saving again is meant.
            return self.table(visitor, replace(form, seen=error.now), error)
        except REFUSALS as error:
            return self.table(visitor, form, error)
        return to_page(PATH, done=str(plan.id))

    def consequences(self, visitor: Visitor, plan_id: int) -> Answer:
        """Show what a plan would do to whom, and let it be committed."""
        plan = self._row_plan(visitor, plan_id)
        if plan.state is not PlanState.ASKED:
            return to_page(PATH, done=str(plan.id))
        names = {site.id: site for site in self.customer_sets.sites(plan.tenant_id)}
        return self.pages.show(
            "customer_set_plan.html",
            visitor,
            plan=plan,
            found=plan.findings,
            site_names={site_id: site.name for site_id, site in names.items()},
            moved_sites=[
                (site, *plan.findings.facts[f"site:{site_id}"])
                for site_id, site in names.items()
                if f"site:{site_id}" in plan.findings.facts
            ],
            in_force=in_force(self.regrouping, self.regrouping.clock()),
            final=cannot_be_undone(plan.findings, self.regrouping.rollback_days),
        )

    def commit(self, visitor: Visitor, plan_id: int) -> Answer:
        """Commit a plan that was looked at; what it was asked with stands in the row again if it is refused."""
        plan = self._row_plan(visitor, plan_id)
        try:
            self.regrouping.commit(visitor.caller, plan.id)
        except REFUSALS as error:
            return self.table(visitor, self._asked_with(plan), error)
        return to_page(PATH, done=str(plan.id))

    def reopened(self, visitor: Visitor, plan_id: int) -> Answer:
        """Show the row as it was typed when a plan was asked for."""
        return self.table(visitor, self._asked_with(self._row_plan(visitor, plan_id)))

    def _row_plan(self, visitor: Visitor, plan_id: int) -> Plan:
        plan = self.regrouping.plan(visitor.caller.tenant_id, plan_id)
        if not isinstance(plan.changes[0], CreateSet | EditSet):
            raise NotFound("There is no page at this address.")
        return plan

    def _asked_with(self, plan: Plan) -> RowForm:
        held = self._held(plan.tenant_id, RowForm.of_plan(plan, None))
        return RowForm.of_plan(plan, held)

    def _held(self, tenant_id: int, form: RowForm) -> CustomerSetWithContents | None:
        """Return the set that a row edits, as it is now; None for a new one, or one that is gone."""
        if form.is_new:
            return None
        try:
            return self.customer_sets.customer_set(
                tenant_id, form.code.strip(), most_counted=COUNTED + 1
            )
        except NotFound:
            return None

    def _sites_to_choose(
        self, tenant_id: int, form: RowForm, held: CustomerSetWithContents | None
    ) -> list[Site]:
        """Return the sites a row may offer, and one more if there are more: a tenant may have thousands."""
        touched = {*form.joining(held), *form.leaving(held)}
        code = held.customer_set.code if held else ""
        return self.customer_sets.structure.sites_to_choose(
            tenant_id, code, form.find, touched, OFFERED_SITES + 1
        )


def add_customer_set_pages(
    pages: AdminPages,
    regrouping: Regrouping,
    customer_sets: CustomerSets,
    propagation: Propagation,
) -> None:
    """Declare the table, its rows, and the look at what a change costs."""
    own = CustomerSetPages(pages, regrouping, customer_sets, propagation)
    pages.navigation.append(
        NavigationEntry(
            "System › Structure", "Customer Sets", f"/admin{PATH}", Behavior.CUSTOMER_SET_READ
        )
    )

    @pages.get(PATH, requires=READS)
    def show_customer_sets(visitor: Visitor) -> Answer:
        code, is_new = request.args.get("edit"), "new" in request.args
        if code is None and not is_new:
            return own.table(visitor)
        CHANGES.admit(visitor.caller)
        if is_new:
            return own.table(visitor, RowForm())
        held = customer_sets.customer_set(visitor.caller.tenant_id, code or "")
        return own.table(visitor, RowForm.of_set(held))

    @pages.post(PATH, requires=CHANGES)
    def create_customer_set(visitor: Visitor) -> Answer:
        return own.save(visitor, None)

    @pages.post(f"{PATH}/set/<code>", requires=CHANGES)
    def save_customer_set(visitor: Visitor, code: str) -> Answer:
        return own.save(visitor, code)

    @pages.get(f"{PATH}/plan/<plan>", requires=CHANGES)
    def show_customer_set_plan(visitor: Visitor, plan: str) -> Answer:
        return own.consequences(visitor, number(plan))

    @pages.get(f"{PATH}/plan/<plan>/row", requires=CHANGES)
    def reopen_customer_set(visitor: Visitor, plan: str) -> Answer:
        return own.reopened(visitor, number(plan))

    @pages.post(f"{PATH}/plan/<plan>", requires=CHANGES)
    def commit_customer_set_plan(visitor: Visitor, plan: str) -> Answer:
        return own.commit(visitor, number(plan))


def field_of(error: AuthsvcError | None) -> str:
    """Return the id of the field that an error is about, for the link in the summary."""
    if isinstance(error, CodeTaken):
        return "code"
    if isinstance(error, DefaultSetStays):
        return "is_default"
    if isinstance(error, Invalid) and error.data and error.data[0][1] in _FIELDS:
        return error.data[0][1]
    return "name"
