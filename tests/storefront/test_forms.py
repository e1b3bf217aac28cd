"""`POST /login`, `/signup`, `/logout`: from whom they are taken, where they lead, and what they give away."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.callers import Caller
from authsvc.guessing.rules import Door
from authsvc.services import Services
from tests.merchants import PASSWORD
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser

COOKIE = "__Host-authsvc-session"


def test_signing_in_sets_the_cookie_and_leads_back(shops: Shops, browser: ShopperBrowser) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    answer = browser.post(
        f"{shops.sports}/login",
        username="stacy@mail.com",
        password=PASSWORD,
        return_to="/cart?step=2",
        follow=False,
    )
    assert answer.status_code == 303
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if COOKIE in each]
    said = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == said
    assert answer.headers["Cache-Control"] == "no-store"
    browser.get(answer.headers["Location"])
    assert browser.trail[-1] == f"{shops.sports}/cart?step=2"
    assert browser.session(shops.sports) == 200


def test_remember_me_keeps_the_cookie_when_the_browser_closes(
    shops: Shops, browser: ShopperBrowser
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    answer = browser.post(
        f"{shops.sports}/login",
        username="stacy@mail.com",
        password=PASSWORD,
        remember="1",
        follow=False,
    )
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if COOKIE in each]
    assert "Max-Age=2592000" in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "", "Sec-Fetch-Site": "same-site"},
        {"Origin": "", "Sec-Fetch-Site": ""},
    ],
)
@pytest.mark.parametrize("path", ["/login", "/signup", "/logout"])
def test_a_form_from_any_other_page_is_refused_and_changes_nothing(
    shops: Shops, browser: ShopperBrowser, path: str, headers: dict[str, str]
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    answer = browser.post(
        f"{shops.sports}{path}",
        headers=headers,
        username="stacy@mail.com",
        email="new@mail.com",
        password=PASSWORD,
    )
    assert answer.status_code == 403
    assert "does not belong to this shop" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_registered_origin_may_post_and_is_told_errors_by_a_short_code(
    shops: Shops, browser: ShopperBrowser
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    form = {"username": "stacy@mail.com", "on_error": f"{shops.elsewhere}/in?lang=en"}
    refused = browser.post(
        f"{shops.sports}/login", origin=shops.elsewhere, password="wrong", follow=False, form=form
    )
    assert refused.headers["Location"] == f"{shops.elsewhere}/in?lang=en&error=bad_credentials"
    browser.post(
        f"{shops.sports}/login",
        origin=shops.elsewhere,
        password=PASSWORD,
        return_to=f"{shops.elsewhere}/welcome",
        form=form,
    )
    assert browser.trail[-1] == f"{shops.elsewhere}/welcome"
    assert browser.session(shops.sports) == 200
    # Its sister has not registered it.
    sister = browser.post(f"{shops.kids}/login", origin=shops.elsewhere, password="x", form=form)
    assert sister.status_code == 403


@pytest.mark.parametrize("field", ["return_to", "on_error"])
@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_form_leads_elsewhere(
    shops: Shops, browser: ShopperBrowser, field: str, to: str
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    for password in (PASSWORD, "wrong"):
        browser.post(
            f"{shops.sports}/login", username="stacy@mail.com", password=password, form={field: to}
        )
        assert not any("evil" in address for address in browser.trail)


def test_unknown_and_wrong_look_alike_and_what_was_typed_stays_on_the_page(
    shops: Shops, browser: ShopperBrowser
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    pages = []
    for username in ("stacy@mail.com", "nobody@mail.com"):
        answer = browser.post(f"{shops.sports}/login", username=username, password="wrong")
        assert answer.status_code == 401
        assert f'value="{username}"' in answer.text
        assert 'value="wrong"' not in answer.text
        pages.append(answer.text.replace(username, ""))
    assert pages[0] == pages[1]


def test_signing_up_signs_in_and_a_taken_name_is_told_once_for_both_kinds(
    shops: Shops, browser: ShopperBrowser, app: Flask
) -> None:
    form = {"email": "ada@mail.com", "password": PASSWORD, "first_name": "Ada"}
    browser.post(f"{shops.sports}/signup", form=form)
    assert browser.session(shops.sports) == 200
    assert "Ada" in browser.get(f"{shops.sports}/my-account").text
    again = ShopperBrowser(app).post(f"{shops.kids}/signup", form=form)
    assert again.status_code == 409
    assert "cannot be used" in again.text
    weak = ShopperBrowser(app).post(
        f"{shops.kids}/signup",
        email="new@mail.com",
        password="short",
        on_error="/join",
        follow=False,
    )
    assert weak.headers["Location"] == f"{shops.kids}/join?error=password_refused"


@pytest.mark.parametrize("field", ["first_name", "last_name"])
@pytest.mark.parametrize("text", ["A\0da", "A" * 201, "1+" * 240_000])
def test_signing_up_takes_no_name_that_cannot_be_kept(
    shops: Shops, browser: ShopperBrowser, field: str, text: str
) -> None:
    """A password is compared with the names before anything else is done, so they are refused before that."""
    form = {"email": "ada@mail.com", "password": PASSWORD, field: text}
    answer = browser.post(f"{shops.sports}/signup", form=form)
    assert answer.status_code == 400
    assert "Must " in answer.text
    assert browser.session(shops.sports) == 401


def test_names_cannot_be_asked_for_by_the_thousand(
    shops: Shops, app: Flask, services: Services
) -> None:
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    browser = ShopperBrowser(app, "198.51.100.7")
    for number in range(services.attempts.limits.address.amount - 1):
        neighbour = Caller(
            shops.merchant.tenant_id,
            shops.merchant.site("Mystic Kids"),
            remote_address=f"198.51.100.{number}",
        )
        services.attempts.begin_without_account(neighbour, Door.SIGN_UP)
    taken = browser.post(f"{shops.sports}/signup", email="stacy@mail.com", password=PASSWORD)
    assert taken.status_code == 409
    # That one was counted too.
    answer = browser.post(f"{shops.sports}/signup", email="other@mail.com", password=PASSWORD)
    assert answer.status_code == 429
    assert "Too many failed attempts from your network." in answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= services.attempts.limits.address.seconds + 1


def test_signing_out_is_asked_for_and_then_done(shops: Shops, browser: ShopperBrowser) -> None:
    browser.post(f"{shops.sports}/signup", email="ada@mail.com", password=PASSWORD)
    assert "You will be signed out" in browser.get(f"{shops.sports}/logout").text
    assert browser.session(shops.sports) == 200
    answer = browser.post(f"{shops.sports}/logout")
    assert "You are signed out." in answer.text
    assert browser.session(shops.sports) == 401
    assert browser.cookie(shops.sports, COOKIE) is None
    answer = browser.post(f"{shops.sports}/logout", follow=False)
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_my_account_is_for_who_is_signed_in_and_can_end_every_session(
    shops: Shops, browser: ShopperBrowser
) -> None:
    assert "Sign in" in browser.get(f"{shops.sports}/my-account").text
    assert "return_to=%2Fmy-account" in browser.trail[0]
    ticket = shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    browser.post(f"{shops.sports}/login", username="stacy@mail.com", password=PASSWORD)
    foreign = browser.post(
        f"{shops.sports}/my-account/sign-out-everywhere", origin=shops.elsewhere, follow=False
    )
    assert foreign.status_code == 403
    assert shops.merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 200
    answer = browser.post(f"{shops.sports}/my-account/sign-out-everywhere")
    assert "signed out everywhere" in answer.text
    assert shops.merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 401


def test_staff_and_shoppers_are_never_taken_for_each_other(
    shops: Shops, browser: ShopperBrowser
) -> None:
    browser.post(f"{shops.sports}/signup", email="ada@mail.com", password=PASSWORD)
    assert browser.get(f"{shops.sports}/admin/account", follow=False).status_code == 303


def test_a_host_that_is_no_shops_is_told_so(shops: Shops, browser: ShopperBrowser) -> None:
    answer = browser.get("https://nobody.example/login")
    assert answer.status_code == 404
    assert "No shop answers" in answer.text
    site = shops.merchant.site("Mystic Sports")
    assert browser.get(f"https://nobody.example/login?site={site}").status_code == 404
    other = shops.merchant.site("Mystic Parts")
    assert browser.get(f"{shops.sports}/login?site={other}").status_code == 400
    assert browser.get(shops.sports.replace("https", "http") + "/login").status_code == 403


def test_a_site_gives_its_pages_its_colour_and_its_name(
    shops: Shops, browser: ShopperBrowser
) -> None:
    path = f"sites/{shops.merchant.site('Mystic Kids')}"
    refused = shops.merchant.call("PUT", path, {"accentColor": "red; }"})
    assert refused.status_code == 400
    looks = {"accentColor": "#FFD400", "logoText": "MYSTIC <kids>"}
    saved = shops.merchant.call("PUT", path, looks).get_json()
    assert (saved["accentColor"], saved["logoText"]) == ("#ffd400", "MYSTIC <kids>")
    page = browser.get(f"{shops.kids}/login?asked=1").text
    assert "MYSTIC &lt;kids&gt;" in page
    assert "/login/colours.css?accent=ffd400" in page
    colours = browser.get(f"{shops.kids}/login/colours.css?accent=ffd400")
    assert colours.content_type.startswith("text/css")
    assert "--on-accent: #" in colours.text
    assert browser.get(f"{shops.kids}/login/colours.css?accent=x;y").status_code == 404
    emptied = shops.merchant.call("PUT", path, {"accentColor": "", "logoText": ""}).get_json()
    assert (emptied["accentColor"], emptied["logoText"]) == (None, None)


def test_pages_are_small_and_let_password_managers_work(
    shops: Shops, browser: ShopperBrowser
) -> None:
    for path, fields in (
        ("/login?asked=1", ("username", "current-password")),
        ("/signup", ("username", "new-password")),
    ):
        answer = browser.get(f"{shops.sports}{path}")
        assert len(answer.data) < 10_000
        # Only where a new password is chosen, what tells how strong it is.
        assert answer.text.count("<script") == answer.text.count("/password/strength.js")
        assert "style=" not in answer.text
        for field in fields:
            assert f'autocomplete="{field}"' in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert (
            f"form-action 'self' {' '.join(sorted((shops.hub, shops.sports, shops.elsewhere)))}"
            in policy
        )
