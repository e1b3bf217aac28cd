"""Staff sign in at /admin by name and password (Flask-Login; Argon2id), and are led to where they wanted."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.services import Services
from authsvc.staff.rules import StaffUser
from tests.admin.browser import COOKIE, Browser
from tests.merchants import Merchant
from tests.staff.people import PASSWORD
from tests.trail import actions, entries


def _decline(browser: Browser) -> None:
    browser.send("/admin/second-factor/decline")


def test_a_sign_in_offers_a_second_factor_once_and_leads_home(
    browser: Browser, user: StaffUser, services: Services
) -> None:
    browser.get("/admin")
    assert browser.location == "/admin/sign-in"
    browser.sign_in(user)
    assert browser.location == "/admin/second-factor"
    _decline(browser)
    assert browser.location == "/admin/"
    assert f"Welcome, {user.username}" in browser.text
    browser.send("/admin/sign-out")
    assert "You are signed out." in browser.text
    browser.sign_in(user)
    assert browser.location == "/admin/"
    told = actions(services, user.tenant_id, user.subject)
    assert told[1:] == [
        "staff.signed_in",
        "staff.second_factor_declined",
        "staff.signed_out",
        "staff.signed_in",
    ]
    assert entries(services, user.tenant_id, user.subject)[1]["remote_address"] == "192.0.2.7"


def test_a_wrong_name_and_a_wrong_password_get_the_same_page(app: Flask, user: StaffUser) -> None:
    pages = set()
    for name, password in (
        (user.username, "Wrong-Password-42"),
        ("nobody", PASSWORD),
        ("x" * 254, ""),
    ):
        browser = Browser(app)
        browser.get("/admin/sign-in")
        answer = browser.send(
            "/admin/sign-in", tenant=str(user.tenant_id), username=name, password=password
        )
        assert answer.status_code == 401
        assert browser.cookie(COOKIE) is None
        text = browser.text.replace(f'value="{name}"', "")
        pages.add(re.sub(r'name="form_token" value="[^"]+"', "", text))
        assert "The username or the password is wrong." in text
        assert 'role="alert"' in text
        assert "<title>Error: " in text
    assert len(pages) == 1


def test_what_was_typed_is_shown_as_text(browser: Browser, user: StaffUser) -> None:
    browser.get("/admin/sign-in")
    browser.send(
        "/admin/sign-in",
        tenant=str(user.tenant_id),
        username='"><script>alert(1)</script>',
        password="secret-that-was-typed",
    )
    assert "<script>" not in browser.text
    assert "secret-that-was-typed" not in browser.text


@pytest.mark.parametrize("tenant", ["", "x", "-1", "٣", "9" * 40, "999999999"])
def test_a_merchant_number_that_is_none_is_refused(
    browser: Browser, user: StaffUser, tenant: str
) -> None:
    browser.get("/admin/sign-in")
    answer = browser.send(
        "/admin/sign-in", tenant=tenant, username=user.username, password=PASSWORD
    )
    assert answer.status_code in (400, 404)
    assert browser.cookie(COOKIE) is None


def test_a_tenants_own_domain_says_which_merchant(
    app: Flask, services: Services, merchant: Merchant, user: StaffUser
) -> None:
    domain = f"t{merchant.tenant_id}.localhost"
    services.customer_sets.set_domain(merchant.tenant_id, domain)
    page = app.test_client().get("/admin/sign-in", base_url=f"https://{domain}").text
    assert 'name="tenant"' not in page
    assert user.username not in page


def test_guessing_is_told_when_to_try_again(browser: Browser, user: StaffUser) -> None:
    for _ in range(5):
        assert browser.sign_in(user, "Wrong-Password-42").status_code == 401
    answer = browser.sign_in(user)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Too many failed attempts" in browser.text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/admin",
        "/\\evil.example",
        "/admin//evil.example",
        "/admin/../login",
        "/administrator",
        "/admin/\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "/admin/" + "a" * 3000,
    ],
)
def test_a_sign_in_leads_to_no_foreign_place(
    browser: Browser, user: StaffUser, services: Services, address: str
) -> None:
    browser.sign_in(user)
    _decline(browser)
    browser.send("/admin/sign-out")
    browser.get("/admin/sign-in")
    answer = browser.send(
        "/admin/sign-in",
        follow=False,
        next=address,
        tenant=str(user.tenant_id),
        username=user.username,
        password=PASSWORD,
    )
    assert answer.headers["Location"] == "/admin/"
