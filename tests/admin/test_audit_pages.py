"""System › Audit trail: found by whom, to whom, what, when and from where, with what was before and after."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from authsvc.admin.audit_pages import ROWS
from authsvc.audit.rules import Change
from authsvc.audit.store import AuditTrail
from authsvc.audit.trail_query import Position
from authsvc.callers import Caller
from authsvc.errors import Invalid
from authsvc.infra.clock import utc_now
from authsvc.services import Services
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.merchants import Merchant
from tests.staff.people import hire


@pytest.fixture(name="auditor")
def _auditor(app: Flask, services: Services, merchant: Merchant) -> Browser:
    return visit(app, hire(services, merchant.tenant_id, Role.AUDITOR))


def visit(app: Flask, user: StaffUser) -> Browser:
    """Return a browser that somebody of the staff has signed in on."""
    browser = Browser(app)
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    return browser


def told(browser: Browser, query: str = "") -> list[str]:
    """Return what was done, as the page lists it."""
    browser.get(f"/admin/audit{query}")
    return re.findall(r'data-label="What">([^<]+)<', browser.text)


def test_a_change_is_told_with_everything_there_is_to_know(
    services: Services, merchant: Merchant, auditor: Browser
) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Kids", first_name="Stacy").account
    assert account is not None
    caller = replace(merchant.caller("Mystic Kids"), remote_address="203.0.113.7")
    services.accounts.update(caller, account.id, {"first_name": "Stacy & <b>"})
    assert told(auditor, f"?whom={account.id}")[0] == "account.updated"
    line = said(auditor)
    for part in (
        "application:tests",
        f"account:{account.id}",
        "203.0.113.7",
        "Mystic Kids",
        "first_name : Stacy → Stacy & <b>",
    ):
        assert part in line
    assert f'href="/admin/customers/{account.id}"' in auditor.text


def test_each_filter_narrows_what_is_found(
    app: Flask, services: Services, merchant: Merchant
) -> None:
    anna = hire(services, merchant.tenant_id, Role.ADMINISTRATOR)
    browser = visit(app, anna)
    trail, tenant_id, now = services.trail, merchant.tenant_id, utc_now()
    staff = Caller(tenant_id, staff=anna.username_key, remote_address="198.51.100.7")
    trail.note(staff, "test.one", "site:1", [Change("limit", 1, [2, 3])])
    trail.note(replace(staff, remote_address="198.51.100.77"), "test.two", "account:7")
    trail.note(Caller(tenant_id, application="shop"), "test.three", "account:7")
    assert told(browser, f"?who={anna.username}")[:2] == ["test.two", "test.one"]
    assert told(browser, "?who=application:shop") == ["test.three"]
    assert told(browser, "?whom=7") == ["test.three", "test.two"]
    assert told(browser, "?whom=site:1&what=test.one") == ["test.one"]
    assert "limit : 1 → [2,3]" in said(browser)
    assert told(browser, "?from=198.51.100.7") == ["test.one"]
    assert told(browser, "?from=198.51.100.") == ["test.two", "test.one"]
    assert told(browser, "?from=198.51.100") == []
    soon = (now + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M")
    past = (now - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M")
    assert "test.three" in told(browser, f"?since={past}&until={soon}")
    assert told(browser, f"?since={soon}") == []
    assert told(browser, f"?until={past}&what=test.one") == []
    assert "No entry is found" in said(browser)
    assert '<option value="test.three">' in browser.text


def test_pages_follow_each_other_without_a_gap_or_a_repetition(
    services: Services, merchant: Merchant, auditor: Browser
) -> None:
    """Also where many entries were made at one moment, as when many customers were moved."""
    moment = utc_now()
    trail = AuditTrail(services.database, lambda: moment)
    for number in range(2 * ROWS + 3):
        trail.note(merchant.caller(), "test.many", f"account:{number}")
    address: str | None = "/admin/audit?what=test.many"
    seen: list[tuple[str, str]] = []
    while address:
        auditor.get(address)
        seen += re.findall(
            r'data-label="To whom"><a[^>]*>account:(\d+)<|>account:(0)<', auditor.text
        )
        older = re.search(r'<a href="([^"]+)">Older</a>', auditor.text)
        address = older[1].replace("&amp;", "&") if older else None
    numbers = [int(one or other) for one, other in seen]
    assert numbers == list(reversed(range(2 * ROWS + 3)))


def test_a_moment_or_a_page_that_is_none_is_refused_in_a_sentence(auditor: Browser) -> None:
    assert auditor.get("/admin/audit?since=yesterday").status_code == 400
    assert "Give a day and a time" in said(auditor)
    assert auditor.get("/admin/audit?cursor=7").status_code == 400
    for text in ("", "x-1", "20261122T000000.000000-x", "20261122T000000.000000-" + "9" * 19):
        with pytest.raises(Invalid):
            Position.of(text)


def test_customer_service_does_not_look_over_shoulders(
    app: Flask, services: Services, merchant: Merchant
) -> None:
    browser = visit(app, hire(services, merchant.tenant_id, Role.CUSTOMER_SERVICE))
    assert browser.get("/admin/audit").status_code == 403
    browser.get("/admin/")
    assert "/admin/audit" not in browser.text


def test_another_tenants_trail_is_nobodys_business(
    app: Flask, services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    services.trail.note(merchant.caller(), "test.own", "account:7")
    stranger = visit(app, hire(services, other_merchant.tenant_id, Role.AUDITOR))
    assert told(stranger, "?whom=7") == []
    assert "test.own" not in told(stranger)
