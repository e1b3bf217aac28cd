"""Several storefronts on host names of their own, in a real browser: its rules for cookies, forms and redirections."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from authsvc.regrouping.sites import SiteChange
from authsvc.staff.rules import Role
from tests.browser.shops import Served, Shop, new_context
from tests.browser.visits import COLOUR_RULES, Visit
from tests.merchants import PASSWORD
from tests.sessions.ageing import let_sign_ins_age

PHONE = 360
MOST_BYTES = 50_000

FORM = """<!doctype html><title>Shop</title><form method="post" action="{login}">
<input type="hidden" name="return_to" value="{own}/welcome"><input type="hidden" name="on_error" value="{own}/in">
<label>User <input name="username"></label><label>Password <input name="password" type="password"></label>
<button>Go</button></form>"""


@dataclass(frozen=True)
class Storefronts:
    """The origins of three sites, and of a page that stands elsewhere: registered with Mystic Sports, or not."""

    shop: Shop
    sports: str
    kids: str
    parts: str
    elsewhere: str
    stranger: str


class _Pages(BaseHTTPRequestHandler):
    """A storefront's own pages, which authsvc does not serve."""

    login = ""

    def do_GET(self) -> None:
        """Answer with a form that goes to authsvc, whatever is asked for."""
        page = FORM.format(login=self.login, own=f"http://{self.headers['Host']}").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(name="storefronts")
def _storefronts(served: Served, shop: Shop) -> Iterator[Storefronts]:
    name, port = uuid4().hex[:8], served.port
    merchant = shop.merchant
    pages = type("Pages", (_Pages,), {"login": f"http://sports-{name}.localhost:{port}/login"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    elsewhere = f"http://www-{name}.localhost:{server.server_port}"
    origins = {}
    for site in ("sports", "kids", "parts"):
        host = f"{site}-{name}.localhost"
        registered = [elsewhere] if site == "sports" else []
        change = SiteChange(None, [host], registered)
        served.services.sites.change(
            merchant.caller(), merchant.site(f"Mystic {site.title()}"), change
        )
        origins[site] = f"http://{host}:{port}"
    stranger = f"http://stranger-{name}.localhost:{server.server_port}"
    yield Storefronts(shop, **origins, elsewhere=elsewhere, stranger=stranger)
    server.shutdown()
    server.server_close()


@pytest.fixture(name="shopper")
def _shopper(storefronts: Storefronts, chromium: Browser) -> Iterator[Page]:
    """A shopper's window, without JavaScript."""
    context = new_context(chromium, storefronts.sports, java_script=False, width=PHONE)
    yield context.new_page()
    context.close()


def test_one_sign_in_for_all_sites_of_a_set_and_none_for_others(
    storefronts: Storefronts, shopper: Page
) -> None:
    """Signed up on Mystic Sports, signed in on Mystic Kids without typing, unknown on Mystic Parts."""
    shopper.goto(f"{storefronts.sports}/signup?return_to=/my-account")
    shopper.get_by_label("E-mail address").fill("ada@mail.com")
    shopper.get_by_label("Password").fill(PASSWORD)
    shopper.keyboard.press("Enter")
    expect(shopper).to_have_url(f"{storefronts.sports}/my-account")
    expect(shopper.get_by_text("ada@mail.com").first).to_be_visible()

    shopper.goto(f"{storefronts.kids}/my-account")
    expect(shopper).to_have_url(f"{storefronts.kids}/my-account")
    expect(shopper.get_by_text("ada@mail.com").first).to_be_visible()

    shopper.goto(f"{storefronts.parts}/my-account")
    expect(shopper.get_by_role("heading", name="Sign in")).to_be_visible()

    shopper.goto(f"{storefronts.kids}/logout")
    shopper.get_by_role("button", name="Sign out").click()
    expect(shopper.get_by_text("You are signed out.")).to_be_visible()
    shopper.goto(f"{storefronts.sports}/my-account")
    expect(shopper.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_storefronts_own_page_posts_to_us_from_another_origin(
    storefronts: Storefronts, shopper: Page
) -> None:
    storefronts.shop.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    shopper.goto(f"{storefronts.elsewhere}/in")
    send(shopper, "wrong")
    expect(shopper).to_have_url(f"{storefronts.elsewhere}/in?error=bad_credentials")
    send(shopper, PASSWORD)
    expect(shopper).to_have_url(f"{storefronts.elsewhere}/welcome")
    shopper.goto(f"{storefronts.sports}/my-account")
    expect(shopper.get_by_text("stacy@mail.com").first).to_be_visible()
    cookies = {each["name"]: each for each in shopper.context.cookies(storefronts.sports)}
    session = cookies["authsvc-session"]
    assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")


def test_a_strangers_page_cannot_sign_anybody_in(storefronts: Storefronts, shopper: Page) -> None:
    storefronts.shop.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    shopper.goto(f"{storefronts.stranger}/in")
    send(shopper, PASSWORD)
    expect(shopper.get_by_text("does not belong to this shop")).to_be_visible()
    assert shopper.context.cookies(storefronts.sports) == []


def test_a_shopper_keeps_their_account_in_order_by_keyboard_on_a_telephone_without_scripts(
    storefronts: Storefronts, shopper: Page
) -> None:
    """[B]: My Account … displays shipping and billing addresses, saved payment information, and past order history."""
    john = _john(storefronts)
    merchant = storefronts.shop.merchant
    _sign_in(shopper, storefronts.sports)
    shopper.get_by_role("link", name="Add an address").press("Enter")
    # A browser's own look at required fields would stop an empty one; the server's answer is what is tried here.
    shopper.get_by_label("Street and number").fill("1 Main Street")
    shopper.get_by_label("Country").fill("??")
    shopper.get_by_label("E-mail address").fill("john@mail.com")
    shopper.get_by_label("First choice for bills").press("Space")
    shopper.get_by_role("button", name="Save").press("Enter")
    problem = shopper.get_by_role("alert")
    expect(problem).to_contain_text("two letters")
    problem.get_by_role("link").press("Enter")
    country = shopper.get_by_label("Country")
    expect(country).to_have_accessible_description(re.compile("two letters"))
    expect(shopper.get_by_label("Street and number")).to_have_value("1 Main Street")
    country.fill("us")
    country.press("Enter")
    expect(shopper.get_by_role("status")).to_have_text("The address is saved.")
    addresses = shopper.get_by_role("region", name="Addresses")
    expect(addresses).to_contain_text("1 Main Street, US")
    expect(addresses).to_contain_text("Billing, first choice")

    cards = shopper.get_by_role("region", name="Saved payment information")
    cards.get_by_role("button", name=re.compile("Make it the first choice.*VISA 2222")).press(
        "Enter"
    )
    cards.get_by_role("link", name="Delete VISA 1111").press("Enter")
    shopper.get_by_role("button", name="Delete").press("Enter")
    expect(cards).to_contain_text("VISA 2222")
    expect(cards).not_to_contain_text("1111")
    held = merchant.services.account_data.cards.of_account(merchant.tenant_id, john)
    assert [(card.number_part, card.is_default) for card in held] == [("2222", True)]

    shopper.goto(f"{storefronts.kids}/my-account")
    expect(addresses).to_contain_text("1 Main Street, US")
    shopper.get_by_role("button", name="Sign out on all devices").press("Enter")
    expect(shopper.get_by_text("You are signed out everywhere.")).to_be_visible()


def test_customer_service_acts_for_a_shopper_on_the_shops_own_pages_and_stops(
    storefronts: Storefronts, chromium: Browser
) -> None:
    john = _john(storefronts)
    csr = storefronts.shop.signed_in(chromium, Role.CUSTOMER_SERVICE)
    csr.goto(f"/admin/customers/{john}")
    csr.get_by_role("link", name="Act for").click()
    csr.get_by_label("Site").select_option(label="Mystic Kids")
    csr.get_by_label("What for").fill("Lost parcel")
    csr.get_by_role("button", name="Act for the customer").click()
    expect(csr).to_have_url(f"{storefronts.kids}/my-account")
    banner = csr.get_by_role("region", name="Acting for the shopper")
    expect(banner).to_contain_text("You act for this shopper as staff:customer-service-")
    expect(csr.get_by_text("Only the shopper sees them.")).to_be_visible()
    visit = Visit(csr)
    visit.open(f"{storefronts.kids}/my-account/profile")
    assert visit.grave_violations() == []
    visit.resize(PHONE)
    assert visit.excess_width() == 0
    # Only where they said.
    csr.goto(f"{storefronts.sports}/my-account")
    expect(csr.get_by_role("heading", name="Sign in")).to_be_visible()
    csr.goto(f"{storefronts.kids}/my-account")
    banner.get_by_role("button", name="Stop").click()
    expect(csr.get_by_text("You no longer act for the shopper")).to_be_visible()
    csr.goto(f"{storefronts.kids}/my-account")
    expect(csr.get_by_role("heading", name="Sign in")).to_be_visible()
    csr.context.close()


def test_the_pages_are_accessible_by_keyboard_and_narrow_enough_for_a_telephone(
    storefronts: Storefronts, chromium: Browser
) -> None:
    """In light and dark, also in a colour that nobody could read as it is."""
    _john(storefronts)
    merchant = storefronts.shop.merchant
    yellow = SiteChange(accent_color="#ffd400", logo_text="MYSTIC")
    site = merchant.site("Mystic Sports")
    merchant.services.sites.change(merchant.caller(), site, yellow)
    context = new_context(chromium, storefronts.sports, width=PHONE)
    page = context.new_page()
    signed_out = ("/login?asked=1", "/signup", "/logout")
    found = {path: _seen(page, f"{storefronts.sports}{path}") for path in signed_out}
    _sign_in(page, storefronts.sports)
    pages = [
        "/my-account",
        "/my-account/profile",
        "/my-account/devices",
        "/my-account/password",
        "/my-account/addresses/new",
        "/my-account/orders",
    ]
    pages += [
        link.get_attribute("href") or ""
        for link in page.get_by_role("link", name="Delete", exact=False).all()[:1]
    ]
    found |= {path: _seen(page, f"{storefronts.sports}{path}") for path in pages}
    page.goto(f"{storefronts.sports}/my-account/profile")
    page.get_by_label("First name").fill("")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    found["refused"] = Visit(page).grave_violations()
    let_sign_ins_age(merchant)
    page.goto(f"{storefronts.sports}/my-account/devices")
    page.get_by_role("button", name="Sign out on all devices").press("Enter")
    expect(page.get_by_label("Your password")).to_be_focused()
    found["asked"] = Visit(page).grave_violations()
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are signed out everywhere.")).to_be_visible()
    assert {path: what for path, what in found.items() if what} == {}
    context.close()


def test_how_strong_a_password_is_is_told_while_it_is_typed(
    storefronts: Storefronts, chromium: Browser
) -> None:
    """Read out, and part of what the field is described by; the script runs under our own policy."""
    context = new_context(chromium, storefronts.sports, width=PHONE)
    page = context.new_page()
    visit = Visit(page)
    visit.open(f"{storefronts.sports}/signup")
    field, told = page.get_by_label("Password"), page.get_by_role("status")
    field.press_sequentially("short")
    expect(told).to_have_text(re.compile("^Password must be a minimum of 6 characters"))
    field.fill("violet spanner otter tuesday 1")
    expect(told).to_have_text("Very good")
    expect(field).to_have_accessible_description(re.compile("Very good"))
    assert visit.grave_violations() == []
    assert visit.complaints == []
    field.fill("")
    expect(told).to_have_text("")
    context.close()


def _seen(page: Page, address: str) -> list[str]:
    """Open a page and return what is wrong with it."""
    wrong = []
    visit = Visit(page)
    visit.open(address)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        rules = [] if scheme == "light" else COLOUR_RULES
        wrong += [f"{scheme}: {each}" for each in visit.grave_violations(*rules)]
    if visit.status != 200 or visit.excess_width():
        wrong.append(f"status {visit.status}, {visit.excess_width()} too wide")
    if visit.transferred_bytes() > MOST_BYTES:
        wrong.append(f"{visit.transferred_bytes()} bytes")
    stops, focused = visit.walk_by_tab()
    if [each["name"] for each in focused] != stops or not all(each["seen"] for each in focused):
        wrong.append(f"{stops} are not what Tab reaches: {focused}")
    return wrong + visit.complaints


def _john(storefronts: Storefronts) -> int:
    """Sign John up on Mystic Kids, with two cards; returns his account."""
    merchant = storefronts.shop.merchant
    john = merchant.sign_up("john@mail.com", "Mystic Kids", first_name="John").account
    assert john is not None
    for number in ("1111", "2222"):
        card = {"card_type": "VISA", "number_part": number}
        merchant.services.account_data.cards.add(merchant.caller(), john.id, f"t-{number}", card)
    return john.id


def _sign_in(page: Page, origin: str) -> None:
    """Sign John in, and come to My Account."""
    page.goto(f"{origin}/login?return_to=/my-account")
    page.get_by_label("Username or e-mail address").fill("john@mail.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My Account")).to_be_visible()


def send(page: Page, password: str) -> None:
    """Fill the storefront's own form and send it."""
    page.get_by_label("User").fill("stacy@mail.com")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Go").click()
