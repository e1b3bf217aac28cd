"""The list of customers where scripts run: results follow the keys, and nothing typed before is shown after."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from authsvc.admin.cookies import SESSION
from tests.browser.shops import Shop
from tests.regrouping.answers import customer, set_of

LIST = "/admin/customers"


@pytest.fixture(name="people")
def _people(shop: Shop) -> dict[str, int]:
    """Customers of two sets, by name."""
    return {
        name: customer(shop.merchant, f"{name}@mail.com", site)
        for name, site in (
            ("ada", "Mystic Sports"),
            ("adam", "Mystic Kids"),
            ("ben", "Mystic Parts"),
        )
    }


@pytest.fixture(name="listed")
def _listed(page: Page, people: dict[str, int]) -> Iterator[Page]:
    """The list, in a window that must not be loaded anew and says nothing in its console."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(LIST)
    page.evaluate("window.isTheSame = true")
    yield page
    assert not complaints


def usernames(page: Page, *names: str) -> None:
    """Wait until the table holds exactly these."""
    expect(page.locator("td[data-label=Username]")).to_have_text(
        [f"{name}@mail.com" for name in names]
    )


def test_results_follow_the_keys_and_so_does_the_address(
    listed: Page, people: dict[str, int]
) -> None:
    """[B]: go to Main > Customers > Customers."""
    listed.get_by_label("Search").press_sequentially("ada")
    usernames(listed, "ada", "adam")
    expect(listed).to_have_url(re.compile(r"/admin/customers\?q=ada$"))
    expect(listed.get_by_role("status")).to_have_text("2 customers")
    expect(listed.get_by_label("Search")).to_be_focused()
    listed.keyboard.type("m")
    usernames(listed, "adam")
    listed.get_by_label("Search").fill(str(people["ben"]))
    usernames(listed, "ben")
    listed.get_by_label("Search").fill("")
    listed.get_by_label("Customer set").select_option("b2c")
    usernames(listed, "ada", "adam")
    listed.get_by_label("Search").fill("nobody")
    expect(listed.get_by_role("status")).to_have_text("No customer is found.")
    assert listed.evaluate("window.isTheSame") is True
    listed.get_by_role("link", name="in all sets, logins and segments").click()
    expect(listed).to_have_url(re.compile(r"/admin/customers\?q=nobody$"))


def test_an_answer_that_comes_late_does_not_replace_a_later_one(listed: Page) -> None:
    held: list[Route] = []
    listed.route("**/admin/customers?q=b", lambda route: held.append(route))  # noqa: PLW0108  it takes functions only
    with listed.expect_request("**/admin/customers?q=b"):
        listed.get_by_label("Search").fill("b")
    listed.get_by_label("Search").fill("adam")
    usernames(listed, "adam")
    for route in held:
        route.continue_()
    listed.get_by_label("Customer set").select_option("b2c")
    expect(listed).to_have_url(re.compile(r"\?q=adam&set=b2c$"))
    usernames(listed, "adam")


def test_the_keyboard_alone_ticks_all_and_moves_them(
    listed: Page, shop: Shop, people: dict[str, int]
) -> None:
    listed.get_by_label("Search").fill("ada")
    usernames(listed, "ada", "adam")
    listed.get_by_label("Tick all on this page").press("Space")
    expect(listed.get_by_text("Those ticked 2")).to_be_visible()
    listed.get_by_label(f"Tick customer {people['ada']}").press("Space")
    expect(listed.get_by_text("Those ticked 1")).to_be_visible()
    listed.get_by_label("Move to").select_option("b2b")
    listed.get_by_label("Move to").press("Tab")
    listed.keyboard.press("Enter")
    expect(listed.get_by_role("heading", name="Move 1 customer to b2b")).to_be_visible()
    listed.get_by_role("button", name="Commit").press("Enter")
    expect(listed.get_by_text("1 customer moved to b2b.")).to_be_visible()
    assert set_of(shop.merchant, people["adam"]) == "b2b"
    assert set_of(shop.merchant, people["ada"]) == "b2c"


def test_who_is_signed_out_meanwhile_gets_to_the_sign_in_page_and_back(
    page: Page, people: dict[str, int]
) -> None:
    page.goto(LIST)
    page.context.clear_cookies(name=SESSION)
    page.get_by_label("Search").fill("ada")
    expect(page).to_have_url(re.compile(r"/admin/sign-in\?next=.*customers%3Fq%3Dada$"))


def test_a_server_that_does_not_answer_is_told_of_and_asked_again(
    page: Page, people: dict[str, int]
) -> None:
    page.goto(LIST)
    page.context.set_offline(offline=True)
    page.get_by_label("Search").fill("ada")
    expect(page.locator("#results")).to_have_text(re.compile("The server did not answer"))
    page.context.set_offline(offline=False)
    page.get_by_label("Search").press("Enter")
    usernames(page, "ada", "adam")


def test_without_scripts_a_search_is_a_button_and_nothing_offers_what_it_cannot(
    shop: Shop, chromium: Browser, people: dict[str, int]
) -> None:
    page = shop.signed_in(chromium, java_script=False)
    page.goto(LIST)
    page.get_by_label("Search").fill("ada")
    page.get_by_role("button", name="Search").click()
    usernames(page, "ada", "adam")
    expect(page.get_by_label("Tick all on this page")).to_be_hidden()
    page.get_by_label("All that match").check()
    page.get_by_label("Move to").select_option("b2b")
    page.get_by_role("button", name="Show what this would do").click()
    expect(
        page.get_by_role("heading", name="Move the customers found by “ada” to b2b")
    ).to_be_visible()
    page.context.close()
