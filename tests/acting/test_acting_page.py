"""Acting for a customer from the admin pages: asked what for, then on the site's own pages, marked and for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest
from flask import Flask

from authsvc.acting.rules import ACTED_FOR, ACTING_TIME, NotBegun
from authsvc.app import create_app
from authsvc.callers import Behavior, Caller
from authsvc.customer_sets.rules import Site
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.sessions.arrivals import browser_digest
from authsvc.settings import Settings
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, staff_browser
from tests.admin.pages import said
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.storefront.shopper import ShopperBrowser
from tests.trail import actions, changes, entries

COOKIE = "__Host-authsvc-session"


@dataclass
class Desk:
    """A CSR's browser: the admin pages, and the shops' pages beside them."""

    admin: Browser
    shops: ShopperBrowser
    merchant: Merchant
    account: int
    kids: str

    @property
    def address(self) -> str:
        """The form."""
        return f"{CUSTOMERS}/{self.account}/act"

    def ask(self, site: str = "Mystic Kids", reason: str = "Lost parcel") -> None:
        """Fill the form in and send it."""
        self.admin.get(self.address)
        number = str(self.merchant.site(site))
        self.admin.send(self.address, site=number, reason=reason, follow=False)

    def redirected(self) -> str:
        """Return where the admin pages have sent the browser."""
        assert self.admin.page is not None
        assert self.admin.page.status_code == 303, self.admin.text
        return self.admin.page.headers["Location"]

    def begin(self) -> None:
        """Act for the customer: to the site, back to be vouched for, and to the site with a code."""
        self.ask()
        asked = self.shops.get(self.redirected(), follow=False).headers["Location"]
        parts = urlsplit(asked)
        assert parts.netloc == "localhost"
        self.admin.get(f"{parts.path}?{parts.query}", follow=False)
        self.shops.get(self.redirected())


@pytest.fixture(name="desk")
def _desk(services: Services, app: Flask, merchant: Merchant) -> Desk:
    account = customer_of(merchant, "usha@mail.com", "Mystic Sports", first_name="Usha")
    host = f"kids.{uuid4().hex[:8]}.example"
    change = SiteChange(None, [host])
    services.sites.change(merchant.caller(), merchant.site("Mystic Kids"), change)
    admin = staff_browser(services, app, merchant, Role.CUSTOMER_SERVICE)
    return Desk(admin, ShopperBrowser(app), merchant, account, f"https://{host}")


def test_where_and_what_for_is_asked_first(desk: Desk) -> None:
    desk.admin.get(f"{CUSTOMERS}/{desk.account}")
    assert f'href="{desk.address}"' in desk.admin.text
    desk.admin.get(desk.address)
    text = said(desk.admin)
    assert "Mystic Kids" in text
    assert "Mystic Business" not in text
    assert "1 more of the customer's sites has no host." in text
    # The browser judges where the form's answer leads to.
    assert desk.admin.page is not None
    policy = desk.admin.page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {desk.kids};" in policy
    desk.ask(reason=" ")
    assert "Say what you act for the customer for." in said(desk.admin)
    desk.ask("Mystic Business")
    assert "This site has no host" in said(desk.admin)


def test_customer_service_sees_the_site_as_the_shopper_does_and_everybody_sees_that(
    desk: Desk,
) -> None:
    desk.begin()
    page = desk.shops.get(f"{desk.kids}/my-account")
    assert page.status_code == 200
    assert "usha@mail.com" in page.text
    assert "You act for this shopper" in page.text
    assert "as staff:customer-service-" in page.text
    # Whoever asks whose session it is hears it too.
    answer = desk.shops.get(f"{desk.kids}/session")
    actor = answer.get_json()["act"]["sub"]
    assert actor.startswith("staff:customer-service-")
    assert answer.headers["X-Auth-Act"] == actor
    assert answer.get_json()["accountId"] == desk.account
    desk.admin.get(f"{CUSTOMERS}/{desk.account}")
    text = said(desk.admin)
    assert f"{actor} acts for the customer" in text
    assert "Somebody began to act for the customer" in text
    assert "Lost parcel" in text

    stopped = desk.shops.post(f"{desk.kids}/my-account/stop-acting")
    assert "You no longer act for the shopper" in stopped.text
    assert "You act for this shopper" not in stopped.text
    assert desk.shops.session(desk.kids) == 401
    last = entries(desk.merchant.services, desk.merchant.tenant_id)[-1]
    assert last["action"] == "session.signed_out"
    assert last["actor"].startswith(f"{actor} as shopper:")


def test_cards_password_and_the_accounts_end_are_not_on_the_pages(desk: Desk) -> None:
    merchant = desk.merchant
    data, caller = merchant.services.account_data, merchant.caller()
    card = data.cards.add(caller, desk.account, "token-1", {"number_part": "1111"})
    desk.begin()
    page = desk.shops.get(f"{desk.kids}/my-account")
    assert "1111" not in page.text
    for path in (
        f"/my-account/cards/{card.serial}/default",
        f"/my-account/cards/{card.serial}/delete",
        "/my-account/sign-out-everywhere",
    ):
        assert desk.shops.post(f"{desk.kids}{path}").status_code == 403, path
    # Nor is the address that a new password would be sent to.
    fields = {"first_name": "Usha", "email": "csr@mail.com"}
    assert desk.shops.post(f"{desk.kids}/my-account/profile", form=fields).status_code == 403
    assert [each.id for each in data.cards.of_account(merchant.tenant_id, desk.account)] == [
        "token-1"
    ]


def test_what_is_done_on_the_pages_stands_in_the_trail_with_both_names(desk: Desk) -> None:
    desk.begin()
    desk.shops.post(
        f"{desk.kids}/my-account/addresses/new", email="usha@mail.com", address1="1 Main Street"
    )
    last = entries(desk.merchant.services, desk.merchant.tenant_id)[-1]
    assert last["action"] == "account.contact_added"
    assert last["actor"].startswith("staff:customer-service-")
    assert " as shopper:" in last["actor"]
    assert "1 Main Street" in str(changes(last))


def test_it_opens_in_the_browser_that_began_and_in_no_other(desk: Desk, app: Flask) -> None:
    desk.ask()
    link = desk.redirected()
    asked = desk.shops.get(link, follow=False).headers["Location"]
    # Opened twice: whoever finds the link in a log comes to nothing.
    assert ShopperBrowser(app).get(link).status_code == 404
    parts = urlsplit(asked)
    # Somebody else of the staff cannot go on with it, nor a browser that has no staff session.
    other = staff_browser(desk.merchant.services, app, desk.merchant, Role.ADMINISTRATOR)
    assert other.get(f"{parts.path}?{parts.query}", follow=False).status_code == 404
    assert Browser(app).get(f"{parts.path}?{parts.query}", follow=False).status_code == 303
    desk.admin.get(f"{parts.path}?{parts.query}", follow=False)
    arrival = desk.redirected()
    # A shopper's browser does not arrive with the CSR's code, and so nobody is signed in without knowing.
    victim = ShopperBrowser(app)
    victim.get(f"{desk.kids}/login")
    victim.get(arrival)
    assert victim.session(desk.kids) == 401
    # Tried once is used up.
    desk.shops.get(arrival)
    assert desk.shops.session(desk.kids) == 401


def test_it_spreads_to_no_other_site(desk: Desk, services: Services) -> None:
    merchant = desk.merchant
    name = urlsplit(desk.kids).netloc.partition(".")[2]
    sports = f"sports.{name}"
    services.sites.change(
        merchant.caller(), merchant.site("Mystic Sports"), SiteChange(None, [sports])
    )
    services.customer_sets.set_domain(merchant.tenant_id, f"accounts.{name}")
    desk.begin()
    assert desk.shops.session(desk.kids) == 200
    # The way by which the merchant's domain gets to know of a browser that has signed in on a site.
    query = {
        "site": merchant.site("Mystic Kids"),
        "origin": desk.kids,
        "return_to": f"{desk.kids}/",
    }
    desk.shops.get(f"https://accounts.{name}/login/begin?{urlencode(query)}")
    assert desk.shops.trail[0].startswith(f"{desk.kids}/login/vouch")
    desk.shops.get(f"https://{sports}/login?return_to=/")
    assert desk.shops.session(f"https://{sports}") == 401


@pytest.fixture(name="later")
def _later(settings: Settings) -> Iterator[tuple[Services, HeldClock]]:
    """Services whose clock goes as it is told."""
    clock = HeldClock()
    with machine(settings, clock) as services:
        yield services, clock


def test_it_ends_after_a_quarter_of_an_hour_however_much_it_is_used(
    merchant: Merchant, later: tuple[Services, HeldClock]
) -> None:
    services, clock = later
    account = customer_of(merchant, "usha@mail.com", "Mystic Sports")
    site = merchant.site("Mystic Kids")
    host = f"kids.{uuid4().hex[:8]}.example"
    services.sites.change(merchant.caller(), site, SiteChange(None, [host]))
    csr = Caller(merchant.tenant_id, site, None, frozenset(Behavior), staff="anna")
    origin = f"https://{host}"
    code = services.acting.begin_in_browser(
        csr, account, "https://admin.example", reason="Why", still=lambda: None
    )
    place = services.storefront.places.at("https", host, None)
    session_id, back = services.acting.arrivals.announced(place.site, code)
    assert back == "https://admin.example"
    digest = browser_digest("a browser")
    for wrong in (replace(csr, staff="bert"), replace(csr, tenant_id=merchant.tenant_id + 1)):
        with pytest.raises(NotBegun):
            services.acting.vouch(wrong, session_id, digest, lambda _: origin)
    _, code = services.acting.vouch(csr, session_id, digest, lambda _: origin)
    cookie = services.acting.arrivals.arrive(place.site, origin, code, "a browser")
    browser = ShopperBrowser(create_app(services))
    browser.client(origin).set_cookie(COOKIE, cookie.token, domain=host)
    clock.pass_time(seconds=(ACTING_TIME - timedelta(seconds=5)).total_seconds())
    assert browser.session(origin) == 200
    # What has begun a while ago is vouched for no more.
    with pytest.raises(NotBegun):
        services.acting.vouch(csr, session_id, digest, lambda _: origin)
    clock.pass_time(seconds=10)
    assert browser.session(origin) == 401


def disable(services: Services, by: Caller, username: str) -> None:
    services.staff.users.set_active(by, username, active=False)


def make_auditor(services: Services, by: Caller, username: str) -> None:
    services.staff.users.set_role(by, username, Role.AUDITOR)


def sign_out(services: Services, by: Caller, username: str) -> None:
    services.staff.users.sign_out_everywhere(by, username)


@pytest.mark.parametrize("stop", [disable, make_auditor, sign_out])
def test_whoever_is_stopped_in_the_very_moment_begins_nothing(
    desk: Desk,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[[Services, Caller, str], None],
) -> None:
    """What is begun before the stop ends with it, and after it nothing is begun: there is no moment in between."""
    tenant_id, fresh_site = desk.merchant.tenant_id, services.directory.fresh_site
    (csr,) = (
        user.username
        for user in services.staff.users.users(tenant_id)
        if user.role is Role.CUSTOMER_SERVICE
    )

    def meanwhile(tenant_id: int, site_id: int) -> Site:
        stop(services, Caller(tenant_id), csr)
        return fresh_site(tenant_id, site_id)

    desk.admin.get(desk.address)
    monkeypatch.setattr(services.directory, "fresh_site", meanwhile)
    site = str(desk.merchant.site("Mystic Kids"))
    desk.admin.send(desk.address, site=site, reason="Lost parcel", follow=False)
    assert desk.admin.page is not None
    assert desk.admin.page.status_code == 401
    assert ACTED_FOR not in actions(services, tenant_id, f"account:{desk.account}")


def test_who_ends_all_their_sessions_acts_for_nobody_any_more(desk: Desk) -> None:
    desk.begin()
    assert desk.shops.session(desk.kids) == 200
    desk.admin.get("/admin/account")
    desk.admin.send("/admin/account/sessions/end-all")
    assert desk.shops.session(desk.kids) == 401


def test_an_auditor_acts_for_nobody(services: Services, app: Flask, merchant: Merchant) -> None:
    account = customer_of(merchant, "usha@mail.com", "Mystic Sports")
    auditor = staff_browser(services, app, merchant, Role.AUDITOR)
    auditor.get(f"{CUSTOMERS}/{account}")
    assert f"{CUSTOMERS}/{account}/act" not in auditor.text
    assert auditor.get(f"{CUSTOMERS}/{account}/act").status_code == 403
