"""Customers ticked in the list, or all that it finds, on their way to another set: a plan to look at first."""

from __future__ import annotations

from flask import request

from authsvc.admin.customer_list_query import ListQuery
from authsvc.admin.customer_pages import PATH, ROWS, CustomerPages, NobodyTicked, Ticked
from authsvc.admin.customer_set_pages import CHANGES
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, to_page
from authsvc.admin.plan_dialogs import REFUSALS
from authsvc.admin.plan_pages import PATH as PLANS
from authsvc.admin.typed_numbers import number
from authsvc.errors import Invalid
from authsvc.regrouping.rules import MoveCustomers


def add_customer_move_pages(pages: AdminPages, customers: CustomerPages) -> None:
    """Declare what the list's Move button does; `customers` shows the list again where that is refused."""

    @pages.post(f"{PATH}/move", requires=CHANGES)
    def ask_to_move_customers(visitor: Visitor) -> Answer:
        query, ticked = ListQuery.of(request.form), _ticked()
        try:
            move = _wanted(query, ticked)
            plan = customers.regrouping.draft(visitor.caller, [move])
        except REFUSALS as error:
            return customers.list(visitor, query, ticked, error)
        return to_page(f"{PLANS}/{plan.id}")


def _ticked() -> Ticked:
    """Read who is chosen; no more than a page shows."""
    chosen = map(number, request.form.getlist("account")[:ROWS])
    return Ticked(
        frozenset(account_id for account_id in chosen if account_id),
        "everybody" in request.form,
        request.form.get("target", "").strip().lower(),
    )


def _wanted(query: ListQuery, ticked: Ticked) -> MoveCustomers:
    """Return the move that is meant; a search travels as a search, however many it finds.

    Raises `NobodyTicked`, or `Invalid` where no set is chosen.
    """
    if not ticked.target:
        raise Invalid("target", "Choose the customer set to move to.")
    if ticked.everybody and query.fields:
        return query.move_to(ticked.target)
    if not ticked.accounts:
        raise NobodyTicked
    return MoveCustomers(ticked.target, accounts=tuple(sorted(ticked.accounts)))
