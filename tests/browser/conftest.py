"""Chromium, a served authsvc, and for each test a merchant and an administrator's window of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import running_chromium
from tests.browser.shops import DATA, Served, Shop, serving
from tests.made_once import MadeOnce, copied


@pytest.fixture(scope="package", name="chromium")
def _chromium() -> Iterator[Browser]:
    """One browser for the whole run; tests keep apart by contexts, which share nothing."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="package", name="served")
def _served(made_once: MadeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the whole run; tests keep apart by merchants."""
    folder = tmp_path_factory.mktemp("browser")
    copied(made_once.migrated, folder / DATA)
    with serving(folder) as served:
        yield served


@pytest.fixture(name="shop")
def _shop(served: Served) -> Shop:
    """A merchant that no other test knows of."""
    return served.new_shop()


@pytest.fixture(name="page")
def _page(shop: Shop, chromium: Browser) -> Iterator[Page]:
    """The window of the merchant's administrator, who has signed in."""
    page = shop.signed_in(chromium)
    yield page
    page.context.close()
