"""Staff sign in at /admin (Flask-Login; Argon2id; TOTP second factor, lockout, session list)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from authsvc.app import create_app
from authsvc.callers import Caller
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, PASSWORD, Telephone, hire
from tests.trail import actions, entries

COOKIE = "__Host-authsvc-staff"
FORM_COOKIE = "__Host-authsvc-staff-form"


def _send(
    browser: Browser, action: str, fields: dict[str, str], headers: dict[str, str]
) -> TestResponse:
    return browser.send(action, follow=True, headers=headers, **fields)


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


def test_guessing_is_told_when_to_try_again(browser: Browser, user: StaffUser) -> None:
    for _ in range(5):
        assert browser.sign_in(user, "Wrong-Password-42").status_code == 401
    answer = browser.sign_in(user)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Too many failed attempts" in browser.text


def test_the_page_one_wanted_comes_after_every_step(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as held:
        user = hire(held, merchant.tenant_id)
        browser = Browser(create_app(held))
        browser.get("/admin/account?done=password")
        assert browser.location == "/admin/sign-in"
        browser.sign_in(user, path="/admin/sign-in?next=%2Fadmin%2Faccount%3Fdone%3Dpassword")
        browser.send("/admin/second-factor/decline")
        assert browser.location == "/admin/account"
        telephone = _set_up(browser, clock)
        browser.get("/admin/account")
        browser.send("/admin/sign-out")
        clock.pass_time(seconds=30)
        browser.sign_in(user, path="/admin/sign-in?next=%2Fadmin%2Faccount")
        assert browser.location == "/admin/code"
        browser.send("/admin/code", code=telephone.code(clock.now()))
        assert browser.location == "/admin/account"


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


def _set_up(browser: Browser, clock: HeldClock) -> Telephone:
    """Set a second factor up through the pages, without a picture: by the secret in text."""
    browser.get("/admin/second-factor")
    browser.send("/admin/second-factor/begin")
    found = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', browser.text)
    assert found
    telephone = Telephone(found[1].replace(" ", ""))
    browser.send("/admin/second-factor/setup", code=telephone.code(clock.now()))
    assert browser.text.count("<li><code>") == 10
    return telephone


def test_a_second_factor_is_set_up_asked_for_and_recovered_from(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as held:
        user = hire(held, merchant.tenant_id)
        browser = Browser(create_app(held))
        browser.sign_in(user)
        browser.send("/admin/second-factor/begin")
        assert "<svg" in browser.text
        assert "style=" not in browser.text
        answer = browser.send("/admin/second-factor/setup", code="000000")
        assert answer.status_code == 400
        assert "This code is not good" in browser.text
        before = browser.cookie(COOKIE)
        telephone = _set_up(browser, clock)
        assert browser.cookie(COOKIE) != before
        codes = re.findall(r"<li><code>([0-9a-f-]+)</code>", browser.text)
        browser.get("/admin/second-factor/setup")
        assert browser.location == "/admin/account"

        browser.get("/admin/account")
        browser.send("/admin/sign-out")
        browser.sign_in(user)
        assert browser.location == "/admin/code"
        # The password alone opens nothing.
        for path in ("/admin/", "/admin/account", "/admin/second-factor", "/admin/sign-in"):
            browser.get(path)
            assert browser.location == "/admin/code"
        assert browser.send("/admin/code", code=telephone.code(clock.now())).status_code == 400
        clock.pass_time(seconds=30)
        pending = browser.cookie(COOKIE)
        browser.send("/admin/code", code=telephone.code(clock.now()))
        assert browser.location == "/admin/"
        assert browser.cookie(COOKIE) != pending

        browser.send("/admin/sign-out")
        browser.sign_in(user)
        browser.send("/admin/code", code=codes[0])
        assert browser.location == "/admin/"
        browser.get("/admin/account")
        assert "9 recovery codes left" in browser.text
        browser.get("/admin/recovery-codes")
        assert browser.send("/admin/recovery-codes", code="000000").status_code == 400
        clock.pass_time(seconds=30)
        browser.send("/admin/recovery-codes", code=telephone.code(clock.now()))
        assert browser.text.count("<li><code>") == 10


def test_where_it_is_required_nothing_goes_before_it(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    clock = HeldClock()
    with machine(settings, clock, staff_second_factor="required") as strict:
        browser = Browser(create_app(strict))
        user = hire(strict, merchant.tenant_id)
        browser.sign_in(user)
        for path in ("/admin/", "/admin/account", "/admin/recovery-codes", "/admin/code"):
            browser.get(path)
            assert browser.location == "/admin/second-factor"
        assert "Not now" not in browser.text
        token = browser.field("/admin/second-factor/begin", "form_token")
        for path in ("/admin/second-factor/decline", "/admin/account/password"):
            browser.post(path, {"form_token": token})
            assert browser.location == "/admin/second-factor"
        _set_up(browser, clock)
        browser.get("/admin/")
        assert browser.location == "/admin/"


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
