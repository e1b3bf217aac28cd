"""What holds for every admin page: closed by default, strict policy, small, and clean when something goes wrong."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from pydantic import SecretStr

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import Access, AdminPages, NavigationEntry
from authsvc.admin.routes import install_admin_pages
from authsvc.admin.tenant_of_host import HostTenants
from authsvc.app import create_app
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError
from authsvc.services import Services, connect_services
from authsvc.settings import Settings
from authsvc.staff.rules import BEHAVIORS, Role, StaffUser
from authsvc.web.flask_app import new_flask_app
from authsvc.web.parsing import LARGEST_BODY_BYTES
from tests.admin.browser import Browser
from tests.machines import NOWHERE, machine
from tests.merchants import Merchant
from tests.staff.people import hire


def create_app_with_pages(services: Services) -> Flask:
    """Return an application with one more admin page for each behavior."""
    app = new_flask_app()
    pages = install_admin_pages(
        app, services.staff, HostTenants(services.customer_sets, services.directory)
    )
    for behavior in Behavior:
        _add_page(pages, behavior)
    app.register_blueprint(pages.blueprint)
    return app


def _add_page(pages: AdminPages, behavior: Behavior) -> None:
    path = f"/sample-{behavior.value}"
    pages.navigation.append(NavigationEntry("System", "Sample", f"/admin{path}", behavior))

    def look(visitor: Visitor) -> str:
        return visitor.session.user.username

    for declare, verb in ((pages.get, "look"), (pages.post, "act")):
        look.__name__ = f"{verb}_{behavior.name}"
        declare(path, requires=Requires(behavior))(look)


OPEN_TO_ANYBODY = {
    "/admin/sign-in",
    "/admin/style.css",
    "/admin/admin.js",
    "/admin/icon.svg",
    "/admin/password_strength.js",
}
PAGE_LIMIT_BYTES = 100_000


def _rules(app: Flask, method: str) -> list[str]:
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/admin")
        and rule.endpoint != "admin.missing"
        and method in (rule.methods or ())
    ]


def test_every_page_is_closed_unless_it_says_otherwise(app: Flask) -> None:
    for method in ("GET", "POST"):
        for rule in set(_rules(app, method)) - OPEN_TO_ANYBODY:
            path = re.sub(r"<int:\w+>", "1", rule)
            answer = app.test_client().open(path, method=method, base_url="https://localhost")
            assert (answer.status_code, answer.location.partition("?")[0]) == (
                303,
                "/admin/sign-in",
            )


def test_every_page_is_small_strict_and_from_this_host(
    app: Flask, browser: Browser, user: StaffUser
) -> None:
    files = [app.test_client().get(f"/admin/{name}") for name in ("style.css", "admin.js")]
    for file in files:
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    pages = [browser.get("/admin/sign-in")]
    browser.sign_in(user)
    pages.append(browser.send("/admin/second-factor/begin"))
    pages += [
        browser.get(path)
        for path in ("/admin/", "/admin/account", "/admin/second-factor", "/admin/nowhere")
    ]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self';" in policy
        assert "unsafe" not in policy
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert page.headers["Cache-Control"] == "no-store"
        assert len(page.data) + sum(len(file.data) for file in files) < PAGE_LIMIT_BYTES
        assert not re.search(
            r"<script(?! type=\"module\" src=)|<style|\sstyle=|\son[a-z]+=", page.text
        )
        assert not re.findall(r'(?:src|href|action)="(?!/admin|#|otpauth:)[^"]*"', page.text)
        assert re.search(r'<html lang="en">.*<title>.+</title>.*<h1>', page.text, re.DOTALL)
        for field in re.findall(r'<input id="([^"]+)"', page.text):
            assert f'<label for="{field}">' in page.text


def test_an_address_that_is_not_there_is_a_page(browser: Browser) -> None:
    answer = browser.get("/admin/customers/../nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "There is no page at this address." in browser.text


@pytest.mark.parametrize(
    "failure", [RuntimeError("a bug's own words"), AuthsvcError("a kind of no kind")]
)
def test_a_bug_is_a_page_that_tells_only_where_to_ask(
    services: Services, failure: Exception
) -> None:
    app = new_flask_app()
    pages = install_admin_pages(
        app, services.staff, HostTenants(services.customer_sets, services.directory)
    )

    @pages.get("/broken", Access.ANYBODY)
    def broken(visitor: Visitor) -> str:
        raise failure

    app.register_blueprint(pages.blueprint)
    answer = app.test_client().get("/admin/broken", base_url="https://localhost")
    assert answer.status_code == 500
    assert answer.headers["x-vol-correlation"] in answer.text
    assert str(failure) not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_form_that_is_too_large_is_refused_as_a_page(browser: Browser) -> None:
    browser.get("/admin/sign-in")
    answer = browser.send("/admin/sign-in", username="x" * (LARGEST_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"].startswith("text/html")


def test_without_a_database_the_page_says_so(settings: Settings) -> None:
    nowhere = SecretStr("postgresql+psycopg://nobody@127.0.0.1:1/none")
    broken = connect_services(settings.model_copy(update={"database_url": nowhere}))
    try:
        client = create_app(broken).test_client()
        client.set_cookie(
            "__Host-authsvc-staff", "1001t~" + "A" * 43, domain="localhost", secure=True
        )
        answer = client.get("/admin/", base_url="https://localhost")
    finally:
        broken.close()
    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("text/html")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_valkey_staff_sign_in(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    with machine(settings, valkey_url=NOWHERE) as lonely:
        browser = Browser(create_app(lonely))
        browser.sign_in(hire(lonely, merchant.tenant_id))
        assert browser.location == "/admin/second-factor"


def test_a_cookie_of_flask_logins_own_is_not_looked_at(browser: Browser, user: StaffUser) -> None:
    """Flask-Login asks for a secret key when a browser sends it one of its own cookies; there is none."""
    browser.sign_in(user)
    for name in ("remember_token", "session"):
        browser.client.set_cookie(name, "1|x", domain="localhost")
    assert browser.get("/admin/second-factor").status_code == 200


@pytest.mark.parametrize("role", Role)
def test_a_page_is_for_roles_that_may_use_it_and_nobody_else_is_led_to_it(
    services: Services, merchant: Merchant, role: Role
) -> None:
    browser = Browser(create_app_with_pages(services))
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    form = {"form_token": browser.field("/admin/sign-out", "form_token")}
    home = browser.text
    for behavior in Behavior:
        page = f"/admin/sample-{behavior.value}"
        may = behavior in BEHAVIORS[role]
        assert (f'href="{page}"' in home) is may, behavior
        assert browser.get(page).status_code == (200 if may else 403), behavior
        assert browser.post(page, form).status_code == (200 if may else 403), behavior
