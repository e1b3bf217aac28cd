"""Commits that outlast their request are followed on the plan's page, whatever becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from authsvc.app import create_app
from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.undertaking import Undertaking
from authsvc.services import Services
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.admin.plans import PLANS, kids_to_b2b, looking_at, signed_in
from tests.merchants import Merchant
from tests.regrouping.held_commits import DEADLINE_SECONDS, MOVED, Stop, stopping


@contextmanager
def _impatient(services: Services, stop: Stop) -> Iterator[Flask]:
    """Serve pages whose commits wait at `stop`, and that nobody waits for."""
    undertaking = Undertaking(stopping(services, stop.pass_), patience_seconds=0.2)
    try:
        yield create_app(replace(services, undertaking=undertaking))
    finally:
        stop.go_on.set()


def test_a_commit_that_lasts_goes_on_without_the_request_and_is_followed(
    services: Services, merchant: Merchant, user: StaffUser
) -> None:
    plan = services.regrouping.ask(merchant.caller(), [kids_to_b2b(merchant)])
    stop = Stop(MOVED)
    with _impatient(services, stop) as app:
        browser = signed_in(Browser(app), user)
        browser.get(f"{PLANS}/{plan.id}")
        browser.send(f"{PLANS}/{plan.id}/commit", reason="")
        assert stop.reached.wait(DEADLINE_SECONDS)
        # What a large commit notes of itself on the way.
        progress = ProgressStore(services.beside)
        progress.begin(merchant.tenant_id, plan.id, "commit", 1_000_000, services.clock())
        progress.note(merchant.tenant_id, plan.id, 250_000, services.clock())
        text = said(looking_at(browser, f"{PLANS}/{plan.id}"))
        assert "Being carried out: 250,000 of 1,000,000 customers" in text
        assert 'data-refresh="2"' in browser.text
        assert f'<a href="{PLANS}/{plan.id}">Refresh</a>' in browser.text
        assert "http-equiv" not in browser.text
        assert f"{PLANS}/{plan.id}/commit" not in browser.text
        stop.go_on.set()
    with services.database.transaction():
        # Waits for the commit's end.
        services.customer_sets.structure.hold(merchant.tenant_id)
    text = said(looking_at(browser, f"{PLANS}/{plan.id}"))
    assert "Committed." in text
    assert "data-refresh" not in browser.text
    progress.end(merchant.tenant_id, plan.id)


def test_a_commit_whose_process_was_killed_is_said_to_be_broken_off(
    admin: Browser, services: Services, merchant: Merchant
) -> None:
    """What it left of its progress stays; the lock it held does not."""
    plan = services.regrouping.ask(merchant.caller(), [kids_to_b2b(merchant)])
    progress = ProgressStore(services.beside)
    progress.begin(merchant.tenant_id, plan.id, "commit", 1_000_000, services.clock())
    text = said(looking_at(admin, f"{PLANS}/{plan.id}"))
    assert "The last commit was broken off at 20" in text
    assert "so that nothing of it was kept" in text
    admin.send(f"{PLANS}/{plan.id}/commit", reason="")
    assert "Committed." in said(admin)
    progress.end(merchant.tenant_id, plan.id)
