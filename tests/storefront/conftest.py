"""A merchant whose sites have hosts, a domain of its own, and a shopper's browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask

from authsvc.app import create_app
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.settings import Settings
from tests.machines import machine
from tests.merchants import Merchant
from tests.storefront.shopper import ShopperBrowser


@dataclass(frozen=True)
class Shops:
    """The origins of a merchant's sites, and of its own domain."""

    merchant: Merchant
    sports: str
    kids: str
    parts: str
    hub: str
    # A page of Mystic Sports that stands elsewhere.
    elsewhere: str


@pytest.fixture(name="shops")
def _shops(services: Services, merchant: Merchant) -> Shops:
    name = uuid4().hex[:8]
    elsewhere = f"https://www.{name}.example"
    origins = {}
    for site in ("sports", "kids", "parts"):
        host = f"{site}.{name}.example"
        registered = [elsewhere] if site == "sports" else []
        services.sites.change(
            merchant.caller(),
            merchant.site(f"Mystic {site.title()}"),
            SiteChange(None, [host], registered),
        )
        origins[site] = f"https://{host}"
    hub = f"accounts.{name}.example"
    services.customer_sets.set_domain(merchant.tenant_id, hub)
    return Shops(merchant, **origins, hub=f"https://{hub}", elsewhere=elsewhere)


@pytest.fixture(name="browser")
def _browser(app: Flask) -> ShopperBrowser:
    """A browser that knows nothing yet."""
    return ShopperBrowser(app)


@pytest.fixture(name="browser_without_mail")
def _browser_without_mail(settings: Settings) -> Iterator[ShopperBrowser]:
    """A browser, at an installation of the same data that sends no mail."""
    with machine(settings, smtp_url=None) as services:
        yield ShopperBrowser(create_app(services))
