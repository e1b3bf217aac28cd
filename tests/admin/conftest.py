"""Staff and browsers for the tests of the admin pages."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.services import Services
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
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
