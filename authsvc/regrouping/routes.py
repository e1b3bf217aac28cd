"""Plans: asked for, looked at page by page, committed and rolled back."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import UnknownAccount
from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_sets.rules import (
    LONGEST_NAME,
    CodeTaken,
    RegroupingUnderWay,
    UnknownCustomerSet,
    UnknownSite,
)
from authsvc.errors import Conflict, Invalid, NotFound
from authsvc.listing.queries import FieldsQuery, PageQuery
from authsvc.regrouping.plans import Plan, PlanFilter, PlanState
from authsvc.regrouping.refusals import (
    DefaultSetStays,
    NotCommittable,
    NotUndoable,
    PlanOutdated,
    UnknownPlan,
    UsernamesClash,
)
from authsvc.regrouping.service import LONGEST_REASON, Regrouping
from authsvc.regrouping.wire import ChangeModel, ClashModel, LossModel, PlanModel
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire

READS = Requires(Behavior.CUSTOMER_SET_READ)
CHANGES = Requires(Behavior.CUSTOMER_SET_UPDATE)
#: What a set of changes that makes no sense is refused with.
ASKING = (CodeTaken, DefaultSetStays, UnknownAccount, UnknownCustomerSet, UnknownSite)
#: What a plan that cannot be carried out is refused with.
CARRYING_OUT = (UsernamesClash, PlanOutdated, RegroupingUnderWay)


class PlanBody(Wire):
    """What is wanted, one step after the other, and why."""

    changes: list[ChangeModel]
    reason: str | None = None


class PlansQuery(PageQuery):
    """Which plans: those about a site, a set or a customer, those of somebody (a part of their name)."""

    site_id: Id | None = None
    customer_set_code: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
    account_id: Id | None = None
    by: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None

    def read(self) -> PlanFilter:
        """Return which are wanted."""
        return PlanFilter(self.site_id, self.customer_set_code, self.account_id, self.by)


class CommitQuery(FieldsQuery):
    """Why it is done, where that is not what was said when the plan was asked for."""

    reason: Annotated[str, Field(max_length=LONGEST_REASON)] | None = None


def routes(service: Regrouping) -> Routes:
    """Declare the operations on plans over `service`."""
    part = Routes("plans", prefix="/api/commerce/customer/plans", tag="Regrouping")
    _asking(part, service)
    _looking(part, service)
    _carrying_out(part, service)
    return part


def plan_model(service: Regrouping, plan: Plan) -> PlanModel:
    """Write a plan as `service` would carry it out."""
    return PlanModel.of(plan, service.in_force, service.rollback_days)


def _asking(part: Routes, service: Regrouping) -> None:
    @part.post(
        "", requires=CHANGES, answers=PlanModel, status=201, refuses=ASKING, body_name="plan"
    )
    def ask_for_plan(caller: Caller, body: PlanBody, query: FieldsQuery) -> PlanModel:
        """Rehearse a regrouping: what it would do, whom it would cost what, and what clashes.

        Nothing changes until the plan is committed. Changes are made one after the other; a filter looks at
        customers as they are before the plan.
        """
        changes = [change.read() for change in body.changes]
        return plan_model(service, service.ask(caller, changes, body.reason or ""))

    @part.get("", requires=READS, answers=Collection[PlanModel])
    def list_plans(caller: Caller, query: PlansQuery) -> Collection[PlanModel]:
        """List who regrouped what, when and why, newest first."""
        page = query.page
        plans, total = service.plans.plans(caller.tenant_id, page, query.read())
        return Collection[PlanModel].page(
            [plan_model(service, plan) for plan in plans],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )


def _looking(part: Routes, service: Regrouping) -> None:
    @part.get("/<int:plan_id>", requires=READS, answers=PlanModel, refuses=(UnknownPlan,))
    def get_plan(caller: Caller, plan_id: int, query: FieldsQuery) -> PlanModel:
        """Get a plan, with its progress while it is carried out."""
        return plan_model(service, service.plan(caller.tenant_id, plan_id))

    @part.get(
        "/<int:plan_id>/clashes",
        requires=READS,
        answers=Collection[ClashModel],
        refuses=(UnknownPlan, PlanOutdated),
    )
    def list_clashes(caller: Caller, plan_id: int, query: PageQuery) -> Collection[ClashModel]:
        """List the usernames that would exist twice in a set, as things are now."""
        page = query.page
        plan = _still_open(service, caller, plan_id)
        try:
            found, total = service.rehearsal.clashes(plan, page)
        except (NotFound, Conflict, Invalid) as refusal:
            raise PlanOutdated([refusal.message]) from refusal
        return Collection[ClashModel].page(
            [
                ClashModel(
                    user_name=clash.username,
                    account_id=clash.account_id,
                    from_customer_set_code=clash.from_set,
                    to_customer_set_code=clash.to_set,
                    other_account_id=clash.other_account_id,
                    other_customer_set_code=clash.other_set,
                )
                for clash in found
            ],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    @part.get(
        "/<int:plan_id>/losses",
        requires=READS,
        answers=Collection[LossModel],
        refuses=(UnknownPlan, PlanOutdated),
    )
    def list_losses(caller: Caller, plan_id: int, query: PageQuery) -> Collection[LossModel]:
        """List the customers who would no longer be able to sign in on some site, as things are now."""
        page = query.page
        plan = _still_open(service, caller, plan_id)
        try:
            found, total = service.rehearsal.losses(plan, page)
        except (NotFound, Conflict, Invalid) as refusal:
            raise PlanOutdated([refusal.message]) from refusal
        return Collection[LossModel].page(
            [
                LossModel(
                    account_id=loss.account_id,
                    user_name=loss.username,
                    email_address=loss.email_address,
                    from_customer_set_code=loss.from_set,
                    to_customer_set_code=loss.to_set,
                    site_ids=sites,
                )
                for loss, sites in found
            ],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )


def _carrying_out(part: Routes, service: Regrouping) -> None:
    @part.post(
        "/<int:plan_id>/commit",
        requires=CHANGES,
        answers=PlanModel,
        status=200,
        refuses=(UnknownPlan, NotCommittable, *CARRYING_OUT),
    )
    def commit_plan(caller: Caller, plan_id: int, query: CommitQuery) -> PlanModel:
        """Carry a plan out, all of it or nothing; refused with what changed if the world is no longer the same.

        A plan that is committed already is answered as it is. A large one takes a while: `GET` shows its progress.
        """
        return plan_model(service, service.commit(caller, plan_id, query.reason))

    @part.post(
        "/<int:plan_id>/rollback",
        requires=CHANGES,
        answers=PlanModel,
        status=200,
        refuses=(UnknownPlan, NotUndoable, *CARRYING_OUT),
    )
    def roll_plan_back(caller: Caller, plan_id: int, query: FieldsQuery) -> PlanModel:
        """Undo a committed plan; customers who signed up meanwhile stay where they signed up."""
        return plan_model(service, service.rollback(caller, plan_id))


def _still_open(service: Regrouping, caller: Caller, plan_id: int) -> Plan:
    plan = service.plan(caller.tenant_id, plan_id)
    if plan.state is not PlanState.ASKED:
        raise PlanOutdated(["The plan is carried out already."])
    return plan
