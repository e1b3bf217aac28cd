"""Rolling a plan back on its page: listed first, refused with what stands against it, and over after seven days."""

from __future__ import annotations

from datetime import timedelta

from authsvc.app import create_app
from authsvc.regrouping.plans import PlanState
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    EditSet,
    MoveCustomers,
)
from authsvc.settings import Settings
from authsvc.staff.rules import StaffUser
from tests.admin.browser import Browser
from tests.admin.pages import said
from tests.admin.plans import PLANS, customer, kids_to_b2b, looking_at, signed_in
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant


def test_a_roll_back_is_listed_first_and_then_done(admin: Browser, merchant: Merchant) -> None:
    stays = customer(merchant, "stays@mail.com", "Mystic Outlet")
    customer(merchant, "goes@mail.com", "Mystic Outlet")
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.at_once(
        caller,
        [
            CreateSet("vip", "Best"),
            MoveCustomers("vip", from_set="default"),
            kids_to_b2b(merchant),
        ],
    )
    regrouping.at_once(caller, [MoveCustomers("b2b", accounts=(stays,))])
    admin.get(f"{PLANS}/{plan.id}")
    assert f'href="{PLANS}/{plan.id}/rollback">Roll back…</a>' in admin.text
    text = said(looking_at(admin, f"{PLANS}/{plan.id}/rollback"))
    assert f"Mystic Kids (site {merchant.site('Mystic Kids')}): b2b → b2c" in text
    assert "1 customer goes back from vip to default" in text
    assert "1 of those who were moved stay where they are" in text
    assert "Customer set vip goes, unless a site or somebody is in it" in text
    admin.send(f"{PLANS}/{plan.id}/rollback")
    assert "Rolled back." in said(admin)
    assert regrouping.plan(merchant.tenant_id, plan.id).state is PlanState.ROLLED_BACK
    # What is rolled back already, or was never committed, has no such page.
    assert looking_at(admin, f"{PLANS}/{plan.id}/rollback").location == f"{PLANS}/{plan.id}"


def test_a_roll_back_that_cannot_be_says_what_stands_against_it(
    admin: Browser, merchant: Merchant
) -> None:
    regrouping, caller = merchant.services.regrouping, merchant.caller()
    plan = regrouping.at_once(caller, [kids_to_b2b(merchant)])
    regrouping.at_once(caller, [AssignSites("default", (merchant.site("Mystic Kids"),))])
    text = said(looking_at(admin, f"{PLANS}/{plan.id}/rollback"))
    assert f"site:{merchant.site('Mystic Kids')} is in default, no longer in b2b." in text
    assert '<button class="danger" disabled' in admin.text
    assert admin.send(f"{PLANS}/{plan.id}/rollback").status_code == 409


def test_after_seven_days_there_is_nothing_to_roll_back(
    settings: Settings, merchant: Merchant, user: StaffUser
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as later:
        plan = later.regrouping.at_once(merchant.caller(), [kids_to_b2b(merchant)])
        clock.pass_time(days=7, seconds=1)
        browser = signed_in(Browser(create_app(later)), user)
        assert "The time for rolling it back is over." in said(
            looking_at(browser, f"{PLANS}/{plan.id}")
        )
        assert "Roll back…" not in browser.text
        assert looking_at(browser, f"{PLANS}/{plan.id}/rollback").location == f"{PLANS}/{plan.id}"


def test_rollback_until_is_seven_days_after_the_commit(merchant: Merchant) -> None:
    plan = merchant.services.regrouping.at_once(merchant.caller(), [EditSet("b2b", "Business")])
    assert plan.committed_at is not None
    assert plan.rollback_until == plan.committed_at + timedelta(days=7)
