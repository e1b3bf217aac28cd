"""Passkeys in Chromium, with the authenticator that it brings for tests (WebAuthn domain of its DevTools protocol)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from authsvc.passkeys.rules import PasskeyUse
from authsvc.regrouping.sites import SiteChange
from tests.browser.shops import Served, Shop, new_context
from tests.browser.visits import Visit
from tests.merchants import PASSWORD

PHONE = 360


@dataclass(frozen=True)
class PasskeyShops:
    """Origins of two sites of one set and of one of another, all below one domain."""

    shop: Shop
    sports: str
    kids: str
    parts: str


@pytest.fixture(name="shops")
def _shops(served: Served, shop: Shop) -> PasskeyShops:
    domain, merchant, origins = f"{uuid4().hex[:8]}.localhost", shop.merchant, {}
    for site in ("sports", "kids", "parts"):
        host = f"{site}.{domain}"
        served.services.sites.change(
            merchant.caller(), merchant.site(f"Mystic {site.title()}"), SiteChange(None, [host], [])
        )
        origins[site] = f"http://{host}:{served.port}"
    policies = served.services.passkeys.policies
    for code in ("b2c", "b2b"):
        policies.set_policy(merchant.caller(), code, PasskeyUse.SIGN_IN, domain)
    return PasskeyShops(shop, **origins)


@pytest.fixture(name="page")
def _page(shops: PasskeyShops, chromium: Browser) -> Iterator[Page]:
    """A telephone that keeps passkeys, and whose owner always agrees."""
    context = new_context(chromium, shops.sports, width=PHONE)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield page
    context.close()


def test_a_passkey_is_added_signs_in_on_both_sites_and_is_removed(
    shops: PasskeyShops, page: Page
) -> None:
    shops.shop.merchant.sign_up("john@mail.com", "Mystic Sports")
    visit = Visit(page)
    page.goto(f"{shops.sports}/login?return_to=/my-account")
    page.get_by_label("Username or e-mail address").fill("john@mail.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Add a passkey").click()
    assert (visit.grave_violations(), visit.excess_width()) == ([], 0)
    page.get_by_label("What to call it").fill("My telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    passkeys = page.get_by_role("region", name="Passkeys")
    expect(passkeys).to_contain_text("My telephone")
    # This device makes no second one.
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("has a passkey for your account already")

    # The browser fills it in for the username, without a click, on whichever site of the set.
    for origin in (shops.sports, shops.kids):
        page.context.clear_cookies()
        page.goto(f"{origin}/login?asked=1")
        expect(page).to_have_url(f"{origin}/my-account")
    expect(page.get_by_text("john@mail.com").first).to_be_visible()

    passkeys.get_by_role("link", name="Rename or remove").click()
    assert (visit.grave_violations(), visit.excess_width()) == ([], 0)
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    # The telephone goes on offering it, and it opens nothing.
    page.context.clear_cookies()
    page.goto(f"{shops.kids}/login?asked=1")
    expect(page.get_by_role("alert")).to_contain_text("does not sign in here")
    assert visit.complaints == []


def test_a_passkey_does_not_sign_in_on_a_site_of_another_set(
    shops: PasskeyShops, page: Page
) -> None:
    """Even where both sets have their passkeys made for one domain, and the browser offers it."""
    shops.shop.merchant.sign_up("john@mail.com", "Mystic Sports")
    page.goto(f"{shops.sports}/login?return_to=/my-account/passkeys/new")
    page.get_by_label("Username or e-mail address").fill("john@mail.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    page.goto(f"{shops.parts}/login?asked=1")
    expect(page.get_by_role("alert")).to_contain_text("does not sign in here")
    page.goto(f"{shops.parts}/my-account")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_where_it_is_a_second_factor_the_passkey_follows_the_password(
    shops: PasskeyShops, page: Page
) -> None:
    """[Issue 6] On the host that it was made on, and on the set's other site."""
    merchant, visit = shops.shop.merchant, Visit(page)
    merchant.services.passkeys.policies.set_policy(
        merchant.caller(), "b2c", PasskeyUse.SECOND_FACTOR
    )
    merchant.sign_up("john@mail.com", "Mystic Sports")

    def give_password(origin: str, return_to: str) -> None:
        page.goto(f"{origin}/login?asked=1&return_to={return_to}")
        page.get_by_label("Username or e-mail address").fill("john@mail.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")

    give_password(shops.sports, "/my-account/passkeys/new")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    for origin in (shops.sports, shops.kids):
        page.context.clear_cookies()
        give_password(origin, "/my-account")
        expect(page.get_by_role("heading", name="Use your passkey")).to_be_visible()
        assert (visit.grave_violations(), visit.excess_width()) == ([], 0)
        page.get_by_role("button", name="Use your passkey").click()
        expect(page).to_have_url(f"{origin}/my-account")
    assert visit.complaints == []
