"""Main › Orders › Offline Orders: first the site, then the customer, then the proof for the order system ([B])."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from authsvc.accounts.list_fields import LONGEST_QUICK_SEARCH
from authsvc.accounts.rules import CustomerAccount
from authsvc.admin.customer_detail_pages import account_number
from authsvc.admin.customer_forms import YES
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.customer_sets.rules import LONGEST_NAME
from authsvc.errors import AuthsvcError, Invalid
from authsvc.explanations.words import customer_name
from authsvc.listing.paging import Page
from authsvc.offline_orders.rules import RemedyAction
from authsvc.offline_orders.service import OfflineOrders
from authsvc.orders.receipts import Receipt
from authsvc.orders.rules import NotOfTheSitesSet
from authsvc.regrouping.site_store import SiteFilter
from authsvc.regrouping.sites import Sites

PATH = "/offline-orders"
ONE = f"{PATH}/<site>/customers/<account>"
# Who places offline orders: those who only read may not ask for the proof, and so have nothing to do here.
PLACES = Requires(Behavior.ORDER_UPDATE)

# Sites listed in the drop-down; more are found by name, so that the page stays small.
OFFERED_SITES = 100
ROWS = 20
# Customers of other sets who are named when nobody can be chosen.
MOST_ELSEWHERE = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A customer to choose, by what tells them from others."""

    id: int
    name: str
    email_address: str
    phones: tuple[str, ...]
    customer_set: str
    is_guest: bool

    @classmethod
    def of(cls, account: CustomerAccount) -> Row:
        """Return the row of an account with its contacts."""
        numbers = (
            number
            for contact in account.contacts
            for number in (contact.phone_mobile, contact.phone_home, contact.phone_work)
            if number
        )
        return cls(
            account.id,
            customer_name(account),
            account.email_address or account.username or "",
            tuple(dict.fromkeys(numbers)),
            account.customer_set,
            not account.has_login,
        )


@dataclass(frozen=True, slots=True)
class OfflineOrderPages:
    """The pages; the use cases below them keep the rules, and write down who asked for a proof."""

    pages: AdminPages
    orders: OfflineOrders
    sites: Sites

    def choose(self, visitor: Visitor) -> Response:
        """Offer sites, and customers of the chosen one as somebody types; raises `UnknownSite`."""
        tenant_id = visitor.caller.tenant_id
        site_id = number(request.args.get("site"))
        find = request.args.get("find", "")[:LONGEST_NAME].strip()
        typed = request.args.get("q", "").strip()
        chosen = self.sites.site(tenant_id, site_id) if site_id else None
        offered, total = self.sites.page(tenant_id, Page(0, OFFERED_SITES), SiteFilter(find))
        found: tuple[CustomerAccount, ...] = ()
        elsewhere: tuple[CustomerAccount, ...] = ()
        has_more, error = False, None
        if chosen and typed:
            try:
                page = self.orders.eligible(tenant_id, chosen.id, typed, ROWS)
                found, has_more = page.items, page.next_cursor is not None
                if not found:
                    elsewhere = self.orders.elsewhere(tenant_id, chosen.id, typed, MOST_ELSEWHERE)
            except Invalid as refusal:
                error = refusal
        return self.pages.show(
            "offline_orders.html",
            visitor,
            error,
            chosen=chosen,
            offered=offered,
            chosen_is_offered=any(site.id == site_id for site in offered),
            total=total,
            finds=bool(find) or total > len(offered),
            find=find,
            longest_name=LONGEST_NAME,
            typed=typed,
            longest_search=LONGEST_QUICK_SEARCH,
            rows=self._rows(found),
            has_more=has_more,
            elsewhere=self._rows(elsewhere),
        )

    def one(
        self,
        visitor: Visitor,
        site_id: int,
        account_id: int,
        error: AuthsvcError | None = None,
        receipt: tuple[Receipt, str] | None = None,
    ) -> Response:
        """Say whether the customer may be put on an order of the site; if not, why, and what to do.

        `receipt`: the proof just made, and its signed form. Raises `UnknownSite` or `UnknownAccount`.
        """
        found = self.orders.eligibility(visitor.caller.tenant_id, site_id, account_id)
        return self.pages.show(
            "offline_order.html",
            visitor,
            error,
            found=found,
            row=Row.of(found.account),
            creates=RemedyAction.CREATE_ACCOUNT,
            is_new=request.args.get("created") == YES,
            receipt=receipt[0] if receipt else None,
            signed=receipt[1] if receipt else None,
        )

    def prove(self, visitor: Visitor, site_id: int, account_id: int) -> Response:
        """Make a proof for the order system and show it; who moved meanwhile is explained instead."""
        try:
            receipt = self.orders.receipt(visitor.caller, site_id, account_id)
        except NotOfTheSitesSet as refusal:
            return self.one(visitor, site_id, account_id, refusal)
        return self.one(visitor, site_id, account_id, receipt=receipt)

    def _rows(self, found: tuple[CustomerAccount, ...]) -> list[Row]:
        return [Row.of(account) for account in self.orders.accounts.with_contacts(found)]


def add_offline_order_pages(pages: AdminPages, orders: OfflineOrders, sites: Sites) -> None:
    """Declare choosing site and customer, the customer's page, and what its button does."""
    own = OfflineOrderPages(pages, orders, sites)
    pages.navigation.append(
        NavigationEntry("Main › Orders", "Offline Orders", f"/admin{PATH}", Behavior.ORDER_UPDATE)
    )

    @pages.get(PATH, requires=PLACES)
    def choose_for_offline_order(visitor: Visitor) -> Answer:
        return own.choose(visitor)

    @pages.get(ONE, requires=PLACES)
    def show_offline_order(visitor: Visitor, site: str, account: str) -> Answer:
        return own.one(visitor, account_number(site), account_number(account))

    @pages.post(f"{ONE}/receipt", requires=PLACES)
    def prove_for_offline_order(visitor: Visitor, site: str, account: str) -> Answer:
        return own.prove(visitor, account_number(site), account_number(account))


def order_for(site_id: int, account_id: int) -> str:
    """Return the page of an offline order for this customer on this site."""
    return f"{PATH}/{site_id}/customers/{account_id}"
