"""Plans, changes and sites as they stand on the wire."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.errors import Invalid
from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.regrouping.plans import Plan, PlanState, cannot_be_undone
from authsvc.regrouping.rules import (
    MOST_LISTED,
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
    StructureChange,
)
from authsvc.regrouping.service import InForce
from authsvc.regrouping.site_store import SiteDetails
from authsvc.web.wire import Count, Id, Wire, WireDateTime


class ChangeKind(StrEnum):
    """What a change does."""

    CREATE = "createCustomerSet"
    EDIT = "editCustomerSet"
    ASSIGN = "assignSites"
    MOVE = "moveCustomers"
    DEFAULT = "makeDefault"
    DELETE = "deleteCustomerSet"


class ChangeModel(Wire):
    """One step of a plan. `customerSetCode`: the set that is made, edited, deleted or moved to."""

    change: ChangeKind
    customer_set_code: str
    name: str | None = None
    description: str | None = None
    site_ids: list[Id] | None = None
    account_ids: Annotated[list[Id], Field(max_length=MOST_LISTED)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None
    q: Annotated[str, Field(max_length=LONGEST_QUICK_SEARCH)] | None = None
    from_customer_set_code: str | None = None
    successor: str | None = None

    def read(self) -> StructureChange:
        """Return the change that is meant."""
        match self.change:
            case ChangeKind.CREATE:
                name = self.customer_set_code if self.name is None else self.name
                return CreateSet(self.customer_set_code, name, self.description or "")
            case ChangeKind.EDIT:
                return EditSet(self.customer_set_code, self.name, self.description)
            case ChangeKind.ASSIGN:
                if not self.site_ids:
                    raise Invalid("siteIds", "Name the sites to assign.")
                return AssignSites(self.customer_set_code, tuple(self.site_ids))
            case ChangeKind.MOVE:
                accounts = None if self.account_ids is None else tuple(self.account_ids)
                return MoveCustomers(
                    self.customer_set_code,
                    self.from_customer_set_code,
                    accounts,
                    self.filter,
                    self.q,
                )
            case ChangeKind.DEFAULT:
                return MakeDefault(self.customer_set_code)
            case ChangeKind.DELETE:
                return DeleteSet(self.customer_set_code, self.successor)


def change_model(change: StructureChange) -> ChangeModel:
    """Write a change as it was asked for."""
    match change:
        case CreateSet(code, name, description):
            return ChangeModel(
                change=ChangeKind.CREATE,
                customer_set_code=code,
                name=name,
                description=description,
            )
        case EditSet(code, name, description):
            return ChangeModel(
                change=ChangeKind.EDIT, customer_set_code=code, name=name, description=description
            )
        case AssignSites(code, sites):
            return ChangeModel(
                change=ChangeKind.ASSIGN, customer_set_code=code, site_ids=list(sites)
            )
        case MoveCustomers(code, from_set, accounts, filter_text, quick_search):
            return ChangeModel(
                change=ChangeKind.MOVE,
                customer_set_code=code,
                from_customer_set_code=from_set,
                account_ids=None if accounts is None else list(accounts),
                filter=filter_text,
                q=quick_search,
            )
        case MakeDefault(code):
            return ChangeModel(change=ChangeKind.DEFAULT, customer_set_code=code)
        case DeleteSet(code, successor):
            return ChangeModel(
                change=ChangeKind.DELETE, customer_set_code=code, successor=successor
            )


class FactModel(Wire):
    """One thing of the structure that changes, with its old and new value; null is none."""

    subject: str
    old: Any
    new: Any


class MoveModel(Wire):
    """How many customers go from one set to another."""

    from_customer_set_code: str
    to_customer_set_code: str
    customer_count: Count


class SiteLossModel(Wire):
    """How many customers can sign in on a site now and no longer afterwards."""

    site_id: Id
    customer_count: Count


class ProgressModel(Wire):
    """How far a commit or roll-back under way is; one that was broken off is not seen any more."""

    action: str
    moved_customer_count: Count
    expected_customer_count: Count
    begin_date: WireDateTime
    seen_date: WireDateTime


class PlanModel(Wire):
    """A regrouping: rehearsed, perhaps committed, perhaps rolled back.

    The counts are of the moment it was asked for; `orderCount`: orders placed in the 30 days before, on the sites that
    change sets or that somebody loses. `inForce…Seconds`: how long after the commit every worker goes by
    it, for sites and sets, and for customers.
    """

    id: Id
    state: PlanState
    reason: str
    changes: list[ChangeModel]
    facts: list[FactModel]
    site_count: Count
    customer_count: Count
    session_count: Count
    order_count: Count
    clash_count: Count
    losing_customer_count: Count
    moves: list[MoveModel]
    site_losses: list[SiteLossModel]
    in_force_structure_seconds: float
    in_force_customers_seconds: float
    in_force_date: WireDateTime | None
    cannot_be_undone: list[str]
    moved_customer_count: Count | None
    ask_date: WireDateTime
    ask_by: str
    commit_date: WireDateTime | None
    commit_by: str | None
    rollback_until: WireDateTime | None
    rollback_date: WireDateTime | None
    rollback_by: str | None
    progress: ProgressModel | None

    @classmethod
    def of(cls, plan: Plan, in_force: InForce, rollback_days: int) -> PlanModel:
        """Write a plan."""
        found, progress = plan.findings, plan.progress
        last_change = plan.rolled_back_at or plan.committed_at
        return cls(
            id=plan.id,
            state=plan.state,
            reason=plan.reason,
            changes=[change_model(change) for change in plan.changes],
            facts=[
                FactModel(subject=name, old=old, new=new)
                for name, (old, new) in sorted(found.facts.items())
            ],
            site_count=found.sites,
            customer_count=found.customers,
            session_count=found.sessions,
            order_count=found.orders,
            clash_count=found.clashes,
            losing_customer_count=found.losing_customers,
            moves=[
                MoveModel(
                    from_customer_set_code=move.from_set,
                    to_customer_set_code=move.to_set,
                    customer_count=move.customers,
                )
                for move in found.moves
            ],
            site_losses=[
                SiteLossModel(site_id=loss.site_id, customer_count=loss.customers)
                for loss in found.site_losses
            ],
            in_force_structure_seconds=in_force.structure_seconds,
            in_force_customers_seconds=in_force.customers_seconds,
            in_force_date=last_change
            and last_change + timedelta(seconds=in_force.structure_seconds),
            cannot_be_undone=cannot_be_undone(found, rollback_days),
            moved_customer_count=None if plan.outcome is None else plan.outcome["customers"],
            ask_date=plan.asked_at,
            ask_by=plan.asked_by,
            commit_date=plan.committed_at,
            commit_by=plan.committed_by,
            rollback_until=plan.rollback_until,
            rollback_date=plan.rolled_back_at,
            rollback_by=plan.rolled_back_by,
            progress=None
            if progress is None
            else ProgressModel(
                action=progress.action,
                moved_customer_count=progress.moved,
                expected_customer_count=progress.expected,
                begin_date=progress.began_at,
                seen_date=progress.seen_at,
            ),
        )


class ClashModel(Wire):
    """Two accounts that would have one username in one set."""

    user_name: str
    account_id: Id
    from_customer_set_code: str
    to_customer_set_code: str
    other_account_id: Id
    other_customer_set_code: str


class LossModel(Wire):
    """A customer who can sign in on these sites now and no longer afterwards."""

    account_id: Id
    user_name: str | None
    email_address: str | None
    from_customer_set_code: str
    to_customer_set_code: str
    site_ids: list[Id]


class SiteModel(Wire):
    """A site as it is administered: its name, where it answers and who may post forms for it."""

    id: Id
    name: str
    customer_set_code: str
    hosts: list[str]
    origins: list[str]
    accent_color: str | None
    logo_text: str | None
    language: str | None
    create_date: WireDateTime

    @classmethod
    def of(cls, site: SiteDetails) -> SiteModel:
        """Write a site."""
        return cls(
            id=site.id,
            name=site.name,
            customer_set_code=site.customer_set,
            hosts=list(site.hosts),
            origins=list(site.origins),
            accent_color=site.accent_color,
            logo_text=site.logo_text,
            language=site.language,
            create_date=site.created_at,
        )
