"""Customer sets created, edited, deleted and filled: each a plan and its commit in one step."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.callers import Caller
from authsvc.customer_sets.routes import CustomerSet, customer_set_model
from authsvc.customer_sets.service import CustomerSets
from authsvc.errors import Invalid
from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.listing.queries import FieldsQuery
from authsvc.regrouping.refusals import DefaultSetStays
from authsvc.regrouping.routes import ASKING, CARRYING_OUT, CHANGES, plan_model
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
from authsvc.regrouping.service import Regrouping
from authsvc.regrouping.wire import PlanModel
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire

_REFUSES = (*ASKING, *CARRYING_OUT)


class SiteReference(Wire):
    """A site that is to be a member."""

    site_id: Id


class CustomerSetBody(Wire):
    """A customer set as it is to be; what is left out stays, or is empty for a new one."""

    code: str | None = None
    name: str | None = None
    description: str | None = None
    is_default: bool | None = None
    sites: list[SiteReference] | None = None
    reason: str | None = None

    @property
    def site_ids(self) -> tuple[int, ...]:
        """The sites that are to be members."""
        return tuple(site.site_id for site in self.sites or ())


class CustomersBody(Wire):
    """Whom to move to a set: those listed, those that `filter` and `q` (one or both) find, or a whole set."""

    account_ids: Annotated[list[Id], Field(max_length=MOST_LISTED)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None
    q: Annotated[str, Field(max_length=LONGEST_QUICK_SEARCH)] | None = None
    from_customer_set_code: str | None = None
    reason: str | None = None


class DeletionQuery(FieldsQuery):
    """Which set takes the sites and customers, and why."""

    successor: str | None = None
    reason: str | None = None


def routes(regrouping: Regrouping, customer_sets: CustomerSets) -> Routes:
    """Declare the operations that change sets."""
    part = Routes(
        "customer_set_changes", prefix="/api/commerce/customer/customersets", tag="Customer sets"
    )
    _editing(part, regrouping, customer_sets)
    _emptying(part, regrouping)
    return part


def _editing(part: Routes, regrouping: Regrouping, customer_sets: CustomerSets) -> None:
    @part.post(
        "",
        requires=CHANGES,
        answers=CustomerSet,
        status=201,
        refuses=_REFUSES,
        body_name="customerSet",
    )
    def create_customer_set(
        caller: Caller, body: CustomerSetBody, query: FieldsQuery
    ) -> CustomerSet:
        """Create a customer set, take sites from their old ones into it, perhaps make it the default."""
        if body.code is None:
            raise Invalid("code", "Give the set a code; it cannot be changed later.")
        changes: list[StructureChange] = [
            CreateSet(
                body.code, body.code if body.name is None else body.name, body.description or ""
            )
        ]
        changes += _memberships(body, body.code)
        regrouping.at_once(caller, changes, body.reason or "")
        made = customer_sets.customer_set(caller.tenant_id, body.code.strip())
        return customer_set_model(made)

    @part.put(
        "/<code>",
        requires=CHANGES,
        answers=CustomerSet,
        refuses=_REFUSES,
        body_name="customerSet",
    )
    def update_customer_set(
        caller: Caller, code: str, body: CustomerSetBody, query: FieldsQuery
    ) -> CustomerSet:
        """Edit a customer set: its name, description, default flag and sites; its code never changes.

        `sites` is the whole list: what is not in it goes to the default set. Customers stay where they are.
        """
        held = customer_sets.customer_set(caller.tenant_id, code.strip())
        kept = held.customer_set
        if body.code is not None and body.code.strip().lower() != kept.code:
            raise Invalid("code", "The code of a customer set never changes. Leave it as it is.")
        if body.is_default is False and kept.is_default:
            raise DefaultSetStays(kept.code)
        changes: list[StructureChange] = [EditSet(kept.code, body.name, body.description)]
        if body.sites is not None:
            leaving = tuple(site.id for site in held.sites if site.id not in body.site_ids)
            if leaving and kept.is_default:
                raise Invalid(
                    "sites",
                    "A site leaves the default set by being assigned to another: name it there.",
                )
            default = customer_sets.tenant(caller.tenant_id)[0].default_customer_set
            changes += [AssignSites(default, leaving)] if leaving else []
        regrouping.at_once(caller, changes + _memberships(body, kept.code), body.reason or "")
        return customer_set_model(customer_sets.customer_set(caller.tenant_id, kept.code))


def _memberships(body: CustomerSetBody, code: str) -> list[StructureChange]:
    changes: list[StructureChange] = []
    if body.site_ids:
        changes.append(AssignSites(code, body.site_ids))
    if body.is_default:
        changes.append(MakeDefault(code))
    return changes


def _emptying(part: Routes, regrouping: Regrouping) -> None:
    @part.delete("/<code>", requires=CHANGES, answers=PlanModel, status=200, refuses=_REFUSES)
    def delete_customer_set(caller: Caller, code: str, query: DeletionQuery) -> PlanModel:
        """Delete a customer set; `successor`, or else the default set, takes its sites and customers.

        All or nothing: if a username exists in both, nothing moves and the answer lists every clash.
        """
        plan = regrouping.at_once(caller, [DeleteSet(code, query.successor)], query.reason or "")
        return plan_model(regrouping, plan)

    @part.post(
        "/<code>/customers",
        requires=CHANGES,
        answers=PlanModel,
        status=200,
        refuses=_REFUSES,
    )
    def move_customers(
        caller: Caller, code: str, body: CustomersBody, query: FieldsQuery
    ) -> PlanModel:
        """Move customers to a set: those of a list, those a search finds, or all of another set."""
        accounts = None if body.account_ids is None else tuple(body.account_ids)
        move = MoveCustomers(code, body.from_customer_set_code, accounts, body.filter, body.q)
        return plan_model(regrouping, regrouping.at_once(caller, [move], body.reason or ""))
