"""System › Structure › Plans: who moved this site, when and why; committing, following and rolling back."""

from __future__ import annotations

import pytest
from flask import Flask

from authsvc.admin.plan_pages import LOSSES
from authsvc.app import create_app
from authsvc.regrouping.plans import PlanState
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
)
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.rules import Role, StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import rows, said
from tests.admin.plans import PLANS, customer, kids_to_b2b, looking_at, signed_in
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import hire


def test_who_moved_this_site_when_and_why(admin: Browser, merchant: Merchant) -> None:
    regrouping = merchant.services.regrouping
    regrouping.at_once(merchant.caller(), [kids_to_b2b(merchant)], "New brand")
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
    john = customer(merchant, "john@mail.com", "Mystic Outlet")
    stacy = customer(merchant, "stacy@mail.com", "Mystic Outlet")
    # One by one, then all of a set; a site; and a set that is made.
    regrouping.at_once(caller, [CreateSet("outlet", "Outlet")])
    regrouping.at_once(caller, [MoveCustomers("b2b", accounts=(stacy,))])
    regrouping.at_once(caller, [MoveCustomers("outlet", from_set="b2b")])
    regrouping.ask(caller, [kids_to_b2b(merchant), MoveCustomers("b2b", accounts=(john,))])
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
    assert "Nothing has been changed yet." in said(looking_at(admin, PLANS))
    for at in range(30):
        merchant.services.regrouping.at_once(merchant.caller(), [EditSet("b2b", f"Name {at}")])
    assert "1 to 25 Older" in said(looking_at(admin, PLANS))
    assert "Newer 26 to 30" in said(looking_at(admin, f"{PLANS}?start=25"))


def test_looking_at_a_dialog_leaves_no_trace(admin: Browser, merchant: Merchant) -> None:
    admin.get("/admin/customer-sets")
    for _ in range(2):
        admin.get("/admin/customer-sets")
        admin.send("/admin/customer-sets/set/b2c/delete")
    assert "Nothing has been changed yet." in said(looking_at(admin, PLANS))


def test_a_plan_shows_what_it_would_do_and_commits_with_a_reason(
    admin: Browser, merchant: Merchant
) -> None:
    customer(merchant, "john@mail.com", "Mystic Sports")
    plan = merchant.services.regrouping.ask(
        merchant.caller(),
        [kids_to_b2b(merchant), MakeDefault("b2c"), CreateSet("vip", "Best")],
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
            customer(merchant, f"stacy{at}@mail.com", site)
    plan = merchant.services.regrouping.ask(merchant.caller(), [DeleteSet("b2b", "b2c")])
    said_first = said(looking_at(admin, f"{PLANS}/{plan.id}"))
    assert "12 usernames exist in both sets, so this cannot be committed." in said_first
    assert "1 to 10 of 12" in said_first
    assert "<button disabled" in admin.text
    assert "11 to 12 of 12" in said(looking_at(admin, f"{PLANS}/{plan.id}?clashes=10"))
    moved = merchant.services.regrouping.ask(merchant.caller(), [kids_to_b2b(merchant)])
    assert "1 to 10 of 12" in said(looking_at(admin, f"{PLANS}/{moved.id}"))
    assert "11 to 12 of 12" in said(looking_at(admin, f"{PLANS}/{moved.id}?losses=10"))


def test_a_commit_that_is_refused_shows_what_changed_since(
    admin: Browser, merchant: Merchant
) -> None:
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.ask(caller, [kids_to_b2b(merchant)])
    admin.get(f"{PLANS}/{plan.id}")
    regrouping.at_once(caller, [AssignSites("default", (merchant.site("Mystic Kids"),))])
    assert admin.send(f"{PLANS}/{plan.id}/commit", reason="Now").status_code == 409
    assert "was to change b2c → b2b, would now change default → b2b" in said(admin)
    # Whoever comes later sees it too.
    assert "Not committed at 20" in said(looking_at(admin, f"{PLANS}/{plan.id}"))
    assert "would now change default → b2b" in said(admin)


def test_a_day_old_draft_is_looked_at_again(
    settings: Settings, merchant: Merchant, user: StaffUser
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as later:
        plan = later.regrouping.draft(merchant.caller(), [kids_to_b2b(merchant)])
        browser = signed_in(Browser(create_app(later)), user)
        clock.pass_time(hours=23)
        browser.sign_in(user)
        assert "Nothing is changed yet." in said(looking_at(browser, f"{PLANS}/{plan.id}"))
        clock.pass_time(hours=1)
        browser.sign_in(user)
        looking_at(browser, f"{PLANS}/{plan.id}")
        assert browser.send(f"{PLANS}/{plan.id}/commit", reason="").status_code == 409
        assert "What was looked at is a day old." in said(browser)
        clock.pass_time(hours=24, seconds=1)
        later.regrouping.draft(merchant.caller(), [kids_to_b2b(merchant)])
        assert later.regrouping.plans.plan(merchant.tenant_id, plan.id) is None


@pytest.mark.parametrize("role", [Role.CUSTOMER_SERVICE, Role.AUDITOR])
def test_who_may_not_change_the_structure_sees_plans_and_nothing_to_press(
    services: Services, app: Flask, merchant: Merchant, role: Role
) -> None:
    regrouping, caller = services.regrouping, merchant.caller()
    asked = regrouping.ask(caller, [kids_to_b2b(merchant)])
    committed = regrouping.at_once(caller, [EditSet("b2b", "Business")])
    browser = signed_in(Browser(app), hire(services, merchant.tenant_id, role))
    form = {"form_token": browser.field("/admin/sign-out", "form_token")}
    for plan in (asked, committed):
        text = said(looking_at(browser, f"{PLANS}/{plan.id}"))
        assert "Who and why" in text
        assert "Roll back…" not in text
        for action in ("commit", "rollback"):
            assert f"{PLANS}/{plan.id}/{action}" not in browser.text
            assert browser.post(f"{PLANS}/{plan.id}/{action}", form).status_code == 403
    assert browser.get(f"{PLANS}/{committed.id}/rollback").status_code == 403


def test_a_forged_form_commits_nothing(admin: Browser, merchant: Merchant) -> None:
    plan = merchant.services.regrouping.ask(merchant.caller(), [kids_to_b2b(merchant)])
    for action in ("commit", "rollback"):
        assert admin.post(f"{PLANS}/{plan.id}/{action}", {}).status_code == 403
    kept = merchant.services.regrouping.plan(merchant.tenant_id, plan.id)
    assert kept.state is PlanState.ASKED


def test_another_merchants_plan_is_not_there(admin: Browser, other_merchant: Merchant) -> None:
    plan = other_merchant.services.regrouping.ask(
        other_merchant.caller(), [kids_to_b2b(other_merchant)]
    )
    form = {"form_token": admin.field("/admin/sign-out", "form_token")}
    assert admin.get(f"{PLANS}/{plan.id}").status_code == 404
    assert admin.get(f"{PLANS}/{plan.id}/rollback").status_code == 404
    for action in ("commit", "rollback"):
        assert admin.post(f"{PLANS}/{plan.id}/{action}", form).status_code == 404
