"""The second factor on the pages: set up, asked for, required, recovered from."""

from __future__ import annotations

import re

from authsvc.app import create_app
from authsvc.services import Services
from authsvc.settings import Settings
from tests.admin.browser import COOKIE, Browser
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import Telephone, hire


def test_the_page_one_wanted_comes_after_every_step(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as held:
        user = hire(held, merchant.tenant_id)
        browser = Browser(create_app(held))
        browser.get("/admin/account?done=password")
        assert browser.location == "/admin/sign-in"
        browser.sign_in(user, path="/admin/sign-in?next=%2Fadmin%2Faccount%3Fdone%3Dpassword")
        browser.send("/admin/second-factor/decline")
        assert browser.location == "/admin/account"
        telephone = _set_up(browser, clock)
        browser.get("/admin/account")
        browser.send("/admin/sign-out")
        clock.pass_time(seconds=30)
        browser.sign_in(user, path="/admin/sign-in?next=%2Fadmin%2Faccount")
        assert browser.location == "/admin/code"
        browser.send("/admin/code", code=telephone.code(clock.now()))
        assert browser.location == "/admin/account"


def _set_up(browser: Browser, clock: HeldClock) -> Telephone:
    """Set a second factor up through the pages, without a picture: by the secret in text."""
    browser.get("/admin/second-factor")
    browser.send("/admin/second-factor/begin")
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', browser.text)
    assert found
    telephone = Telephone(found[1].replace(" ", ""))
    browser.send("/admin/second-factor/setup", code=telephone.code(clock.now()))
    assert browser.text.count("<li><code>") == 10
    return telephone


def test_a_second_factor_is_set_up_asked_for_and_recovered_from(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as held:
        user = hire(held, merchant.tenant_id)
        browser = Browser(create_app(held))
        browser.sign_in(user)
        browser.send("/admin/second-factor/begin")
        assert "<svg" in browser.text
        assert "style=" not in browser.text
        answer = browser.send("/admin/second-factor/setup", code="000000")
        assert answer.status_code == 400
        assert "This code is not good" in browser.text
        before = browser.cookie(COOKIE)
        telephone = _set_up(browser, clock)
        assert browser.cookie(COOKIE) != before
        codes = re.findall(r"<li><code>([0-9a-f-]+)</code>", browser.text)
        browser.get("/admin/second-factor/setup")
        assert browser.location == "/admin/account"

        browser.get("/admin/account")
        browser.send("/admin/sign-out")
        browser.sign_in(user)
        assert browser.location == "/admin/code"
        # The password alone opens nothing.
        for path in ("/admin/", "/admin/account", "/admin/second-factor", "/admin/sign-in"):
            browser.get(path)
            assert browser.location == "/admin/code"
        assert browser.send("/admin/code", code=telephone.code(clock.now())).status_code == 400
        clock.pass_time(seconds=30)
        pending = browser.cookie(COOKIE)
        browser.send("/admin/code", code=telephone.code(clock.now()))
        assert browser.location == "/admin/"
        assert browser.cookie(COOKIE) != pending

        browser.send("/admin/sign-out")
        browser.sign_in(user)
        browser.send("/admin/code", code=codes[0])
        assert browser.location == "/admin/"
        browser.get("/admin/account")
        assert "9 recovery codes left" in browser.text
        browser.get("/admin/recovery-codes")
        assert browser.send("/admin/recovery-codes", code="000000").status_code == 400
        clock.pass_time(seconds=30)
        browser.send("/admin/recovery-codes", code=telephone.code(clock.now()))
        assert browser.text.count("<li><code>") == 10


def test_where_it_is_required_nothing_goes_before_it(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock, staff_second_factor="required") as strict:
        browser = Browser(create_app(strict))
        user = hire(strict, merchant.tenant_id)
        browser.sign_in(user)
        for path in ("/admin/", "/admin/account", "/admin/recovery-codes", "/admin/code"):
            browser.get(path)
            assert browser.location == "/admin/second-factor"
        assert "Not now" not in browser.text
        token = browser.field("/admin/second-factor/begin", "form_token")
        for path in ("/admin/second-factor/decline", "/admin/account/password"):
            browser.post(path, {"form_token": token})
            assert browser.location == "/admin/second-factor"
        _set_up(browser, clock)
        browser.get("/admin/")
        assert browser.location == "/admin/"
