"""System › Staff: administrators make staff users and look after them, and after nobody's account but the others'."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import rows, said
from tests.merchants import Merchant
from tests.staff.people import OTHER_PASSWORD, VISIT, enrol, hire, sign_in
from tests.trail import actions, entries

STAFF = "/admin/staff"
ACTIONS = ("role", "password", "second-factor", "sign-out", "lock", "unlock")


@pytest.fixture(name="admin")
def _admin(admin: Browser) -> Browser:
    """The browser of an administrator, at the staff."""
    admin.get(STAFF)
    return admin


@pytest.fixture(name="colleague")
def _colleague(services: Services, merchant: Merchant) -> StaffUser:
    return hire(services, merchant.tenant_id, Role.AUDITOR)


def _shown_password(browser: Browser) -> str:
    found = re.search(r'<p class="secret"><code>([^<]+)</code>', browser.text)
    assert found
    return found[1]


def test_a_staff_user_is_made_with_a_password_shown_once_and_changed_at_once(
    admin: Browser, app: Flask, services: Services, merchant: Merchant
) -> None:
    admin.get(f"{STAFF}/new")
    admin.send(f"{STAFF}/new", username="Bea", role="customer-service")
    password = _shown_password(admin)
    assert "it is not shown again" in said(admin)
    admin.get(STAFF)
    assert rows(admin)["Bea"] == [
        "Customer service",
        "Must choose a password",
        "Must be set up",
        "Never",
    ]
    assert password not in admin.text
    bea = services.staff.users.store.by_username(merchant.tenant_id, "bea")
    assert bea is not None
    browser = Browser(app)
    browser.sign_in(bea, password)
    assert browser.location == "/admin/password"
    browser.send(
        "/admin/password",
        current_password=password,
        new_password=OTHER_PASSWORD,
        repeated_password=OTHER_PASSWORD,
    )
    # The box was ticked on the form that was sent.
    assert browser.location == "/admin/second-factor"
    told = entries(services, merchant.tenant_id, "staff:bea")[0]
    assert told["actor"].startswith("staff:administrator-")
    assert password not in str(told)


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"username": " "}, 400), ({"role": "owner"}, 400), ({"username": "taken"}, 409)],
)
def test_what_cannot_be_is_refused_and_stays_typed(
    admin: Browser, merchant: Merchant, services: Services, typed: dict[str, str], status: int
) -> None:
    services.staff.users.create(merchant.caller(), "taken", Role.AUDITOR)
    admin.get(f"{STAFF}/new")
    form = {"username": "bea", "role": "auditor"} | typed
    form["form_token"] = admin.field(f"{STAFF}/new", "form_token")
    assert admin.post(f"{STAFF}/new", form).status_code == status
    assert 'id="error" role="alert"' in admin.text
    assert f'value="{form["username"]}"' in admin.text


def test_a_colleague_is_looked_after(
    admin: Browser, services: Services, colleague: StaffUser
) -> None:
    token = enrol(services, sign_in(services, colleague)[0])[1]
    page = f"{STAFF}/{colleague.id}"
    admin.get(page)
    admin.send(f"{page}/role", role="customer-service")
    assert "The role is changed." in said(admin)
    assert '<option value="customer-service" selected>' in admin.text
    admin.send(f"{page}/sign-out")
    assert services.staff.sign_in.check(token, VISIT) is None
    admin.send(f"{page}/second-factor")
    assert "Second factor Must be set up" in said(admin)
    admin.send(f"{page}/lock")
    assert "Locked, and signed out everywhere." in said(admin)
    admin.send(f"{page}/unlock")
    admin.send(f"{page}/password")
    assert sign_in(services, colleague, _shown_password(admin))[1].user.must_change_password
    told = actions(services, colleague.tenant_id, colleague.subject)
    assert [name for name in told if name != "staff.signed_in"][-6:] == [
        "staff.role_changed",
        "staff.signed_out_everywhere",
        "staff.second_factor_reset",
        "staff.disabled",
        "staff.enabled",
        "staff.password_changed",
    ]


def test_nobody_looks_after_themselves(admin: Browser, user: StaffUser) -> None:
    """A borrowed session gains nothing, and one administrator always stays."""
    assert f"{user.username} (you)" in rows(admin)
    form = {"form_token": admin.field("/admin/sign-out", "form_token"), "role": "auditor"}
    for action in ACTIONS:
        assert admin.post(f"{STAFF}/{user.id}/{action}", form).status_code == 409
    admin.get(f"{STAFF}/{user.id}")
    assert admin.location == "/admin/account"


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_staff_is_the_administrators(
    services: Services, app: Flask, merchant: Merchant, colleague: StaffUser, role: Role
) -> None:
    browser = Browser(app)
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    assert STAFF not in browser.text
    form = {"form_token": browser.field("/admin/sign-out", "form_token"), "role": "administrator"}
    for path in (STAFF, f"{STAFF}/new", f"{STAFF}/{colleague.id}"):
        assert browser.get(path).status_code == 403
    for path in (f"{STAFF}/new", *(f"{STAFF}/{colleague.id}/{name}" for name in ACTIONS)):
        assert browser.post(path, form).status_code == 403


def test_a_forged_form_and_another_merchants_staff(
    admin: Browser, services: Services, other_merchant: Merchant, colleague: StaffUser
) -> None:
    stranger = hire(services, other_merchant.tenant_id)
    form = {"form_token": admin.field("/admin/sign-out", "form_token"), "role": "auditor"}
    assert admin.get(f"{STAFF}/{stranger.id}").status_code == 404
    for action in ACTIONS:
        assert (
            admin.post(f"{STAFF}/{colleague.id}/{action}", {"role": "auditor"}).status_code == 403
        )
        assert admin.post(f"{STAFF}/{stranger.id}/{action}", form).status_code == 404
