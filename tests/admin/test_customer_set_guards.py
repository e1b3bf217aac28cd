"""Who may not change customer sets sees them and changes nothing; nor does a forged form, or another merchant."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.regrouping.rules import EditSet
from authsvc.services import Services
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customer_sets import SETS, row
from tests.merchants import Merchant
from tests.staff.people import hire


@pytest.fixture(name="admin")
def _admin(admin: Browser) -> Browser:
    """The browser of an administrator, at the customer sets."""
    admin.get(SETS)
    return admin


def _everything(merchant: Merchant) -> list[str]:
    asked = merchant.services.regrouping.ask(merchant.caller(), [EditSet("b2b", "Business")])
    return [
        SETS,
        f"{SETS}/set/b2b",
        f"{SETS}/set/b2b/delete",
        f"{SETS}/set/b2b/delete/commit",
        f"{SETS}/plan/{asked.id}",
    ]


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_who_may_not_change_the_structure_sees_it_and_nothing_to_press(
    services: Services, app: Flask, merchant: Merchant, role: Role
) -> None:
    browser = Browser(app)
    browser.sign_in(hire(services, merchant.tenant_id, role))
    browser.send("/admin/second-factor/decline")
    assert f'<a href="{SETS}">Customer Sets</a>' in browser.text
    browser.get(SETS)
    assert row(browser, "b2c")[1] == "B2C"
    for control in ("Create New", "?edit", "Delete", "⋯"):
        assert control not in browser.text
    form = {
        "form_token": browser.field("/admin/sign-out", "form_token"),
        "code": "x",
        "name": "X",
    }
    for path in _everything(merchant):
        assert browser.post(path, form).status_code == 403
    for path in (f"{SETS}?new=1", f"{SETS}?edit=b2c", *_everything(merchant)[-1:]):
        assert browser.get(path).status_code == 403


def test_a_forged_form_changes_nothing(admin: Browser, merchant: Merchant) -> None:
    admin.get(f"{SETS}?edit=b2b")
    token = admin.field(f"{SETS}/set/b2b", "form_token")
    for path in _everything(merchant):
        assert admin.post(path, {"name": "Forged", "code": "forged"}).status_code == 403
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        answer = admin.post(path, {"form_token": token, "name": "F"}, headers=elsewhere)
        assert answer.status_code == 403
    kept = merchant.services.customer_sets.customer_set(merchant.tenant_id, "b2b")
    assert kept.customer_set.name == "B2B"


def test_another_merchants_sets_and_plans_are_not_there(
    admin: Browser, other_merchant: Merchant
) -> None:
    form = {"form_token": admin.field("/admin/sign-out", "form_token")}
    path = _everything(other_merchant)[-1]
    assert admin.get(path).status_code == 404
    assert admin.post(path, form).status_code == 404
