"""Another customer set for one customer: what that costs is shown first, and only then done ([B] Assign Customers)."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.admin.customer_detail_pages import (
    CHANGES,
    ONE,
    PATH,
    CustomerDetailPages,
    account_number,
    move_of,
)
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Answer, to_page
from authsvc.admin.plan_dialogs import REFUSALS, asked_again, clash_page, commit_as_shown
from authsvc.admin.typed_numbers import number
from authsvc.customer_sets.rules import Site
from authsvc.errors import AuthsvcError, NotFound
from authsvc.regrouping.plans import Plan, PlanState, cannot_be_undone
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.service import LONGEST_REASON

# Sites listed of the set that is left and of the one that is joined.
SITES = 12


@dataclass(frozen=True, slots=True)
class CustomerDetailMovePages:
    """The dialog; what is committed is what was shown."""

    own: CustomerDetailPages

    def show(
        self, visitor: Visitor, account_id: int, plan: Plan, error: AuthsvcError | None = None
    ) -> Response:
        """Show what the plan found; `error`: why it was not carried out."""
        own, tenant_id = self.own, plan.tenant_id
        account = own.accounts.account(tenant_id, account_id)
        move = move_of(plan, account_id)
        target = move.customer_set if move else ""
        is_clash = isinstance(error, UsernamesClash)
        return own.pages.show(
            "customer_move.html",
            visitor,
            error,
            details=[] if error is None or is_clash else [item.message for item in error.items],
            others_are_saved="saved" in request.args,
            account=account,
            plan=plan,
            found=plan.findings,
            clashes=clash_page(own.regrouping, plan, 0),
            target=target,
            losing=self._sites(tenant_id, account.customer_set),
            gaining=self._sites(tenant_id, target),
            most=SITES,
            final=cannot_be_undone(plan.findings, own.regrouping.rollback_days),
            longest_reason=LONGEST_REASON,
        )

    def commit(self, visitor: Visitor, account_id: int, plan: Plan) -> Answer:
        """Carry out what was shown."""
        reason = request.form.get("reason", "").strip()
        try:
            committed = commit_as_shown(self.own.regrouping, visitor.caller, plan, reason)
        except REFUSALS as error:
            again = asked_again(self.own.regrouping, visitor.caller, plan)
            return self.show(visitor, account_id, again, error)
        return to_page(f"{PATH}/{account_id}", moved=str(committed.id))

    def plan(self, visitor: Visitor, account_id: int, plan_id: int) -> Plan:
        """Return the plan a dialog shows; raises `NotFound` for any that does not move this one customer."""
        plan = self.own.regrouping.plan(visitor.caller.tenant_id, plan_id)
        if move_of(plan, account_id) is None:
            raise NotFound("There is no page at this address.")
        return plan

    def _sites(self, tenant_id: int, code: str) -> tuple[Site, ...]:
        try:
            return self.own.customer_sets.customer_set(tenant_id, code).sites
        except NotFound:
            return ()


def add_customer_detail_move_pages(own: CustomerDetailPages) -> None:
    """Declare the dialog and what its button does."""
    dialog = CustomerDetailMovePages(own)

    @own.pages.get(f"{ONE}/plan/<plan>", requires=CHANGES)
    def show_customer_move(visitor: Visitor, account: str, plan: str) -> Answer:
        account_id = account_number(account)
        shown = dialog.plan(visitor, account_id, number(plan))
        if shown.state is not PlanState.ASKED:
            return to_page(f"{PATH}/{account_id}", moved=str(shown.id))
        return dialog.show(visitor, account_id, shown)

    @own.pages.post(f"{ONE}/plan/<plan>", requires=CHANGES)
    def move_customer(visitor: Visitor, account: str, plan: str) -> Answer:
        account_id = account_number(account)
        return dialog.commit(visitor, account_id, dialog.plan(visitor, account_id, number(plan)))
