"""One's own account: sessions listed and ended, the password changed, and sessions that are over."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask

from authsvc.app import create_app
from authsvc.callers import Caller
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.rules import StaffUser
from tests.admin.browser import COOKIE, Browser
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, PASSWORD, hire


def test_sessions_are_listed_and_ended(app: Flask, user: StaffUser) -> None:
    one, two, three = Browser(app), Browser(app, address="198.51.100.9"), Browser(app)
    for each in (one, two, three):
        each.sign_in(user)
    one.get("/admin/account")
    assert one.text.count("End this session</button>") == 3
    assert "198.51.100.9" in one.text
    assert one.text.count("(this one)") == 1
    two.get("/admin/account")
    found = re.search(r'name="session" value="([^"]+)"[^%]*', two.text.partition("(this one)")[2])
    assert found
    form = {"form_token": one.field("/admin/sign-out", "form_token"), "session": found[1]}
    one.post("/admin/account/sessions/end", form)
    assert "The session has ended." in one.text
    two.get("/admin/account")
    assert two.location == "/admin/sign-in"
    assert one.post("/admin/account/sessions/end", form).status_code == 404
    assert one.post("/admin/account/sessions/end", form | {"session": "x"}).status_code == 404
    one.get("/admin/account")
    one.send("/admin/account/sessions/end-all")
    assert "You are signed out everywhere." in one.text
    for each in (one, three):
        each.get("/admin/")
        assert each.location == "/admin/sign-in"


def test_ending_ones_own_session_signs_out(browser: Browser, user: StaffUser) -> None:
    browser.sign_in(user)
    browser.get("/admin/account")
    browser.send("/admin/account/sessions/end")
    assert "You are signed out." in browser.text
    assert browser.cookie(COOKIE) is None


def test_the_password_is_changed_by_who_knows_it(app: Flask, user: StaffUser) -> None:
    browser, other = Browser(app), Browser(app)
    for each in (browser, other):
        each.sign_in(user)
    browser.get("/admin/account")

    def change(old: str, new: str, again: str) -> int:
        return browser.send(
            "/admin/account/password",
            current_password=old,
            new_password=new,
            repeated_password=again,
        ).status_code

    assert change("Wrong-Password-42", OTHER_PASSWORD, OTHER_PASSWORD) == 400
    assert "The current password is wrong." in browser.text
    assert change(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD + "x") == 400
    assert "differ" in browser.text
    assert change(PASSWORD, "short", "short") == 400
    assert "Password must be a minimum of 15 characters" in browser.text
    assert change(PASSWORD, OTHER_PASSWORD, OTHER_PASSWORD) == 200
    assert "Your password is changed." in browser.text
    other.get("/admin/")
    assert other.location == "/admin/sign-in"
    assert Browser(app).sign_in(user, OTHER_PASSWORD).status_code == 200


def test_a_disabled_staff_users_next_page_is_the_sign_in(
    browser: Browser, user: StaffUser, services: Services
) -> None:
    browser.sign_in(user)
    services.staff.users.set_active(Caller(user.tenant_id), user.username, active=False)
    browser.get("/admin/account")
    assert browser.location == "/admin/sign-in"


def test_a_session_left_alone_leads_back_to_the_sign_in(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as held:
        browser = Browser(create_app(held))
        browser.sign_in(hire(held, merchant.tenant_id))
        clock.pass_time(seconds=timedelta(minutes=30).total_seconds())
        answer = browser.get("/admin/account", follow=False)
        assert answer.headers["Location"] == "/admin/sign-in?next=%2Fadmin%2Faccount"
