"""System › Structure › Customer Sets in Chromium: each step of document [A], in its order, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.shops import Shop

SETS = "/admin/customer-sets"


@pytest.fixture(name="page", params=[True, False], ids=["scripts", "no-scripts"])
def _page(shop: Shop, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An administrator's window, in a browser that runs scripts and in one that does not."""
    page = shop.signed_in(chromium, java_script=request.param)
    yield page
    page.context.close()


def row(page: Page, code: str) -> Locator:
    """Return a set's row of the table."""
    return page.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name=code, exact=True),
    )


def cells(page: Page, code: str) -> list[str]:
    """Return what a set's row says: code, name, default, sites, customers."""
    expect(row(page, code)).to_be_visible()
    said = row(page, code).locator("th, td").all_inner_texts()
    return [" ".join(text.split()) for text in said[:5]]


def choose_sites(page: Page, *names: str) -> None:
    """Open the Sites drop-down and select sites."""
    page.get_by_text("Select sites").click()
    for name in names:
        page.get_by_role("checkbox", name=name).check()


def open_deletion(page: Page, code: str) -> Locator:
    """Click the ellipsis of a set and Delete; returns the dialog."""
    row(page, code).get_by_label(f"Menu of {code}").click()
    row(page, code).get_by_role("button", name="Delete").click()
    return page.get_by_role("dialog")


def test_to_navigate_to_the_customer_sets_menu(page: Page) -> None:
    """[A]: in the left menu, on the "SYSTEM" tab, click "Structure", then click "Customer Sets"."""
    page.goto("/admin/")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_text("System › Structure")).to_be_visible()
    menu.get_by_role("link", name="Customer Sets").click()
    expect(page).to_have_url(f"{page.url.partition('/admin')[0]}{SETS}")
    expect(page.get_by_role("heading", name="Customer Sets", level=1)).to_be_visible()
    expect(menu.get_by_role("link", name="Customer Sets")).to_have_attribute("aria-current", "page")


def test_all_existing_sets_are_listed_as_well_as_a_default_set(page: Page, shop: Shop) -> None:
    """[A]: All existing Sets that have been created will be listed here, as well as a system "Default" set."""
    shop.merchant.sign_up("john@mail.com", "Mystic Sports")
    page.goto(SETS)
    headings = page.get_by_role("columnheader").all_inner_texts()
    assert headings[:5] == ["Code", "Name", "Default", "Sites", "Customers"]
    assert cells(page, "b2b") == [
        "b2b",
        "B2B",
        "N",
        "Mystic Business Mystic Parts Edit the sites of b2b",
        "0",
    ]
    assert cells(page, "b2c")[4] == "1"
    assert cells(page, "default")[:3] == ["default", "default", "Y"]


def test_a_new_site_is_in_the_default_set_and_can_be_reassigned(page: Page, shop: Shop) -> None:
    """[A]: Any new Site … is automatically assigned to this "Default" group, but we can reassign it at any time."""
    shop.merchant.services.customer_sets.create_site(shop.merchant.caller(), "Mystic Garden")
    page.goto(SETS)
    assert "Mystic Garden" in cells(page, "default")[3]
    row(page, "b2c").get_by_role("link", name="Edit the sites of b2c").click()
    expect(page.get_by_role("checkbox", name="Mystic Garden")).to_have_accessible_name(
        "Mystic Garden would leave default"
    )
    page.get_by_role("checkbox", name="Mystic Garden").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    assert "Mystic Garden" in cells(page, "b2c")[3]
    assert shop.structure()["Mystic Garden"] == "b2c"


def test_create_new_customer_set_stands_on_the_top_right(page: Page) -> None:
    """[A]: To create a new "Customer Set", we'll click the "Create New Customer Set" button on the top right."""
    page.goto(SETS)
    button = page.get_by_role("link", name="Create New Customer Set")
    table, place = page.get_by_role("table").bounding_box(), button.bounding_box()
    assert table is not None
    assert place is not None
    assert place["y"] + place["height"] < table["y"]
    assert place["x"] + place["width"] == pytest.approx(table["x"] + table["width"], abs=1)
    button.click()
    expect(page.get_by_role("form", name="New customer set")).to_be_visible()


def test_sets_are_configured_in_line_and_the_code_is_not_editable_once_saved(page: Page) -> None:
    """[A]: Any new or existing Sets are configured or edited "in-line". … Code will not be editable once we save."""
    page.goto(SETS)
    page.get_by_role("link", name="Create New Customer Set").click()
    expect(page.get_by_role("table").get_by_role("form", name="New customer set")).to_be_visible()
    expect(row(page, "b2c")).to_be_visible()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    expect(page.get_by_label("Code", exact=True)).to_have_accessible_description(
        "Cannot be changed once the set is saved."
    )
    page.get_by_label("Code", exact=True).fill("regional")
    page.get_by_label("Name", exact=True).fill("Regional")
    page.get_by_role("button", name="Save").click()
    row(page, "regional").get_by_role("link", name="regional", exact=True).click()
    form = page.get_by_role("form", name="Customer set regional")
    expect(form).to_contain_text("The code never changes.")
    expect(form.get_by_label("Code", exact=True)).to_have_count(0)


def test_a_code_that_is_taken_is_refused_where_it_was_typed(page: Page) -> None:
    """[B]: Enter a unique Code to identify your customer set."""
    page.goto(f"{SETS}?new=1")
    page.get_by_label("Code", exact=True).fill("b2c")
    page.get_by_label("Name", exact=True).fill("Second")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("b2c")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Second")


def test_a_new_set_is_given_a_name_and_sites_which_leave_their_old_set(
    page: Page, shop: Shop
) -> None:
    """[A]: Next, we'll give the new Set a "Name". Then we'll click the "Sites" dropdown and select the Sites.

    …As mentioned earlier, a Site can only belong to one "Customer Set".
    """
    page.goto(f"{SETS}?new=1")
    page.get_by_label("Code", exact=True).fill("regional")
    page.get_by_label("Name", exact=True).fill("Regional")
    expect(page.get_by_role("checkbox", name="Mystic Kids")).to_be_hidden()
    choose_sites(page, "Mystic Kids would leave b2c", "Mystic Outlet would leave default")
    page.get_by_role("button", name="Save").click()
    look = page.get_by_role("dialog")
    expect(look).to_contain_text("Mystic Kids leaves b2c for regional")
    expect(look).to_contain_text("Mystic Outlet leaves default for regional")
    assert shop.structure()["Mystic Kids"] == "b2c"
    look.get_by_role("button", name="Save").click()
    assert cells(page, "regional")[:3] == ["regional", "Regional", "N"]
    assert {"regional", "b2c"} == {
        shop.structure()[name] for name in ("Mystic Kids", "Mystic Sports")
    }
    assert "Mystic Kids" not in cells(page, "b2c")[3]


def test_a_new_set_may_be_made_the_default(page: Page) -> None:
    """[B]: Specify whether you want the customer set to be the default customer set for new customers and sites."""
    page.goto(f"{SETS}?new=1")
    page.get_by_label("Code", exact=True).fill("regional")
    page.get_by_label("Name", exact=True).fill("Regional")
    page.get_by_role("checkbox", name="Default").check()
    page.get_by_role("button", name="Save").click()
    assert cells(page, "regional")[2] == "Y"
    assert cells(page, "default")[2] == "N"


def test_to_make_further_edits_we_click_directly_on_the_set(page: Page) -> None:
    """[A]: This is our new Customer Set. If we need to make any further edits to it, we'll click directly on it."""
    page.goto(SETS)
    row(page, "b2c").get_by_role("link", name="b2c", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Consumers")
    page.get_by_role("button", name="Save").click()
    assert cells(page, "b2c")[1] == "Consumers"
    row(page, "b2c").get_by_role("link", name="b2c", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Not this")
    page.get_by_role("link", name="Cancel").click()
    assert cells(page, "b2c")[1] == "Consumers"


def test_to_assign_a_site_select_the_sites_entry_of_the_row(page: Page, shop: Shop) -> None:
    """[B]: In the applicable Customer Set row, select the Sites entry. … select the applicable sites … Click Save.

    Who would lose access is said before anything changes ([B]: the customers will no longer be able to use their
    login credentials on the reassigned site), and when it will be in force (up to 15 minutes).
    """
    shop.merchant.sign_up("stacy@mail.com", "Mystic Kids")
    page.goto(SETS)
    row(page, "b2b").get_by_role("link", name="Edit the sites of b2b").click()
    page.get_by_role("checkbox", name="Mystic Kids").check()
    page.get_by_role("button", name="Save").click()
    look = page.get_by_role("dialog")
    expect(look).to_contain_text("1 customer will no longer be able to use their login")
    expect(look).to_contain_text("In force everywhere by")
    look.get_by_role("button", name="Save").click()
    assert "Mystic Kids" in cells(page, "b2b")[3]
    expect(page.get_by_role("status").filter(has_text="Customer set b2b is saved.")).to_be_visible()
    page.get_by_role("button", name="Apply now").click()
    expect(page.get_by_role("status").filter(has_text="Applied")).to_be_visible()


def test_to_delete_a_set_click_the_ellipsis_then_delete(page: Page) -> None:
    """[A]: To "Delete" an existing Customer Set, click the "Ellipses" on the far right of the Set, then "Delete"."""
    page.goto(SETS)
    menu = row(page, "b2c").get_by_label("Menu of b2c")
    place, table = menu.bounding_box(), page.get_by_role("table").bounding_box()
    assert place is not None
    assert table is not None
    assert table["x"] + table["width"] - (place["x"] + place["width"]) < place["width"]
    assert menu.inner_text() == "⋯"
    expect(row(page, "b2c").get_by_role("button", name="Delete")).to_be_hidden()
    menu.click()
    row(page, "b2c").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog", name="Delete B2C")).to_be_visible()


def test_a_modal_asks_which_set_takes_customers_and_sites_and_then_deletes(
    page: Page, shop: Shop
) -> None:
    """[A]: a modal window allowing the user to select which existing Customer Set to assign Customers and Sites … to.

    Once we have made that selection, we'll click "Delete".

    [B]: The default customer set is automatically selected by default, but you can select another customer set.
    """
    john = shop.merchant.sign_up("john@mail.com", "Mystic Sports")
    page.goto(SETS)
    modal = open_deletion(page, "b2c")
    successor = modal.get_by_label("Assign its customers and sites to")
    expect(successor).to_have_value("default")
    assert successor.locator("option").all_inner_texts() == [
        "B2B (b2b)",
        "default (default), the default set",
    ]
    successor.select_option("b2b")
    modal.get_by_role("button", name="Show what this would do").click()
    modal = page.get_by_role("dialog")
    expect(modal.get_by_role("heading", name="Into b2b")).to_be_visible()
    assert "b2c" in shop.structure().values()
    modal.get_by_role("button", name="Delete", exact=True).click()
    assert cells(page, "b2b")[4] == "1"
    expect(row(page, "b2c")).to_have_count(0)
    assert shop.structure()["Mystic Sports"] == shop.structure()["Mystic Kids"] == "b2b"
    assert shop.merchant.sign_in("john@mail.com", "Mystic Parts").user_id == john.user_id


def test_a_set_whose_usernames_exist_in_the_other_is_not_deleted(page: Page, shop: Shop) -> None:
    """[B]: you cannot assign more than one of Stacy's accounts to the same customer set."""
    for site in ("Mystic Sports", "Mystic Parts"):
        shop.merchant.sign_up("stacy@mail.com", site)
    page.goto(SETS)
    modal = open_deletion(page, "b2c")
    modal.get_by_label("Assign its customers and sites to").select_option("b2b")
    modal.get_by_role("button", name="Show what this would do").click()
    modal = page.get_by_role("dialog")
    expect(modal).to_contain_text("1 username exists in both sets")
    expect(modal.get_by_role("rowheader", name="stacy@mail.com")).to_be_visible()
    expect(modal.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    modal.get_by_role("link", name="Cancel").click()
    expect(row(page, "b2c")).to_be_visible()


def test_the_default_set_offers_no_deletion(page: Page) -> None:
    """[B]: When you delete an existing customer set that's not the default … (which cannot be)."""
    page.goto(SETS)
    row(page, "default").get_by_label("Menu of default").click()
    expect(row(page, "default")).to_contain_text("The default set cannot be deleted.")
    expect(row(page, "default").get_by_role("button", name="Delete")).to_have_count(0)
