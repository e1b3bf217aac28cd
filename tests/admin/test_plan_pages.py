"""System › Structure › Plans: who moved this site, when and why; committing, following and rolling back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from authsvc.admin.plan_pages import LOSSES
from authsvc.app import create_app
from authsvc.regrouping.plans import PlanState
from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
)
from authsvc.regrouping.undertaking import Undertaking
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import rows, said
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.regrouping.held_commits import DEADLINE_SECONDS, MOVED, Stop, stopping
from tests.staff.people import hire

PLANS = "/admin/plans"


def _signed_in(browser: Browser, user: StaffUser) -> Browser:
    browser.sign_in(user)
    browser.send("/admin/second-factor/decline")
    return browser


@pytest.fixture(name="admin")
def _admin(browser: Browser, user: StaffUser) -> Browser:
    """An administrator's browser."""
    return _signed_in(browser, user)


def _kids_to_b2b(merchant: Merchant) -> AssignSites:
    return AssignSites("b2b", (merchant.site("Mystic Kids"),))


def _customer(merchant: Merchant, username: str, site: str) -> int:
    account = merchant.sign_up(username, site).account
    assert account is not None
    return account.id


def test_who_moved_this_site_when_and_why(admin: Browser, merchant: Merchant) -> None:
    regrouping = merchant.services.regrouping
    regrouping.at_once(merchant.caller(), [_kids_to_b2b(merchant)], "New brand")
    regrouping.at_once(merchant.caller(), [EditSet("b2c", "Shoppers")], "Clearer")
    admin.get(f"{PLANS}?site={merchant.site('Mystic Kids')}")
    assert "1 plan about Mystic Kids" in said(admin)
    ((name, cells),) = list(rows(admin).items())[1:]
    assert name.startswith("Assign 1 site to b2b")
    assert cells[0] == "Committed"
    assert cells[1].startswith("application:tests 20")
    assert cells[2:] == ["New brand", "1", "0"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4),
        ("?site={kids}", 1),
        ("?site={sports}", 0),
        ("?site=0", 0),
        ("?set=b2b", 3),
        ("?set=B2C", 1),
        ("?set=outlet", 2),
        ("?customer={john}", 1),
        ("?customer={stacy}", 2),
        ("?customer=1", 0),
        ("?who=TESTS", 4),
        ("?who=anna", 0),
        ("?set=outlet&customer={stacy}", 1),
    ],
)
def test_plans_are_found_by_site_set_customer_and_person(
    admin: Browser, merchant: Merchant, query: str, found: int
) -> None:
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    john = _customer(merchant, "john@mail.com", "Mystic Outlet")
    stacy = _customer(merchant, "stacy@mail.com", "Mystic Outlet")
    # One by one, then all of a set; a site; and a set that is made.
    regrouping.at_once(caller, [CreateSet("outlet", "Outlet")])
    regrouping.at_once(caller, [MoveCustomers("b2b", accounts=(stacy,))])
    regrouping.at_once(caller, [MoveCustomers("outlet", from_set="b2b")])
    regrouping.ask(caller, [_kids_to_b2b(merchant), MoveCustomers("b2b", accounts=(john,))])
    named = {
        "kids": merchant.site("Mystic Kids"),
        "sports": merchant.site("Mystic Sports"),
        "john": john,
        "stacy": stacy,
    }
    admin.get(PLANS + query.format(**named))
    assert len(rows(admin)) == (found + 1 if found else 0)
    assert ("No plan is found." in said(admin)) is (found == 0)


def test_the_history_is_paged_newest_first(admin: Browser, merchant: Merchant) -> None:
    assert "Nothing has been changed yet." in said(_at(admin, PLANS))
    for at in range(30):
        merchant.services.regrouping.at_once(merchant.caller(), [EditSet("b2b", f"Name {at}")])
    assert "1 to 25 Older" in said(_at(admin, PLANS))
    assert "Newer 26 to 30" in said(_at(admin, f"{PLANS}?start=25"))


def _at(browser: Browser, path: str) -> Browser:
    browser.get(path)
    return browser


def test_looking_at_a_dialog_leaves_no_trace(admin: Browser, merchant: Merchant) -> None:
    admin.get("/admin/customer-sets")
    for _ in range(2):
        admin.get("/admin/customer-sets")
        admin.send("/admin/customer-sets/set/b2c/delete")
    assert "Nothing has been changed yet." in said(_at(admin, PLANS))


def test_a_plan_shows_what_it_would_do_and_commits_with_a_reason(
    admin: Browser, merchant: Merchant
) -> None:
    _customer(merchant, "john@mail.com", "Mystic Sports")
    plan = merchant.services.regrouping.ask(
        merchant.caller(),
        [_kids_to_b2b(merchant), MakeDefault("b2c"), CreateSet("vip", "Best")],
        "Asked",
    )
    admin.get(f"{PLANS}/{plan.id}")
    assert "Assign 1 site to b2b, and 2 changes more" in said(admin)
    assert "Nothing is changed yet." in said(admin)
    assert "1 on Mystic Kids" in said(admin)
    assert rows(admin)[f"Mystic Kids (site {merchant.site('Mystic Kids')})"] == ["b2c", "b2b"]
    assert rows(admin)["Default set"] == ["default", "b2c"]
    assert rows(admin)["Customer set vip"] == ["none", "Best"]
    assert "What cannot be undone" in said(admin)
    admin.send(f"{PLANS}/{plan.id}/commit", reason="Decided")
    assert admin.location == f"{PLANS}/{plan.id}"
    assert "In force everywhere by " in said(admin)
    assert "It can be rolled back until " in said(admin)
    kept = merchant.services.regrouping.plan(merchant.tenant_id, plan.id)
    assert (kept.state, kept.reason) == (PlanState.COMMITTED, "Decided")
    assert kept.committed_by is not None
    assert kept.committed_by.startswith("staff:administrator-")


def test_clashes_and_losses_are_paged(admin: Browser, merchant: Merchant) -> None:
    for at in range(LOSSES + 2):
        for site in ("Mystic Sports", "Mystic Parts"):
            _customer(merchant, f"stacy{at}@mail.com", site)
    plan = merchant.services.regrouping.ask(merchant.caller(), [DeleteSet("b2b", "b2c")])
    said_first = said(_at(admin, f"{PLANS}/{plan.id}"))
    assert "12 usernames exist in both sets, so this cannot be committed." in said_first
    assert "1 to 10 of 12" in said_first
    assert "<button disabled" in admin.text
    assert "11 to 12 of 12" in said(_at(admin, f"{PLANS}/{plan.id}?clashes=10"))
    moved = merchant.services.regrouping.ask(merchant.caller(), [_kids_to_b2b(merchant)])
    assert "1 to 10 of 12" in said(_at(admin, f"{PLANS}/{moved.id}"))
    assert "11 to 12 of 12" in said(_at(admin, f"{PLANS}/{moved.id}?losses=10"))


def test_a_commit_that_is_refused_shows_what_changed_since(
    admin: Browser, merchant: Merchant
) -> None:
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.ask(caller, [_kids_to_b2b(merchant)])
    admin.get(f"{PLANS}/{plan.id}")
    regrouping.at_once(caller, [AssignSites("default", (merchant.site("Mystic Kids"),))])
    assert admin.send(f"{PLANS}/{plan.id}/commit", reason="Now").status_code == 409
    assert "was to change b2c → b2b, would now change default → b2b" in said(admin)
    # Whoever comes later sees it too.
    assert "Not committed at 20" in said(_at(admin, f"{PLANS}/{plan.id}"))
    assert "would now change default → b2b" in said(admin)


def test_a_roll_back_is_listed_first_and_then_done(admin: Browser, merchant: Merchant) -> None:
    stays = _customer(merchant, "stays@mail.com", "Mystic Outlet")
    _customer(merchant, "goes@mail.com", "Mystic Outlet")
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.at_once(
        caller,
        [
            CreateSet("vip", "Best"),
            MoveCustomers("vip", from_set="default"),
            _kids_to_b2b(merchant),
        ],
    )
    regrouping.at_once(caller, [MoveCustomers("b2b", accounts=(stays,))])
    admin.get(f"{PLANS}/{plan.id}")
    assert f'href="{PLANS}/{plan.id}/rollback">Roll back…</a>' in admin.text
    text = said(_at(admin, f"{PLANS}/{plan.id}/rollback"))
    assert f"Mystic Kids (site {merchant.site('Mystic Kids')}): b2b → b2c" in text
    assert "1 customer goes back from vip to default" in text
    assert "1 of those who were moved stay where they are" in text
    assert "Customer set vip goes, unless a site or somebody is in it" in text
    admin.send(f"{PLANS}/{plan.id}/rollback")
    assert "Rolled back." in said(admin)
    assert regrouping.plan(merchant.tenant_id, plan.id).state is PlanState.ROLLED_BACK
    # What is rolled back already, or was never committed, has no such page.
    assert _at(admin, f"{PLANS}/{plan.id}/rollback").location == f"{PLANS}/{plan.id}"


def test_a_roll_back_that_cannot_be_says_what_stands_against_it(
    admin: Browser, merchant: Merchant
) -> None:
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.at_once(caller, [_kids_to_b2b(merchant)])
    regrouping.at_once(caller, [AssignSites("default", (merchant.site("Mystic Kids"),))])
    text = said(_at(admin, f"{PLANS}/{plan.id}/rollback"))
    assert f"site:{merchant.site('Mystic Kids')} is in default, no longer in b2b." in text
    assert '<button class="danger" disabled' in admin.text
    assert admin.send(f"{PLANS}/{plan.id}/rollback").status_code == 409


def test_after_seven_days_there_is_nothing_to_roll_back(
    settings: Settings, merchant: Merchant, user: StaffUser
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as later:
        plan = later.regrouping.at_once(merchant.caller(), [_kids_to_b2b(merchant)])
        clock.pass_time(days=7, seconds=1)
        browser = _signed_in(Browser(create_app(later)), user)
        assert "The time for rolling it back is over." in said(_at(browser, f"{PLANS}/{plan.id}"))
        assert "Roll back…" not in browser.text
        assert _at(browser, f"{PLANS}/{plan.id}/rollback").location == f"{PLANS}/{plan.id}"


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
    plan = services.regrouping.ask(merchant.caller(), [_kids_to_b2b(merchant)])
    stop = Stop(MOVED)
    with _impatient(services, stop) as app:
        browser = _signed_in(Browser(app), user)
        browser.get(f"{PLANS}/{plan.id}")
        browser.send(f"{PLANS}/{plan.id}/commit", reason="")
        assert stop.reached.wait(DEADLINE_SECONDS)
        # What a large commit notes of itself on the way.
        progress = ProgressStore(services.beside)
        progress.begin(merchant.tenant_id, plan.id, "commit", 1_000_000, services.clock())
        progress.note(merchant.tenant_id, plan.id, 250_000, services.clock())
        text = said(_at(browser, f"{PLANS}/{plan.id}"))
        assert "Being carried out: 250,000 of 1,000,000 customers" in text
        assert 'data-refresh="2"' in browser.text
        assert f'<a href="{PLANS}/{plan.id}">Refresh</a>' in browser.text
        assert "http-equiv" not in browser.text
        assert f"{PLANS}/{plan.id}/commit" not in browser.text
        stop.go_on.set()
    with services.database.transaction():
        # Waits for the commit's end.
        services.customer_sets.structure.hold(merchant.tenant_id)
    text = said(_at(browser, f"{PLANS}/{plan.id}"))
    assert "Committed." in text
    assert "data-refresh" not in browser.text
    progress.end(merchant.tenant_id, plan.id)


def test_a_commit_whose_process_was_killed_is_said_to_be_broken_off(
    admin: Browser, services: Services, merchant: Merchant
) -> None:
    """What it left of its progress stays; the lock it held does not."""
    plan = services.regrouping.ask(merchant.caller(), [_kids_to_b2b(merchant)])
    progress = ProgressStore(services.beside)
    progress.begin(merchant.tenant_id, plan.id, "commit", 1_000_000, services.clock())
    text = said(_at(admin, f"{PLANS}/{plan.id}"))
    assert "The last commit was broken off at 20" in text
    assert "so that nothing of it was kept" in text
    admin.send(f"{PLANS}/{plan.id}/commit", reason="")
    assert "Committed." in said(admin)
    progress.end(merchant.tenant_id, plan.id)


def test_a_day_old_draft_is_looked_at_again(
    settings: Settings, merchant: Merchant, user: StaffUser
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as later:
        plan = later.regrouping.draft(merchant.caller(), [_kids_to_b2b(merchant)])
        browser = _signed_in(Browser(create_app(later)), user)
        clock.pass_time(hours=23)
        browser.sign_in(user)
        assert "Nothing is changed yet." in said(_at(browser, f"{PLANS}/{plan.id}"))
        clock.pass_time(hours=1)
        browser.sign_in(user)
        _at(browser, f"{PLANS}/{plan.id}")
        assert browser.send(f"{PLANS}/{plan.id}/commit", reason="").status_code == 409
        assert "What was looked at is a day old." in said(browser)
        clock.pass_time(hours=24, seconds=1)
        later.regrouping.draft(merchant.caller(), [_kids_to_b2b(merchant)])
        assert later.regrouping.plans.plan(merchant.tenant_id, plan.id) is None


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_who_may_not_change_the_structure_sees_plans_and_nothing_to_press(
    services: Services, app: Flask, merchant: Merchant, role: Role
) -> None:
    regrouping, caller = services.regrouping, merchant.caller()
    asked = regrouping.ask(caller, [_kids_to_b2b(merchant)])
    committed = regrouping.at_once(caller, [EditSet("b2b", "Business")])
    browser = _signed_in(Browser(app), hire(services, merchant.tenant_id, role))
    form = {"form_token": browser.field("/admin/sign-out", "form_token")}
    for plan in (asked, committed):
        text = said(_at(browser, f"{PLANS}/{plan.id}"))
        assert "Who and why" in text
        assert "Roll back…" not in text
        for action in ("commit", "rollback"):
            assert f"{PLANS}/{plan.id}/{action}" not in browser.text
            assert browser.post(f"{PLANS}/{plan.id}/{action}", form).status_code == 403
    assert browser.get(f"{PLANS}/{committed.id}/rollback").status_code == 403


def test_a_forged_form_commits_nothing(admin: Browser, merchant: Merchant) -> None:
    plan = merchant.services.regrouping.ask(merchant.caller(), [_kids_to_b2b(merchant)])
    for action in ("commit", "rollback"):
        assert admin.post(f"{PLANS}/{plan.id}/{action}", {}).status_code == 403
    kept = merchant.services.regrouping.plan(merchant.tenant_id, plan.id)
    assert kept.state is PlanState.ASKED


def test_another_merchants_plan_is_not_there(admin: Browser, other_merchant: Merchant) -> None:
    plan = other_merchant.services.regrouping.ask(
        other_merchant.caller(), [_kids_to_b2b(other_merchant)]
    )
    form = {"form_token": admin.field("/admin/sign-out", "form_token")}
    assert admin.get(f"{PLANS}/{plan.id}").status_code == 404
    assert admin.get(f"{PLANS}/{plan.id}/rollback").status_code == 404
    for action in ("commit", "rollback"):
        assert admin.post(f"{PLANS}/{plan.id}/{action}", form).status_code == 404


def test_rollback_until_is_seven_days_after_the_commit(merchant: Merchant) -> None:
    plan = merchant.services.regrouping.at_once(merchant.caller(), [EditSet("b2b", "Business")])
    assert plan.committed_at is not None
    assert plan.rollback_until == plan.committed_at + timedelta(days=7)
