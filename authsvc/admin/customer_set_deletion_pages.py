"""Deleting a customer set: who takes its sites and customers, what that means, and only then the deletion."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.admin.customer_set_pages import CHANGES, PATH
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.plan_dialogs import REFUSALS, asked_again, clash_page, commit_as_shown
from authsvc.admin.plan_words import in_force
from authsvc.admin.typed_numbers import number
from authsvc.errors import AuthsvcError, NotFound
from authsvc.regrouping.plans import Plan, PlanState, cannot_be_undone
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.rules import DeleteSet
from authsvc.regrouping.service import LONGEST_REASON, Regrouping
from authsvc.regrouping.undertaking import Undertaking

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class DeletionPages:
    """The dialog: each choice of a successor is a plan of its own, and what is deleted is what was shown."""

    pages: AdminPages
    undertaking: Undertaking

    @property
    def regrouping(self) -> Regrouping:
        """What rehearses and keeps plans."""
        return self.undertaking.regrouping

    def ask(self, visitor: Visitor, code: str) -> Answer:
        """Rehearse the deletion into the chosen set, or the default one, and show what was found."""
        change = DeleteSet(code.strip().lower(), request.form.get("successor") or None)
        plan = self.regrouping.draft(visitor.caller, [change], request.form.get("reason", ""))
        return to_page(f"{PATH}/set/{change.code}/delete", plan=str(plan.id))

    def show(
        self, visitor: Visitor, code: str, plan: Plan, error: AuthsvcError | None = None
    ) -> Response:
        """Show the dialog with what a plan found; `error`: why it was not carried out."""
        structure = self.regrouping.rehearsal.store.structure(plan.tenant_id)
        found = plan.findings
        items = () if error is None or isinstance(error, UsernamesClash) else error.items
        return self.pages.show(
            "delete_customer_set.html",
            visitor,
            error,
            details=[item.message for item in items[:_MOST_LISTED]],
            code=code,
            name=structure.sets[code].name if code in structure.sets else code,
            plan=plan,
            found=found,
            successor=_deletion(plan).successor or structure.default,
            successors=[
                (other, labels.name, other == structure.default)
                for other, labels in sorted(structure.sets.items())
                if other != code
            ],
            clashes=clash_page(self.regrouping, plan, number(request.args.get("clashes"))),
            in_force=in_force(self.regrouping, self.regrouping.clock()),
            final=cannot_be_undone(found, self.regrouping.rollback_days),
            longest_reason=LONGEST_REASON,
        )

    def shown(self, visitor: Visitor, code: str, plan_id: int) -> Plan:
        """Return the plan a dialog shows; raises `NotFound` for any that does not delete this set."""
        plan = self.regrouping.plan(visitor.caller.tenant_id, plan_id)
        if not isinstance(plan.changes[0], DeleteSet) or plan.changes[0].code != code:
            raise NotFound("There is no page at this address.")
        return plan

    def delete(self, visitor: Visitor, code: str) -> Answer:
        """Carry out what was shown; another successor than the shown one is rehearsed first."""
        plan = self.shown(visitor, code, number(request.form.get("plan")))
        structure = self.regrouping.rehearsal.store.structure(plan.tenant_id)
        shown = _deletion(plan).successor or structure.default
        if request.form.get("successor", "") != shown:
            return self.ask(visitor, code)
        try:
            reason = request.form.get("reason", "").strip()
            committed = commit_as_shown(self.undertaking, visitor.caller, plan, reason)
        except REFUSALS as error:
            again = asked_again(self.regrouping, visitor.caller, plan)
            return self.show(visitor, code, again, error)
        if committed.state is PlanState.ASKED:
            return to_page(f"/plans/{committed.id}")
        return to_page(PATH, done=str(committed.id))


def add_deletion_pages(pages: AdminPages, undertaking: Undertaking) -> None:
    """Declare the dialog and what its buttons do."""
    own = DeletionPages(pages, undertaking)

    @pages.post(f"{PATH}/set/<code>/delete", requires=CHANGES)
    def ask_for_deletion(visitor: Visitor, code: str) -> Answer:
        return own.ask(visitor, code)

    @pages.get(f"{PATH}/set/<code>/delete", requires=CHANGES)
    def show_deletion(visitor: Visitor, code: str) -> Answer:
        plan = own.shown(visitor, code, number(request.args.get("plan")))
        if plan.state is not PlanState.ASKED:
            return to_page(PATH, done=str(plan.id))
        return own.show(visitor, code, plan)

    @pages.post(f"{PATH}/set/<code>/delete/commit", requires=CHANGES)
    def delete_customer_set(visitor: Visitor, code: str) -> Answer:
        return own.delete(visitor, code)


def _deletion(plan: Plan) -> DeleteSet:
    change = plan.changes[0]
    if not isinstance(change, DeleteSet):
        raise NotFound("There is no page at this address.")
    return change
