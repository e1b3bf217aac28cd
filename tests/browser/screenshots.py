"""`make screenshots`: the pictures in docs/, taken in Chromium of a demo that is started for them.

The demo's data is the documents' example merchant; what a picture needs beyond that is done on the pages themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page

from authsvc.demo.merchant import PASSWORD as JOHNS_PASSWORD
from tests.browser.chromium import running_chromium
from tests.browser.shops import new_context
from tests.demos import Demo, running_demo

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DESKTOP, PHONE = 1120, 360
# Of a longer page, the top.
TALLEST = {DESKTOP: 1000, PHONE: 800}
COLOURS = 128
MOST_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file's name, where it is taken, what is done there first, and on what.

    `tallest`: in CSS pixels, where what matters stands further down than `TALLEST`.
    """

    name: str
    address: str
    then: Callable[[Page], None] | None = None
    width: int = DESKTOP
    scheme: Literal["light", "dark"] = "light"
    signed_in: bool = True
    tallest: int | None = None


def _search(page: Page) -> None:
    page.get_by_role("searchbox", name="Search").press_sequentially("st")
    page.get_by_role("row").nth(2).wait_for()


def _open_john(page: Page) -> None:
    page.get_by_role("link", name="John D.").click()
    page.get_by_role("heading", name="General").wait_for()


def _move_john(page: Page) -> None:
    _open_john(page)
    page.get_by_label("Customer Set").select_option("b2b")
    page.get_by_role("button", name="Save").first.click()
    page.get_by_role("dialog").wait_for()


def _explain_john(page: Page) -> None:
    _open_john(page)
    page.get_by_role("link", name="Why?").click()
    page.get_by_label("Site", exact=True).select_option(label="Mystic Parts (b2b)")
    page.get_by_role("button", name="Explain").click()
    page.get_by_role("heading", level=2).first.wait_for()


def _edit_kids(page: Page) -> None:
    page.get_by_role("link", name="Mystic Kids", exact=True).click()
    page.get_by_label("Logo text").fill("MYSTIC kids")
    page.get_by_label("Colour", exact=True).fill("#ffb000")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("That is too little").wait_for()


def _act_for_john(page: Page) -> None:
    _open_john(page)
    page.get_by_role("link", name="Act for").click()
    page.get_by_label("What for").fill("Asks where parcel K-1002 is")


def _act_on_the_site(page: Page) -> None:
    _act_for_john(page)
    page.get_by_role("button", name="Act for the customer").click()
    page.get_by_role("region", name="Acting for the shopper").wait_for()


def _search_for_an_order(page: Page, text: str = "st", name: str = "Stacy M.") -> None:
    page.get_by_role("combobox", name="Site of the order").select_option(
        label="Mystic Sports (b2c)"
    )
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("searchbox", name="Customer").press_sequentially(text)
    page.get_by_role("link", name=name).wait_for()


def _order_for_a_business(page: Page) -> None:
    _search_for_an_order(page, "big", "Big Sports Ltd")
    page.get_by_role("link", name="Big Sports Ltd").click()
    page.get_by_text("can only name customers").first.wait_for()


def _sign_john_in(page: Page) -> None:
    """On Mystic Sports, whose host is the demo's own with a name before it."""
    origin = page.url.partition("//")[2].partition("/")[0]
    page.goto(
        f"http://sports.mystic.localhost:{origin.rpartition(':')[2]}/login?return_to=/my-account"
    )
    if page.get_by_label("Password").count():
        page.get_by_label("Username or e-mail address").fill("john@mail.com")
        page.get_by_label("Password").fill(JOHNS_PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My Account").wait_for()
    if not page.get_by_text("1 Main Street").count():
        _type_address(page, "US")
        page.get_by_role("status").wait_for()


def _refused_address(page: Page) -> None:
    _sign_john_in(page)
    _type_address(page, "??")
    page.get_by_role("alert").wait_for()


def _type_address(page: Page, country: str) -> None:
    page.get_by_role("link", name="Add an address").click()
    for label, text in (
        ("First name", "John"),
        ("Last name", "Doe"),
        ("Street and number", "1 Main Street"),
        ("City", "Austin"),
        ("Country", country),
        ("E-mail address", "john@mail.com"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("First choice for bills").check()
    page.get_by_role("button", name="Save").click()


def _move_outlet(page: Page) -> None:
    page.get_by_role("link", name="Mystic Outlet", exact=True).click()
    page.get_by_label("Move to customer set").select_option("b2c")
    page.get_by_label("Reason (optional)").fill("The outlet sells to consumers")
    page.get_by_role("button", name="Show what this would do").click()
    page.get_by_role("button", name="Commit").wait_for()


def _commit_the_move(page: Page) -> None:
    _move_outlet(page)
    page.get_by_role("button", name="Commit").click()
    page.get_by_role("link", name="Roll back…").wait_for()
    page.get_by_role("link", name="Plans", exact=True).click()
    page.get_by_role("columnheader", name="State").wait_for()


def _open_deletion(page: Page) -> None:
    page.get_by_label("Menu of b2c").click()
    page.get_by_role("row").filter(has_text="b2c").get_by_role("button", name="Delete").click()
    page.get_by_label("Assign its customers and sites to").select_option("b2b")
    page.get_by_role("button", name="Show what this would do").click()
    page.get_by_role("heading", name="Into b2b").wait_for()


def _assign_kids(page: Page) -> None:
    page.get_by_role("checkbox", name="Mystic Kids").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").wait_for()


def _open_menu(page: Page) -> None:
    page.get_by_label("Menu of b2c").click()


SETS = "/admin/customer-sets"
SITES = "/admin/sites"
CUSTOMERS = "/admin/customers"
SHOTS = (
    Shot("sign-in", "/admin/sign-in", signed_in=False),
    Shot("customer-sets", SETS, _open_menu),
    Shot("customer-sets-dark", SETS, scheme="dark"),
    Shot("customer-sets-phone", SETS, width=PHONE),
    Shot("customer-set-in-line", f"{SETS}?edit=b2b&open=sites"),
    Shot("customer-set-sites", f"{SETS}?edit=b2b&open=sites", _assign_kids),
    Shot("customer-set-deletion", SETS, _open_deletion),
    Shot("customer-set-deletion-phone", SETS, _open_deletion, width=PHONE),
    Shot("customers", CUSTOMERS),
    Shot("customers-search", CUSTOMERS, _search),
    Shot("customers-phone", CUSTOMERS, width=PHONE),
    Shot("customer", CUSTOMERS, _open_john),
    Shot("customer-dark-phone", CUSTOMERS, _open_john, PHONE, "dark"),
    Shot("customer-move", CUSTOMERS, _move_john),
    Shot("customer-why", CUSTOMERS, _explain_john),
    Shot("new-customer", "/admin/customers/new"),
    Shot("sites", SITES),
    Shot("site-in-line", SITES, _edit_kids, tallest=1250),
    Shot("staff", "/admin/staff"),
    Shot("second-factor", "/admin/second-factor"),
    Shot("account", "/admin/account"),
    Shot("acting", CUSTOMERS, _act_for_john),
    Shot("offline-orders", "/admin/offline-orders", _search_for_an_order),
    Shot("offline-order-refused", "/admin/offline-orders", _order_for_a_business),
    Shot("my-account", "/healthz", _sign_john_in, signed_in=False),
    Shot("my-account-phone", "/healthz", _sign_john_in, PHONE, "dark", signed_in=False),
    Shot("my-account-address", "/healthz", _refused_address, PHONE, signed_in=False),
    # The last ones: a picture of what was done needs something done.
    Shot("plan", SITES, _move_outlet),
    Shot("plans", SITES, _commit_the_move),
    Shot("acting-site", CUSTOMERS, _act_on_the_site),
)


def sign_in(page: Page, demo: Demo) -> None:
    """Sign the demo's administrator in and decline the second factor."""
    administrator = demo.info["staff"][0]
    page.goto("/admin/sign-in")
    page.get_by_label("Username or e-mail address").fill(administrator["username"])
    page.get_by_label("Password").fill(administrator["password"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("heading", name="Welcome").wait_for()


def take(page: Page, shot: Shot) -> bytes:
    """Return the picture as a PNG of few colours."""
    page.emulate_media(color_scheme=shot.scheme)
    page.set_viewport_size({"width": shot.width, "height": 640})
    page.goto(shot.address)
    if shot.then:
        shot.then(page)
    tall: int = page.evaluate(
        "Math.max(document.documentElement.scrollHeight,"
        " document.querySelector('dialog')?.scrollHeight + 80 || 0)"
    )
    page.set_viewport_size(
        {"width": shot.width, "height": min(tall, shot.tallest or TALLEST[shot.width])}
    )
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    small = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def take_all(chromium: Browser, demo: Demo) -> int:
    """Write every picture, and remove those that no longer are; returns how many are too large."""
    administrator, stranger = (new_context(chromium, demo.base_url).new_page() for _ in range(2))
    sign_in(administrator, demo)
    too_large = 0
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.png")) - {FOLDER / f"{shot.name}.png" for shot in SHOTS}:
        old.unlink()
    for shot in SHOTS:
        content = take(administrator if shot.signed_in else stranger, shot)
        (FOLDER / f"{shot.name}.png").write_bytes(content)
        too_large += len(content) > MOST_BYTES
        sys.stdout.write(f"{len(content):>7} bytes  docs/screenshots/{shot.name}.png\n")
    return too_large


def main() -> int:
    """Start a demo, take all pictures of it, and put it away."""
    with (
        TemporaryDirectory() as folder,
        running_demo(Path(folder) / "demo") as demo,
        running_chromium() as chromium,
    ):
        return take_all(chromium, demo)


if __name__ == "__main__":
    sys.exit(main())
