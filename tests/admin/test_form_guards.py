"""What another site, another browser and an older session cannot do with the pages' forms and cookies."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authsvc.services import Services
from authsvc.staff.rules import StaffUser
from tests.admin.browser import COOKIE, Browser
from tests.staff.people import PASSWORD

FORM_COOKIE = "__Host-authsvc-staff-form"


def _send(
    browser: Browser, action: str, fields: dict[str, str], headers: dict[str, str]
) -> TestResponse:
    return browser.send(action, follow=True, headers=headers, **fields)


def test_the_cookie_is_out_of_scripts_and_other_hosts_reach(
    browser: Browser, user: StaffUser
) -> None:
    browser.get("/admin/sign-in")
    answer = browser.send(
        "/admin/sign-in",
        follow=False,
        tenant=str(user.tenant_id),
        username=user.username,
        password=PASSWORD,
    )
    (cookie,) = [
        text for text in answer.headers.getlist("Set-Cookie") if text.startswith(f"{COOKIE}=")
    ]
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert browser.cookie(FORM_COOKIE) is None


def test_plain_http_is_for_this_machine_only(app: Flask, user: StaffUser) -> None:
    local = Browser(app, scheme="http")
    local.sign_in(user)
    assert local.cookie("authsvc-staff")
    assert local.location == "/admin/second-factor"
    for host in ("shop.example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.7"):
        refused = app.test_client().get("/admin/sign-in", base_url=f"http://{host}")
        assert refused.status_code == 403
        assert "need https" in refused.text
        assert not refused.headers.getlist("Set-Cookie")
    # By https, the name without the prefix is nobody's session: another host could have planted it.
    client = app.test_client()
    client.set_cookie("authsvc-staff", local.cookie("authsvc-staff") or "", domain="localhost")
    assert client.get("/admin/", base_url="https://localhost").status_code == 303


def test_a_session_from_before_the_sign_in_is_not_the_one_after(
    browser: Browser, user: StaffUser, services: Services
) -> None:
    """Session fixation: what was in the browser before is worth nothing afterwards."""
    browser.get("/admin/sign-in")
    browser.client.set_cookie(
        COOKIE, f"{user.tenant_id}t~" + "A" * 43, domain="localhost", secure=True
    )
    browser.sign_in(user)
    first = browser.cookie(COOKIE)
    assert first
    assert "AAAA" not in first
    # Signing in again over an open session replaces and ends it.
    form = {
        "form_token": browser.field("/admin/second-factor/decline", "form_token"),
        "tenant": str(user.tenant_id),
        "username": user.username,
        "password": PASSWORD,
    }
    browser.post("/admin/sign-in", form)
    second = browser.cookie(COOKIE)
    assert second
    assert second != first
    other = Browser(browser.client.application)
    other.client.set_cookie(COOKIE, first, domain="localhost", secure=True)
    other.get("/admin/")
    assert other.location == "/admin/sign-in"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "x" * 44}, {}),
        ({"form_token": "ungültig"}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_a_forged_form_changes_nothing(
    browser: Browser, user: StaffUser, fields: dict[str, str], headers: dict[str, str]
) -> None:
    browser.get("/admin/sign-in")
    typed = {"tenant": str(user.tenant_id), "username": user.username, "password": PASSWORD}
    answer = _send(browser, "/admin/sign-in", typed | fields, headers)
    assert answer.status_code == 403
    assert browser.cookie(COOKIE) is None
    browser.sign_in(user)
    token = browser.cookie(COOKIE)
    assert _send(browser, "/admin/sign-out", fields, headers).status_code == 403
    browser.get("/admin/second-factor")
    assert browser.cookie(COOKIE) == token
    assert browser.location == "/admin/second-factor"


def test_a_form_of_one_browser_is_worth_nothing_in_another(app: Flask, user: StaffUser) -> None:
    attacker, victim = Browser(app), Browser(app)
    attacker.get("/admin/sign-in")
    stolen = attacker.field("/admin/sign-in", "form_token")
    victim.get("/admin/sign-in")
    assert victim.send("/admin/sign-in", form_token=stolen).status_code == 403
    # Before the form was ever asked for there is nothing it could be bound to.
    assert Browser(app).post("/admin/sign-in", {"form_token": stolen}).status_code == 403
    # And the token from before a sign-in does not serve after it.
    before = victim.get("/admin/sign-in")
    old = victim.field("/admin/sign-in", "form_token")
    assert before.status_code == 200
    victim.sign_in(user)
    assert victim.send("/admin/sign-out", form_token=old).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "audit?who=%00",
        "sites?find=%00",
        "plans?set=%00",
        "customers/1/why?find=%00",
        "customer-sets?edit=%00",
        "customer-sets/set/b%002c/passwords",
    ],
)
def test_what_no_store_can_keep_is_refused_and_no_bug(admin: Browser, address: str) -> None:
    assert admin.get(f"/admin/{address}").status_code == 400
    assert "U+0000" in admin.text


def test_no_page_has_a_bug_for_it_whatever_it_is_asked_by(app: Flask, admin: Browser) -> None:
    """U+0000, for every page in the map and by every name that any page knows, or in a name in its path."""
    names = "account code cursor edit find next plan q reason segment set site start tenant to who"
    query = "&".join(f"{name}=a%00b" for name in names.split())
    pages = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and "GET" in (rule.methods or ())
    ]
    assert len(pages) > 30
    for page in pages:
        numbered = re.sub(r"<int:[a-z_]+>", "1", page)
        for path in (
            f"{re.sub('<[a-z_:]+>', '1', numbered)}?{query}",
            re.sub("<[a-z_:]+>", "b%002c", numbered),
        ):
            assert admin.get(path, follow=False).status_code < 500, path


def test_no_form_is_taken_with_it(browser: Browser, user: StaffUser) -> None:
    browser.get("/admin/sign-in")
    tenant = str(user.tenant_id)
    answer = browser.send("/admin/sign-in", tenant=tenant, username="a\0b", password=PASSWORD)
    assert answer.status_code == 400
    assert "U+0000" in browser.text
