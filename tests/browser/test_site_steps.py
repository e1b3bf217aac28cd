"""System › Structure › Sites and Plans in Chromium: a site made and moved, and the move rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.shops import Shop
from tests.regrouping.answers import customer, set_of


@pytest.fixture(name="page", params=[True, False], ids=["scripts", "no-scripts"])
def _page(shop: Shop, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An administrator's window, in a browser that runs scripts and in one that does not."""
    page = shop.signed_in(chromium, java_script=request.param)
    yield page
    page.context.close()


def test_a_new_site_joins_the_default_set(page: Page, shop: Shop) -> None:
    """[B]: When you create a new site, Kibo eCommerce automatically assigns the site to the default customer set."""
    page.goto("/admin/sites")
    page.get_by_role("link", name="Create New Site").click()
    page.get_by_label("Name", exact=True).fill("Mystic Garden")
    expect(page.get_by_label("Customer set", exact=True)).to_have_value("default")
    page.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Mystic Garden")
    expect(row).to_contain_text("default")
    assert shop.structure()["Mystic Garden"] == "default"


def test_a_site_takes_its_customers_along_and_both_come_back(page: Page, shop: Shop) -> None:
    """[B]: If you reassign a site …, ensure that you also reassign all applicable customer accounts to the same … set.

    A committed plan can be rolled back for a set time.
    """
    stacy = customer(shop.merchant, "stacy@mail.com", "Mystic Kids")
    page.goto("/admin/sites")
    page.get_by_role("link", name="Mystic Kids", exact=True).click()
    page.get_by_label("Move to customer set").select_option("b2b")
    page.get_by_role("checkbox", name="Take all customers of b2c along").check()
    page.get_by_label("Reason (optional)").fill("Kids are a business now")
    page.get_by_role("button", name="Show what this would do").click()
    expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    assert set_of(shop.merchant, stacy) == "b2c"
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_text("Committed.", exact=True)).to_be_visible()
    assert (set_of(shop.merchant, stacy), shop.structure()["Mystic Kids"]) == ("b2b", "b2b")

    page.goto("/admin/plans")
    expect(page.get_by_role("cell", name="Kids are a business now")).to_be_visible()
    page.get_by_role("row").nth(1).get_by_role("link").click()
    page.get_by_role("link", name="Roll back…").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("Rolled back.", exact=True)).to_be_visible()
    assert (set_of(shop.merchant, stacy), shop.structure()["Mystic Kids"]) == ("b2c", "b2c")
