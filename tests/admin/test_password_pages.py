"""A password that somebody gave out is changed at the first sign-in, before anything else."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.callers import Caller
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD

PAGE = "/admin/password"


@pytest.fixture(name="given")
def _given(services: Services, merchant: Merchant) -> tuple[StaffUser, str]:
    """A staff user made as the CLI makes them, and the password that was shown."""
    return services.staff.users.create(
        Caller(merchant.tenant_id), "anna", Role.ADMINISTRATOR, must_change=True
    )


def _choose(browser: Browser, present: str, new: str, again: str | None = None) -> int:
    return browser.send(
        PAGE,
        current_password=present,
        new_password=new,
        repeated_password=new if again is None else again,
    ).status_code


def test_a_given_password_is_changed_before_anything_else(
    browser: Browser, given: tuple[StaffUser, str]
) -> None:
    user, password = given
    browser.sign_in(user, password, path="/admin/sign-in?next=/admin/customer-sets")
    assert browser.location == PAGE
    assert "Somebody gave you the password you signed in with" in said(browser)
    for path in ("/admin/", "/admin/customer-sets", "/admin/account", "/admin/second-factor"):
        browser.get(path)
        assert browser.location == PAGE
    form = {"form_token": browser.field("/admin/sign-out", "form_token"), "code": "x", "name": "X"}
    browser.post("/admin/customer-sets", form)
    assert browser.location == PAGE
    _choose(browser, password, OTHER_PASSWORD)
    assert browser.location == "/admin/second-factor"
    browser.send("/admin/second-factor/decline")
    browser.send("/admin/sign-out")
    browser.sign_in(user, OTHER_PASSWORD)
    assert browser.location == "/admin/"
    # It has done its service.
    browser.get(PAGE)
    assert browser.location == "/admin/"


def test_what_is_no_new_password_is_refused(browser: Browser, given: tuple[StaffUser, str]) -> None:
    user, password = given
    browser.sign_in(user, password)
    assert _choose(browser, "wrong", OTHER_PASSWORD) == 400
    assert "The current password is wrong." in browser.text
    assert _choose(browser, password, password) == 400
    assert "must be another than the present one" in browser.text
    assert _choose(browser, password, OTHER_PASSWORD, "else") == 400
    assert "its repetition differ" in browser.text
    assert _choose(browser, password, "short") == 400
    browser.get("/admin/")
    assert browser.location == PAGE


def test_nobody_else_gets_there_and_a_forged_form_changes_nothing(
    app: Flask, browser: Browser, user: StaffUser, given: tuple[StaffUser, str]
) -> None:
    assert Browser(app).get(PAGE, follow=False).status_code == 303
    browser.sign_in(user)
    assert browser.get(PAGE, follow=False).status_code == 303
    other = Browser(app)
    other.sign_in(*given)
    form = dict.fromkeys(("new_password", "repeated_password"), OTHER_PASSWORD)
    assert other.post(PAGE, form | {"current_password": given[1]}).status_code == 403


def test_a_method_that_a_page_does_not_know_is_answered_with_a_page(
    browser: Browser, user: StaffUser
) -> None:
    browser.sign_in(user)
    for method, path, allowed in (
        ("POST", "/admin/", "GET"),
        ("GET", "/admin/sign-out", "POST"),
        ("DELETE", "/admin/sign-in", "GET, POST"),
    ):
        answer = browser.client.open(path, method=method, base_url="https://localhost")
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "There is nothing to be done this way at this address." in answer.text
    answer = browser.client.post("/admin/nowhere", base_url="https://localhost")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
