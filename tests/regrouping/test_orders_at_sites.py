"""Plans count the orders of the last 30 days at the sites concerned."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.merchants import Merchant
from tests.regrouping.answers import asked, assign, customer, delete, move, ok

BUSY = (
    # (site, days ago, status)
    ("Mystic Sports", 0, "Accepted"),
    ("Mystic Sports", 29, "Cancelled"),
    ("Mystic Sports", 31, "Completed"),
    ("Mystic Kids", 3, "Completed"),
    ("Mystic Parts", 3, "Completed"),
)


def busy(merchant: Merchant) -> int:
    """Place orders on the sites; returns the customer of those in b2c."""
    buyers = {
        "b2c": customer(merchant, "john@mail.com", "Mystic Sports"),
        "b2b": customer(merchant, "buying@bigsports.com", "Mystic Parts"),
    }
    now: datetime = merchant.services.clock()
    for number, (site, days, status) in enumerate(BUSY):
        placed = (now - timedelta(days=days)).isoformat()
        body = {
            "type": "Online",
            "siteId": merchant.site(site),
            "customerAccountId": buyers[merchant.sites[site].customer_set],
            "status": status,
            "total": 10,
            "currencyCode": "USD",
            "submittedDate": placed,
            "updateDate": placed,
        }
        ok(merchant.call("PUT", f"/api/commerce/orders/S-{number}", body))
    return buyers["b2c"]


def test_a_plan_counts_the_orders_of_the_last_30_days_at_the_sites_that_move(
    merchant: Merchant,
) -> None:
    busy(merchant)
    assert asked(merchant, assign(merchant, "b2b", "Mystic Sports"))["orderCount"] == 2
    assert asked(merchant, assign(merchant, "b2c", "Mystic Sports"))["orderCount"] == 0
    assert asked(merchant, delete("b2c", "b2b"))["orderCount"] == 3
    assert (
        asked(merchant, assign(merchant, "default", "Mystic Kids", "Mystic Parts"))["orderCount"]
        == 2
    )


def test_a_plan_counts_them_at_the_sites_that_moved_customers_lose(merchant: Merchant) -> None:
    john = busy(merchant)
    plan = asked(merchant, move("b2b", accountIds=[john]))
    assert plan["orderCount"] == 3
    assert ok(merchant.call("GET", f"plans/{plan['id']}"))["orderCount"] == 3
