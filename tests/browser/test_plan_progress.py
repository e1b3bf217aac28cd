"""A commit that lasts is followed on its plan's page, by itself where scripts run."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from authsvc.regrouping.progress_store import ProgressStore
from authsvc.regrouping.rules import EditSet
from tests.browser.shops import Shop


def test_the_page_follows_a_commit_to_its_end(page: Page, shop: Shop) -> None:
    merchant, services = shop.merchant, shop.merchant.services
    tenant_id = merchant.tenant_id
    plan = services.regrouping.ask(merchant.caller(), [EditSet("b2b", "Business")])
    progress = ProgressStore(services.beside)
    progress.begin(tenant_id, plan.id, "commit", 1_000_000, services.clock())
    with services.database.transaction():
        # As a commit does, for as long as it lasts.
        services.customer_sets.structure.hold(tenant_id)
        page.goto(f"/admin/plans/{plan.id}")
        expect(page.get_by_text("0 of 1,000,000 customers")).to_be_visible()
        progress.note(tenant_id, plan.id, 250_000, services.clock())
        expect(page.get_by_text("250,000 of 1,000,000 customers")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_attribute("value", "250000")
    progress.end(tenant_id, plan.id)
    services.regrouping.commit(merchant.caller(), plan.id)
    expect(page.get_by_text("It can be rolled back until")).to_be_visible()
