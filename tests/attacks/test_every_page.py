"""Every page and form of the storefront and the admin: forged forms, open redirections, forged hosts.

Made from the URL map, so that no new page can be forgotten.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from authsvc import storefront
from authsvc.services import Services
from tests.admin.browser import Browser
from tests.attacks.belongings import sites_have_hosts
from tests.attacks.probing import Rows, none_of
from tests.machines import taken_back
from tests.merchants import PASSWORD, Merchant
from tests.openapi.description import DESCRIPTION
from tests.staff.people import hire
from tests.storefront.conftest import Shops
from tests.storefront.shopper import ShopperBrowser

STOREFRONT = Path(storefront.__file__).parent
EVIL = "https://evil.example"
# A page may be asked to lead to any of these, by any name that any page knows.
LEADING = ("return_to", "on_error", "next", "origin", "to", "url", "redirect", "continue")
ELSEWHERE = (
    f"{EVIL}/",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)//evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example",
    "https://sports.shop.example@evil.example/",
)
# Cross-site, as browsers say it, and the oldest trick: nothing at all.
FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {},
)


def addresses(app: Flask, part: str, method: str) -> list[str]:
    """Return the paths of a part's pages that answer a method, with numbers and names where they vary."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{part}.") and method in (rule.methods or ()):
            filled = re.sub(r"<int:[a-z_]+>", "1", rule.rule)
            found.append(re.sub(r"<[a-z_:]+>", "1", filled))
    assert len(found) > 10
    return sorted(set(found))


def fields_of_forms() -> list[str]:
    """Return the names of all fields that the storefront's templates have and its pages read."""
    read = re.compile(r'(?:name="|text_field\("|\bform\.get\(")([a-z0-9_]+)"')
    files = (each for each in STOREFRONT.rglob("*") if each.suffix in (".html", ".py"))
    found = sorted({name for each in files for name in read.findall(each.read_text())})
    assert {"first_name", "email", "code", "session", "postal_code"} <= set(found)
    return found


def leads_elsewhere(answer: TestResponse) -> bool:
    """Tell whether an answer sends its browser, or offers to send it, to the attacker's host."""
    location = answer.headers.get("Location", "")
    links = re.findall(r'(?:href|action|src|content)="([^"]*)"', answer.text)
    return any(
        "evil.example" in (urlsplit(each).netloc or "") or each.startswith(("javascript:", "//"))
        for each in (location, *links)
    ) or ("\n" in location)


@pytest.fixture(name="shopper")
def _shopper(shops: Shops, app: Flask) -> ShopperBrowser:
    """A shopper who is signed in on Mystic Sports."""
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    browser = ShopperBrowser(app)
    browser.post(f"{shops.sports}/login", username="stacy@mail.com", password=PASSWORD)
    assert browser.session(shops.sports) == 200
    return browser


def test_no_form_of_the_storefront_takes_a_forged_post(
    shops: Shops, shopper: ShopperBrowser, app: Flask, services: Services
) -> None:
    """Not of a signed-in shopper, not of a visitor; and it changes not a row."""
    rows = Rows(services)
    before = rows.of_tenant(shops.merchant.tenant_id)
    taken = []
    for path in addresses(app, "storefront", "POST"):
        for headers in FOREIGN:
            answer = shopper.client(shops.sports).post(
                path, data={"t": "x", "password": PASSWORD}, headers=headers, base_url=shops.sports
            )
            if answer.status_code != 403 or "Set-Cookie" in answer.headers:
                taken.append((path, headers, answer.status_code))
    none_of(taken)
    assert rows.of_tenant(shops.merchant.tenant_id) == before


def test_no_form_of_the_admin_takes_a_forged_post(
    merchant: Merchant, app: Flask, services: Services
) -> None:
    staff = Browser(app)
    staff.sign_in(hire(services, merchant.tenant_id))
    staff.get("/admin/second-factor")
    rows = Rows(services)
    before, taken = rows.of_tenant(merchant.tenant_id), list[tuple[object, ...]]()
    for path in addresses(app, "admin", "POST"):
        for headers in FOREIGN:
            answer = staff.client.post(path, data={}, headers=headers, base_url="https://localhost")
            if answer.status_code not in (403, 404, 405) or "Set-Cookie" in answer.headers:
                taken.append((path, headers, answer.status_code, answer.headers.get("Location")))
    # Who may not do a thing at all is led to what they may.
    none_of(each for each in taken if not str(each[3]).startswith("/admin/"))
    assert rows.of_tenant(merchant.tenant_id) == before


def test_looking_at_any_page_of_ones_own_changes_nothing(
    shops: Shops, shopper: ShopperBrowser, app: Flask, services: Services
) -> None:
    """Or a link in a mail would do what only a form may. Except that a session says when it was last used."""
    rows = Rows(services)
    seen = []
    for path in addresses(app, "storefront", "GET"):
        before = rows.of_tenant(shops.merchant.tenant_id)
        shopper.get(f"{shops.sports}{path}", follow=False)
        after = rows.of_tenant(shops.merchant.tenant_id)
        changed = {name for name in after if after[name] != before[name]}
        if changed - {"sessions", "arrival_codes"}:
            seen.append((path, changed))
    none_of(seen)
    assert shopper.session(shops.sports) == 200


def test_no_form_of_the_storefront_has_a_bug_for_what_no_store_can_keep(
    shops: Shops, shopper: ShopperBrowser, app: Flask, services: Services
) -> None:
    """U+0000 in every field that any form has, one at a time and of a form that is good but for it."""
    good = {"password": PASSWORD, "current_password": PASSWORD, "first_name": "Stacy"}
    own = {"Origin": shops.sports, "Sec-Fetch-Site": "same-origin"}
    name = "__Host-authsvc-session"
    cookie, host = shopper.cookie(shops.sports, name) or "", urlsplit(shops.sports).netloc
    found = []
    for number, path in enumerate(addresses(app, "storefront", "POST")):
        # A new address where somebody signs up, and one's own where it would be changed.
        good["email"] = "new@mail.com" if path == "/signup" else "stacy@mail.com"
        good["username"] = "" if path == "/signup" else "stacy@mail.com"
        for turn, field in enumerate(fields_of_forms()):
            client = app.test_client()
            client.set_cookie(name, cookie, domain=host, secure=True)
            with taken_back(services):
                answer = client.post(
                    path,
                    data=good | {field: "a\0b"},
                    headers=own,
                    base_url=shops.sports,
                    # Or most would only be told that they try too often.
                    environ_overrides={"REMOTE_ADDR": f"198.51.{number}.{turn}"},
                )
            if answer.status_code >= 500:
                found.append((path, field, answer.status_code))
    none_of(found)
    assert shopper.session(shops.sports) == 200


def test_no_page_leads_to_a_strangers_host(
    shops: Shops, shopper: ShopperBrowser, app: Flask
) -> None:
    found = []
    for browser in (shopper, ShopperBrowser(app)):
        for turn, path in enumerate(addresses(app, "storefront", "GET")):
            for to in ELSEWHERE[turn % 3 :: 3]:
                answer = browser.client(shops.sports).get(
                    path, query_string=dict.fromkeys(LEADING, to), base_url=shops.sports
                )
                if leads_elsewhere(answer):
                    found.append((path, to, answer.headers.get("Location")))
    for path in ("/login", "/signup", "/logout", "/my-account/sign-out-everywhere"):
        for to in ELSEWHERE:
            answer = ShopperBrowser(app).post(
                f"{shops.sports}{path}", form=dict.fromkeys(LEADING, to), follow=False
            )
            if leads_elsewhere(answer):
                found.append((path, to, answer.headers.get("Location")))
    none_of(found)


def test_a_strangers_host_is_no_shop_and_gets_into_no_page(
    shops: Shops, shopper: ShopperBrowser, app: Flask
) -> None:
    """A forged Host finds no shop; forwarding headers of nobody's proxy are not looked at."""
    found = list[object]()
    for path in addresses(app, "storefront", "GET"):
        if path.endswith((".css", ".svg", ".js")):
            continue
        answer = app.test_client().get(path, base_url=EVIL)
        if answer.status_code != 404 or "evil" in answer.text:
            found.append((path, answer.status_code))
        forwarded = {
            "X-Forwarded-Host": "evil.example",
            "X-Host": "evil.example",
            "Forwarded": "host=evil.example",
            "X-Original-URL": "/admin",
        }
        answer = shopper.client(shops.sports).get(path, headers=forwarded, base_url=shops.sports)
        if "evil" in answer.text + str(answer.headers):
            found.append((path, "forwarded"))
    none_of(found)


def test_a_reset_mail_leads_to_the_sites_own_host_whatever_the_request_said(
    merchant: Merchant, services: Services
) -> None:
    """What the worker will mail stands in the request's row: a host of the site, and no other."""
    sites_have_hosts(merchant)
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    answer = merchant.call(
        "POST",
        "accounts/reset-password",
        {"userName": "stacy@mail.com"},
        site="Mystic Sports",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert answer.status_code == 200
    with services.database.connection() as connection:
        hosts = connection.execute(
            text("SELECT host FROM reset_requests WHERE tenant_id = :tenant_id"),
            {"tenant_id": merchant.tenant_id},
        )
        assert [row.host for row in hosts] == [f"sports.t{merchant.tenant_id}.example"]


def test_a_session_from_before_a_sign_in_is_not_the_one_after(
    shops: Shops, app: Flask, shopper: ShopperBrowser
) -> None:
    """Fixation: whoever planted a cookie, or shows it afterwards, has nobody's session but their own."""
    planted = shopper.cookie(shops.sports, "__Host-authsvc-session")
    assert planted
    shops.merchant.sign_up("victim@mail.com", "Mystic Sports")
    victim = ShopperBrowser(app)
    victim.client(shops.sports).set_cookie(
        "__Host-authsvc-session", planted, domain=urlsplit(shops.sports).netloc, secure=True
    )
    victim.post(f"{shops.sports}/login", username="victim@mail.com", password=PASSWORD)
    after = victim.cookie(shops.sports, "__Host-authsvc-session")
    assert after not in (None, planted)
    # What was shown before the sign-in is over, as ASVS 7.2.4 asks.
    assert shopper.session(shops.sports) == 401


def test_an_anonymous_ticket_does_not_become_its_shoppers(merchant: Merchant) -> None:
    """A ticket that was planted before the sign-in opens nothing after it."""
    planted = merchant.services.login.anonymous(merchant.caller("Mystic Sports"))
    merchant.sign_up("victim@mail.com", "Mystic Sports")
    answer = merchant.call(
        "POST",
        "authtickets",
        {"username": "victim@mail.com", "password": PASSWORD},
        site="Mystic Sports",
        shopper=planted.tokens.access_token,
    )
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["accessToken"] != planted.tokens.access_token
    check = merchant.check(planted.tokens.access_token, "Mystic Sports")
    assert check.status_code == 401 or not (check.json or {}).get("accountId")


def test_a_browsers_cookie_is_proof_to_no_operation_from_another_page(
    shops: Shops, shopper: ShopperBrowser
) -> None:
    """Request forgery against the API: only the check of the session takes a cookie, which changes nothing."""
    taken = set()
    for path, methods in DESCRIPTION["paths"].items():
        for method in methods:
            answer = shopper.client(shops.sports).open(
                re.sub(r"{[a-zA-Z]+}", "1", path),
                method=method.upper(),
                headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
                base_url=shops.sports,
                json={} if method != "get" else None,
            )
            if answer.status_code < 400:
                taken.add(f"{method} {path}")
            # No script of another origin may read an answer, whatever it says.
            assert "Access-Control-Allow-Origin" not in answer.headers
    open_to_all = {"get /.well-known/jwks.json", "get /.well-known/jwks-archive.json"}
    assert taken - open_to_all == {"get /session", "get /healthz", "get /readyz"}
    assert shopper.session(shops.sports) == 200
