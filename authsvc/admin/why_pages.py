"""Main › Customers › a customer › Why?: what the customer can do on a site, by which rule, and who made it so."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.accounts.service import Accounts
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer
from authsvc.admin.typed_numbers import number
from authsvc.customer_sets.rules import LONGEST_NAME
from authsvc.explanations import documents
from authsvc.explanations.routes import READS, READS_STRUCTURE
from authsvc.explanations.service import Explanations
from authsvc.explanations.words import customer_name
from authsvc.listing.paging import Page
from authsvc.regrouping.site_store import SiteFilter
from authsvc.regrouping.sites import Sites

# Sites listed in the drop-down; more are found by name, so that the page stays small.
OFFERED_SITES = 100


@dataclass(frozen=True, slots=True)
class WhyPages:
    """The page; it reads and changes nothing."""

    pages: AdminPages
    explanations: Explanations
    accounts: Accounts
    sites: Sites

    def show(self, visitor: Visitor, account_id: int) -> Response:
        """Offer the sites, and explain the one that was chosen; raises `UnknownAccount` or `UnknownSite`."""
        tenant_id = visitor.caller.tenant_id
        site_id = number(request.args.get("site"))
        find = request.args.get("find", "")[:LONGEST_NAME].strip()
        # The explanation knows the account already.
        explanation = self.explanations.explain(tenant_id, account_id, site_id) if site_id else None
        account = (
            explanation.facts.account
            if explanation
            else self.accounts.account(tenant_id, account_id)
        )
        offered, total = self.sites.page(tenant_id, Page(0, OFFERED_SITES), SiteFilter(find))
        chosen = explanation.facts.site if explanation else None
        return self.pages.show(
            "why.html",
            visitor,
            account_id=account_id,
            name=customer_name(account),
            explanation=explanation,
            chosen=chosen,
            offered=offered,
            chosen_is_offered=any(site.id == site_id for site in offered),
            finds=bool(find) or total > len(offered),
            total=total,
            find=find,
            longest_name=LONGEST_NAME,
            delay=documents.DELAY,
        )


def add_why_pages(
    pages: AdminPages, explanations: Explanations, accounts: Accounts, sites: Sites
) -> None:
    """Declare the page."""
    own = WhyPages(pages, explanations, accounts, sites)

    @pages.get("/customers/<int:account_id>/why", requires=READS)
    def explain_customer(visitor: Visitor, account_id: int) -> Answer:
        READS_STRUCTURE.admit(visitor.caller)
        return own.show(visitor, account_id)
