"""What tests of the customer pages share: a browser at a customer and its form filled in."""

from __future__ import annotations

import re
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.merchants import Merchant
from tests.staff.people import hire

CUSTOMERS = "/admin/customers"


def staff_browser(services: Services, app: Flask, merchant: Merchant, role: Role) -> Browser:
    """Return a browser of somebody new of this role, signed in."""
    browser = Browser(app)
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    return browser


def customer_of(merchant: Merchant, email_address: str, site: str, **fields: str) -> int:
    """Sign a customer up and return the account's id."""
    account = merchant.sign_up(email_address, site, **fields).account
    assert account is not None
    return account.id


def number_of(address: str) -> int:
    """Return the account's id."""
    return int(address.rpartition("/")[2])


def inputs(browser: Browser) -> dict[str, str]:
    """Return what stands in the page's fields: texts, hidden ones, ticked boxes and the set that is chosen."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", browser.text):
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if "name" in given and (given.get("type") != "checkbox" or " checked" in tag):
            found[given["name"]] = unescape(given.get("value", ""))
    for name, options in re.findall(
        r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', browser.text, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def save(browser: Browser, path: str, *untick: str, **typed: str) -> TestResponse:
    """Fill the form of the shown page in and press Save; `untick`: boxes to clear."""
    form = {name: value for name, value in inputs(browser).items() if name not in untick}
    return browser.post(path, form | typed)
