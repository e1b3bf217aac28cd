"""Acting for a customer from the customer's page: where and what for is asked first, the ticket is shown once."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request

from authsvc.acting.rules import Acting
from authsvc.acting.service import ActingForShoppers
from authsvc.admin.customer_detail_pages import ONE, CustomerDetailPages, account_number
from authsvc.admin.customer_forms import refuse_unkeepable
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Answer
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError, Conflict, Forbidden, Invalid, NotFound, Unavailable

ACTS = Requires(Behavior.CUSTOMER_IMPERSONATE)
_REFUSALS = (Invalid, Conflict, Forbidden, NotFound, Unavailable)


def add_acting_pages(own: CustomerDetailPages, acting: ActingForShoppers) -> None:
    """Declare the form and what its button does."""
    pages = own.pages

    def show(
        visitor: Visitor,
        account_id: int,
        error: AuthsvcError | None = None,
        begun: Acting | None = None,
    ) -> Response:
        caller = visitor.caller
        account = own.accounts.account(caller.tenant_id, account_id)
        sites = own.customer_sets.sites(caller.tenant_id)
        return pages.show(
            "acting.html",
            visitor,
            error,
            account=account,
            sites=[site for site in sites if site.customer_set == account.customer_set],
            chosen=number(request.form.get("site")),
            reason=request.form.get("reason", ""),
            begun=begun,
        )

    @pages.get(f"{ONE}/act", requires=ACTS)
    def ask_to_act(visitor: Visitor, account: str) -> Answer:
        return show(visitor, account_number(account))

    @pages.post(f"{ONE}/act", requires=ACTS)
    def begin_to_act(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        reason = request.form.get("reason", "").strip()
        try:
            refuse_unkeepable("reason", reason)
            if not reason:
                raise Invalid("reason", "Say what you act for the customer for.")
            caller = replace(visitor.caller, site_id=number(request.form.get("site")) or None)
            if caller.site_id is None:
                raise Invalid("site", "Choose the site to act on.")
            begun = acting.begin(caller, account_id, reason=reason)
        except _REFUSALS as error:
            return show(visitor, account_id, error)
        return show(visitor, account_id, begun=begun)
