"""Main › Customers in Chromium: the steps of both documents that tie a customer to a set, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from authsvc.staff.rules import Role
from tests.browser.shops import Shop
from tests.regrouping.answers import customer, set_of


@pytest.fixture(name="page", params=[True, False], ids=["scripts", "no-scripts"])
def _page(shop: Shop, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Customer service's window, in a browser that runs scripts and in one that does not."""
    page = shop.signed_in(chromium, Role.CUSTOMER_SERVICE, java_script=request.param)
    yield page
    page.context.close()


def test_go_to_main_customers_customers_and_click_a_customer_account(
    page: Page, shop: Shop
) -> None:
    """[B]: Go to Main > Customers > Customers. Click a customer account. Under General, …: the drop-down."""
    shop.merchant.sign_up("john@mail.com", "Mystic Sports", first_name="John", last_name="D.")
    page.goto("/admin/")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_text("Main › Customers")).to_be_visible()
    menu.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_role("link", name="John D.").click()
    expect(page.get_by_role("heading", name="General")).to_be_visible()
    expect(page.get_by_label("Customer Set")).to_have_value("b2c")


def test_the_general_section_is_as_the_document_shows_it(page: Page, shop: Shop) -> None:
    """[B]: General: First Name *, Last Name *, Username, Email *, Customer Set. And Additional Settings."""
    john = customer(shop.merchant, "john@mail.com", "Mystic Sports")
    page.goto(f"/admin/customers/{john}")
    expect(page.get_by_role("heading", name="General")).to_be_visible()
    for label in ("First Name", "Last Name", "Username", "Email", "Customer Set", "Tax ID #"):
        expect(page.get_by_label(label, exact=False).first).to_be_visible()
    expect(page.get_by_role("heading", name="Additional Settings")).to_be_visible()
    for label in ("Marketing Messages", "Tax Exempt"):
        expect(page.get_by_role("checkbox", name=label)).not_to_be_checked()


def test_the_customer_set_drop_down_adds_the_customer_to_a_set(page: Page, shop: Shop) -> None:
    """[A]: In the "General" section, we'll click the dropdown under … "Customer Set" …, and select a specific Set.

    [B]: Under General, use the Customer Set drop-down to add the customer to a customer set.
    """
    john = customer(shop.merchant, "john@mail.com", "Mystic Sports")
    page.goto(f"/admin/customers/{john}")
    choice = page.get_by_label("Customer Set")
    expect(choice).to_have_value("b2c")
    assert choice.locator("option").all_inner_texts() == [
        "B2B (b2b)",
        "B2C (b2c)",
        "default (default)",
    ]
    choice.select_option("b2b")
    page.get_by_role("button", name="Save").click()
    modal = page.get_by_role("dialog", name="From b2c to b2b")
    expect(modal).to_contain_text("The customer will no longer be able to sign in on")
    expect(modal).to_contain_text("Mystic Kids")
    assert set_of(shop.merchant, john) == "b2c"
    modal.get_by_role("button", name="Move the customer").click()
    expect(page.get_by_label("Customer Set")).to_have_value("b2b")
    assert set_of(shop.merchant, john) == "b2b"
    assert shop.merchant.sign_in("john@mail.com", "Mystic Parts").account is not None


def test_a_customer_whose_username_is_in_the_set_stays(page: Page, shop: Shop) -> None:
    """[B]: you cannot assign more than one of Stacy's accounts to the same customer set … they share … the username."""
    stacy, other = (
        customer(shop.merchant, "stacy@mail.com", site) for site in ("Mystic Kids", "Mystic Parts")
    )
    page.goto(f"/admin/customers/{stacy}")
    page.get_by_label("Customer Set").select_option("b2b")
    page.get_by_role("button", name="Save").click()
    modal = page.get_by_role("dialog")
    expect(modal).to_contain_text("The username stacy@mail.com exists in b2b already")
    expect(modal.get_by_role("link", name=f"customer {other}")).to_be_visible()
    expect(modal.get_by_role("button", name="Move the customer")).to_be_disabled()
    modal.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Customer Set")).to_have_value("b2c")


def test_a_customer_made_by_a_csr_joins_the_set_of_the_site(page: Page, shop: Shop) -> None:
    """[A]: When either a CSR or a shopper creates a Customer Account, [it] is automatically added to the same … Set.

    The applicable site's set, which the page names before and after.
    """
    page.goto("/admin/customers/new")
    page.get_by_label("Site *", exact=True).select_option(label="Mystic Sports: joins the set b2c")
    for label, text in (("First Name", "Stephanie"), ("Last Name", "S."), ("Email", "s@mail.com")):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Create customer").click()
    expect(page.get_by_role("status").first).to_contain_text("b2c")
    expect(page.get_by_role("heading", name="Stephanie S.")).to_be_visible()
    assert set_of(shop.merchant, int(page.url.rsplit("/", 1)[1].partition("?")[0])) == "b2c"
