"""Staff and browsers for the tests of the admin pages."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.customers import CUSTOMERS, customer_of, staff_browser
from tests.merchants import Merchant
from tests.staff.people import hire


@pytest.fixture(name="user")
def _user(services: Services, merchant: Merchant) -> StaffUser:
    """A staff user of the merchant."""
    return hire(services, merchant.tenant_id)


@pytest.fixture(name="browser")
def _browser(app: Flask) -> Browser:
    """A browser that nobody has signed in on."""
    return Browser(app)


@pytest.fixture(name="admin")
def _admin(browser: Browser, user: StaffUser) -> Browser:
    """The browser of an administrator."""
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    return browser


@pytest.fixture(name="usha")
def _usha(merchant: Merchant) -> str:
    """The address of the customer that [B] shows."""
    account_id = customer_of(
        merchant,
        "usha_cheruku@mozu.com",
        "Mystic Sports",
        first_name="Usha",
        last_name="Cheruku",
    )
    return f"{CUSTOMERS}/{account_id}"


@pytest.fixture(name="csr")
def _csr(services: Services, app: Flask, merchant: Merchant) -> Browser:
    """The browser of somebody from customer service."""
    return staff_browser(services, app, merchant, Role.CUSTOMER_SERVICE)
