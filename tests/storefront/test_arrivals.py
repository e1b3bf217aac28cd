"""One sign-in for all sites of a set on different domains, and none for any other set."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from authsvc.services import Services
from authsvc.sessions.arrivals import CODE_LIFETIME, browser_digest
from authsvc.sessions.rules import IssuedCookie, NoSession
from authsvc.storefront.places import Place
from tests.merchants import PASSWORD
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser


def signed_up(shops: Shops, browser: ShopperBrowser) -> None:
    browser.post(f"{shops.sports}/signup", email="ada@mail.com", password=PASSWORD, return_to="/")


def place_of(services: Services, origin: str) -> Place:
    scheme, _, host = origin.partition("://")
    return services.storefront.places.at(scheme, host, None)


def test_a_shopper_signed_in_on_one_site_is_signed_in_on_the_next(
    shops: Shops, browser: ShopperBrowser
) -> None:
    signed_up(shops, browser)
    browser.get(f"{shops.kids}/login?return_to=/toys")
    assert [urlsplit(each).path for each in browser.trail] == [
        "/login/vouch",
        "/login/arrive",
        "/toys",
    ]
    assert browser.session(shops.kids) == 200
    # Business-to-business is another set.
    answer = browser.get(f"{shops.parts}/login?return_to=/")
    assert "<h1>Sign in</h1>" in answer.text
    assert browser.session(shops.parts) == 401


def test_it_is_one_session_and_ends_everywhere(shops: Shops, browser: ShopperBrowser) -> None:
    signed_up(shops, browser)
    browser.get(f"{shops.kids}/login?return_to=/")
    browser.post(f"{shops.kids}/logout")
    assert browser.session(shops.sports) == 401
    answer = browser.get(f"{shops.sports}/login?return_to=/")
    assert "<h1>Sign in</h1>" in answer.text


def test_several_sets_may_be_signed_in_at_once(shops: Shops, browser: ShopperBrowser) -> None:
    signed_up(shops, browser)
    browser.post(f"{shops.parts}/signup", email="ada@mail.com", password=PASSWORD, return_to="/")
    browser.get(f"{shops.kids}/login?return_to=/")
    assert browser.session(shops.kids) == browser.session(shops.parts) == 200
    browser.post(f"{shops.parts}/logout")
    assert browser.session(shops.kids) == 200


def test_another_browser_is_asked_for_the_password(
    shops: Shops, browser: ShopperBrowser, app: Flask
) -> None:
    signed_up(shops, browser)
    assert "<h1>Sign in</h1>" in ShopperBrowser(app).get(f"{shops.kids}/login").text
    # A storefront that only wants to know gets its shopper back at once.
    other = ShopperBrowser(app)
    other.get(f"{shops.kids}/login?silent=1&return_to=/toys")
    assert other.trail[-1] == f"{shops.kids}/toys"


def test_a_code_is_good_in_the_browser_that_asked_and_in_no_other(
    shops: Shops, browser: ShopperBrowser, app: Flask
) -> None:
    """Nobody can be signed in as somebody else by opening a link."""
    signed_up(shops, browser)
    asked = browser.get(f"{shops.kids}/login", follow=False).headers["Location"]
    link = browser.get(asked, follow=False).headers["Location"]
    assert parse_qs(urlsplit(link).query)["code"]
    victim = ShopperBrowser(app)
    victim.get(f"{shops.kids}/login")
    assert "<h1>Sign in</h1>" in victim.get(link).text
    assert victim.session(shops.kids) == 401
    # Tried once is used up, by whomever.
    assert browser.session(shops.kids) == 401
    browser.get(link, follow=False)
    assert browser.session(shops.kids) == 401


def test_a_code_is_redeemed_once_however_many_try_at_once(
    shops: Shops, services: Services, browser: ShopperBrowser
) -> None:
    signed_up(shops, browser)
    kids = place_of(services, shops.kids)
    session_id = _session_id(services, shops)
    code = services.storefront.arrivals.vouch(
        kids.site, session_id, shops.kids, browser_digest("a browser")
    )

    def arrive(_: int) -> IssuedCookie | None:
        try:
            return services.storefront.arrivals.arrive(kids.site, shops.kids, code, "a browser")
        except NoSession:
            return None

    with ThreadPoolExecutor(8) as threads:
        arrived = list(threads.map(arrive, range(8)))
    assert sum(each is not None for each in arrived) == 1


@pytest.mark.parametrize("wrong", ["site", "browser", "origin", "time"])
def test_a_code_is_bound_to_site_browser_origin_and_a_minute(
    shops: Shops, services: Services, browser: ShopperBrowser, wrong: str
) -> None:
    signed_up(shops, browser)
    kids = place_of(services, shops.kids)
    arrivals = services.storefront.arrivals
    origin = shops.sports if wrong == "origin" else shops.kids
    vouching = place_of(services, shops.sports) if wrong == "site" else kids
    earlier = arrivals.clock() - CODE_LIFETIME + timedelta(seconds=0 if wrong == "time" else 30)
    code = type(arrivals)(
        arrivals.store,
        arrivals.browser_sessions,
        arrivals.directory,
        arrivals.transaction,
        lambda: earlier,
    ).vouch(vouching.site, _session_id(services, shops), origin, browser_digest("a browser"))
    with pytest.raises(NoSession):
        arrivals.arrive(
            kids.site, shops.kids, code, "another" if wrong == "browser" else "a browser"
        )


def test_nobody_is_vouched_for_to_a_strangers_host(shops: Shops, browser: ShopperBrowser) -> None:
    signed_up(shops, browser)
    site = shops.merchant.site("Mystic Kids")
    for origin in ("https://evil.example", shops.parts, shops.elsewhere):
        answer = browser.get(
            f"{shops.hub}/login/vouch?site={site}&origin={origin}&browser={'0' * 64}"
        )
        assert answer.status_code == 400


def test_a_form_sent_to_the_merchants_domain_signs_in_on_the_site_too(
    shops: Shops, browser: ShopperBrowser
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    browser.post(
        f"{shops.hub}/login",
        origin=shops.elsewhere,
        site=str(shops.merchant.site("Mystic Sports")),
        username="stacy@mail.com",
        password=PASSWORD,
        return_to=f"{shops.sports}/cart",
    )
    assert browser.trail[-1] == f"{shops.sports}/cart"
    assert browser.session(shops.sports) == 200


def test_without_a_domain_each_site_asks_for_itself(
    shops: Shops, browser: ShopperBrowser, services: Services
) -> None:
    services.customer_sets.set_domain(shops.merchant.tenant_id, "")
    signed_up(shops, browser)
    assert browser.trail == [f"{shops.sports}/"]
    assert browser.session(shops.sports) == 200
    assert "<h1>Sign in</h1>" in browser.get(f"{shops.kids}/login").text


def _session_id(services: Services, shops: Shops) -> str:
    account = shops.merchant.sign_in("ada@mail.com", "Mystic Sports").account
    assert account is not None
    signed_in = services.account_sessions.signed_in(shops.merchant.tenant_id, account.id)
    return next(each.session_id for each in signed_in if each.methods == ("new_account",))
