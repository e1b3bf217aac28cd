"""The pages by keyboard alone: signing in, and a deletion with its modal window."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.shops import Served, Shop, new_context

SETS = "/admin/customer-sets"
# More than any page here has.
MOST_STOPS = 60


def tab_to(page: Page, role: str, name: str) -> None:
    """Press Tab until the element of that role and name has the focus."""
    wanted = page.locator(f":focus:is({role})").and_(
        page.get_by_role("button", name=name, exact=True)
        .or_(page.get_by_role("link", name=name, exact=True))
        .or_(page.get_by_label(name, exact=True))
    )
    for _ in range(MOST_STOPS):
        if wanted.count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")


def open_modal(page: Page) -> None:
    """Open the deletion of b2c by Enter on its ellipsis, then on Delete."""
    page.goto(SETS)
    tab_to(page, "summary", "Menu of b2c")
    page.keyboard.press("Enter")
    tab_to(page, "button", "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Delete B2C")).to_be_visible()


def test_staff_sign_in_and_decline_a_second_factor(chromium: Browser, served: Served) -> None:
    """The demo's administrator, by the name and password that demo.json tells."""
    administrator = served.demo["staff"][0]
    context = new_context(chromium, served.demo["baseUrl"])
    page = context.new_page()
    page.goto(SETS)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.keyboard.type(administrator["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(administrator["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    tab_to(page, "button", "Not now")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served.demo['baseUrl']}{SETS}")
    again = chromium.new_context(
        base_url=served.demo["baseUrl"], storage_state=context.storage_state()
    ).new_page()
    again.goto(f"{SETS}?new=1")
    expect(again.get_by_role("form", name="New customer set")).to_be_visible()
    again.context.close()
    context.close()


def test_escape_cancels_the_modal(page: Page, shop: Shop) -> None:
    open_modal(page)
    expect(page.get_by_label("Assign its customers and sites to")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{shop.origin}{SETS}")
    assert "b2c" in shop.structure().values()


def test_the_focus_stays_in_the_modal(page: Page) -> None:
    open_modal(page)
    stops = page.get_by_role("dialog").locator("select, input:visible, button, a, summary").count()
    for _ in range(2 * stops):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


def test_enter_in_the_modal_rehearses_and_only_delete_deletes(page: Page, shop: Shop) -> None:
    open_modal(page)
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Assign its customers and sites to")).to_have_value("b2b")
    tab_to(page, "input", "Reason (optional)")
    page.keyboard.type("Closing the shop")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Into b2b")).to_be_visible()
    assert "b2c" in shop.structure().values()
    tab_to(page, "button", "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("b2c")
    assert set(shop.structure().values()) == {"b2b", "default"}
