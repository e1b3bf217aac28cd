"""Several storefronts on host names of their own, in a real browser: its rules for cookies, forms and redirections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from authsvc.regrouping.sites import SiteChange
from tests.browser.shops import Served, Shop, new_context
from tests.browser.visits import Visit
from tests.merchants import PASSWORD

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_narrow_enough_for_a_telephone(
    storefronts: Storefronts, chromium: Browser, scheme: str
) -> None:
    context = new_context(chromium, storefronts.sports, width=PHONE)
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/login?asked=1", "/signup", "/logout"):
        visit = Visit(page)
        visit.open(f"{storefronts.sports}{path}")
        assert visit.excess_width() == 0
        assert visit.grave_violations() == []
        assert visit.complaints == []
        assert visit.transferred_bytes() < MOST_BYTES
    context.close()


def send(page: Page, password: str) -> None:
    """Fill the storefront's own form and send it."""
    page.get_by_label("User").fill("stacy@mail.com")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Go").click()
