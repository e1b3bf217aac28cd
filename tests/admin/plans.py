"""What tests of the plans' pages share: the plan of the document, a customer, and a look at a page."""

from __future__ import annotations

from authsvc.regrouping.rules import AssignSites
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
from tests.merchants import Merchant

PLANS = "/admin/plans"


def signed_in(browser: Browser, user: StaffUser) -> Browser:
    """Sign a staff user in; returns the browser."""
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    return browser


def kids_to_b2b(merchant: Merchant) -> AssignSites:
    """Return the change that takes Mystic Kids to b2b."""
    return AssignSites("b2b", (merchant.site("Mystic Kids"),))


def customer(merchant: Merchant, username: str, site: str) -> int:
    """Sign a customer up; returns the account's id."""
    account = merchant.sign_up(username, site).account
    assert account is not None
    return account.id


def looking_at(browser: Browser, path: str) -> Browser:
    """Open a page; returns the browser, which shows it."""
    browser.get(path)
    return browser
