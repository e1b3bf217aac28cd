"""What was done to one customer, entries of the trail and plans together, newest first."""

from __future__ import annotations

from authsvc.listing.paging import Page
from authsvc.regrouping.rules import MoveCustomers
from authsvc.services import Services
from tests.merchants import Merchant


def test_plans_stand_among_the_entries_on_every_page(
    services: Services, merchant: Merchant
) -> None:
    caller = merchant.caller()
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    services.accounts.update(caller, account.id, {"first_name": "Stacy"})
    plan = services.regrouping.at_once(caller, [MoveCustomers("b2b", from_set="b2c")])
    services.accounts.update(caller, account.id, {"last_name": "M."})
    services.regrouping.rollback(caller, plan.id)
    services.accounts.update(caller, account.id, {"last_name": "N."})
    wanted = [
        "account.updated",
        "plan.rolled_back",
        "account.updated",
        "account.moved",
        "account.updated",
        "account.login_created",
        "account.created",
    ]

    def page(start: int, size: int) -> list[str]:
        found, total = services.customer_history.page(
            merchant.tenant_id, account.id, Page(start, size)
        )
        assert total == len(wanted)
        return [entry.action for entry in found]

    for size in range(1, len(wanted) + 1):
        together = [page(start, size) for start in range(0, len(wanted) + 1, size)]
        assert sum(together, []) == wanted  # noqa: RUF017  a handful
    entry = services.customer_history.page(merchant.tenant_id, account.id, Page(3, 1))[0][0]
    assert (entry.plan_id, entry.actor) == (plan.id, "application:tests")
    assert [(c.field, c.old, c.new) for c in entry.changes] == [("customerSet", "b2c", "b2b")]
    assert services.customer_history.page(
        services.customer_sets.create_tenant("Stranger").id, account.id, Page()
    ) == ([], 0)
