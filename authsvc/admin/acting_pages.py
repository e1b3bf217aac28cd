"""Acting for a customer: where and what for is asked first, then the site's own pages open as the shopper sees them.

The browser is sent to the site (`/login/act`), which sends it back here to be vouched for, and comes to the site with a
code: as a shopper comes from one site to the next (`authsvc.sessions.arrivals`). On the site a banner says who acts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, redirect, request

from authsvc.acting.service import ActingForShoppers
from authsvc.admin.customer_detail_pages import ONE, CustomerDetailPages, account_number
from authsvc.admin.customer_forms import refuse_unkeepable
from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Answer
from authsvc.admin.typed_numbers import number
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError, Conflict, Forbidden, Invalid, NotFound, Unavailable
from authsvc.listing.paging import PAGE_SIZE_MAX, Page
from authsvc.regrouping.site_store import SiteDetails, SiteFilter
from authsvc.regrouping.sites import Sites
from authsvc.sessions.arrivals import given_digest
from authsvc.staff.sign_in import StaffSignIn

ACTS = Requires(Behavior.CUSTOMER_IMPERSONATE)
PATH = "/acting"
_REFUSALS = (Invalid, Conflict, Forbidden, NotFound, Unavailable)


@dataclass(frozen=True, slots=True)
class ActingPages:
    """The pages."""

    one: CustomerDetailPages
    acting: ActingForShoppers
    sites: Sites
    sign_in: StaffSignIn

    def show(
        self, visitor: Visitor, account_id: int, error: AuthsvcError | None = None
    ) -> Response:
        """Ask on which site, and what for."""
        tenant_id = visitor.caller.tenant_id
        account = self.one.accounts.account(tenant_id, account_id)
        of_set = SiteFilter(customer_set=account.customer_set)
        sites, total = self.sites.page(tenant_id, Page(0, PAGE_SIZE_MAX), of_set)
        open_sites = [site for site in sites if site.hosts]
        return self.one.pages.show(
            "acting.html",
            visitor,
            error,
            # Browsers judge where a form's answer redirects to as well.
            form_targets=[_origin(site) for site in open_sites],
            account=account,
            sites=open_sites,
            hostless=total - len(open_sites),
            chosen=number(request.form.get("site")),
            reason=request.form.get("reason", ""),
        )

    def begin(self, visitor: Visitor, account_id: int) -> Answer:
        """Open the session, and send the browser to the site."""
        reason = request.form.get("reason", "").strip()
        refuse_unkeepable("reason", reason)
        if not reason:
            raise Invalid("reason", "Say what you act for the customer for.")
        site_id = number(request.form.get("site"))
        if not site_id:
            raise Invalid("site", "Choose the site to act on.")
        caller = replace(visitor.caller, site_id=site_id)
        there = self.origin_of(visitor, site_id)
        here = f"{request.scheme}://{request.host}".lower()
        code = self.acting.begin_in_browser(
            caller,
            account_id,
            here,
            reason=reason,
            still=lambda: self.sign_in.hold(visitor.session),
        )
        return redirect(f"{there}/login/act?code={code}", 303)

    def origin_of(self, visitor: Visitor, site_id: int) -> str:
        """Return where a site answers; raises `UnknownSite`, or `Invalid` where it has no host."""
        site = self.sites.site(visitor.caller.tenant_id, site_id)
        if not site.hosts:
            raise Invalid("site", "This site has no host, so it has no pages to open.")
        return _origin(site)


def add_acting_pages(
    one: CustomerDetailPages, acting: ActingForShoppers, sites: Sites, sign_in: StaffSignIn
) -> None:
    """Declare the form, what its button does, and what vouches for the browser on its way."""
    own = ActingPages(one, acting, sites, sign_in)
    pages = one.pages

    @pages.get(f"{ONE}/act", requires=ACTS)
    def ask_to_act(visitor: Visitor, account: str) -> Answer:
        return own.show(visitor, account_number(account))

    @pages.post(f"{ONE}/act", requires=ACTS)
    def begin_to_act(visitor: Visitor, account: str) -> Answer:
        account_id = account_number(account)
        try:
            return own.begin(visitor, account_id)
        except _REFUSALS as error:
            return own.show(visitor, account_id, error)

    @pages.get(PATH, requires=ACTS)
    def vouch_for_acting(visitor: Visitor) -> Answer:
        origin, code = acting.vouch(
            visitor.caller,
            request.args.get("session", ""),
            given_digest(request.args.get("browser")),
            lambda site_id: own.origin_of(visitor, site_id),
        )
        return redirect(f"{origin}/login/arrive?code={code}", 303)


def _origin(site: SiteDetails) -> str:
    """Return where a site answers: it is served as this page is, on the same port."""
    _, colon, port = request.host.rpartition(":")
    suffix = f":{port}" if colon and port.isdigit() else ""
    return f"{request.scheme}://{site.hosts[0]}{suffix}"
