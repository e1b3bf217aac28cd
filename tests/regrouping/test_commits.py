"""Plans are committed whole or not at all, and refused when what they change is no longer what it was."""

from __future__ import annotations

from tests.merchants import Merchant
from tests.regrouping.answers import (
    PLANS,
    SETS,
    asked,
    assign,
    commit,
    customer,
    delete,
    differences,
    everything,
    move,
    ok,
    refused,
    set_of,
)
from tests.trail import actions


def test_a_plan_is_refused_when_a_site_was_moved_meanwhile(merchant: Merchant) -> None:
    plan = asked(merchant, assign(merchant, "b2b", "Mystic Kids"))
    commit(merchant, asked(merchant, assign(merchant, "default", "Mystic Kids")))
    before = everything(merchant)
    error = refused(merchant.call("POST", f"{PLANS}/{plan['id']}/commit"), 409)
    assert "b2c → b2b" in differences(error)
    assert "default → b2b" in differences(error)
    assert everything(merchant) == before


def test_a_plan_is_refused_when_a_clash_came_up_meanwhile(merchant: Merchant) -> None:
    customer(merchant, "stacy@mail.com", "Mystic Kids")
    plan = asked(merchant, delete("b2c", "b2b"))
    assert plan["clashCount"] == 0
    customer(merchant, "stacy@mail.com", "Mystic Parts")
    error = refused(merchant.call("POST", f"{PLANS}/{plan['id']}/commit"), 409)
    assert "stacy@mail.com" in differences(error)


def test_a_plan_is_refused_when_a_set_is_gone_or_a_listed_customer_elsewhere(
    merchant: Merchant,
) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    gone = asked(merchant, move("b2b", accountIds=[john]))
    listed = asked(merchant, move("default", accountIds=[john]))
    found = asked(merchant, move("b2b", filter="userName eq john@mail.com"))
    ok(merchant.call("PUT", f"accounts/{john}", {"customerSet": "b2b"}))
    error = refused(merchant.call("POST", f"{PLANS}/{listed['id']}/commit"), 409)
    assert f"account:{john}: was in b2c, is now in b2b" in differences(error)
    error = refused(merchant.call("POST", f"{PLANS}/{found['id']}/commit"), 409)
    assert "found 1 customers, finds 0 now" in differences(error)
    ok(merchant.call("DELETE", f"{SETS}/b2b"))
    error = refused(merchant.call("POST", f"{PLANS}/{gone['id']}/commit"), 409)
    assert "no customer set" in differences(error)
    refused(merchant.call("GET", f"{PLANS}/{gone['id']}/clashes"), 409)


def test_new_customers_do_not_outdate_a_plan(merchant: Merchant) -> None:
    """Or no plan for a busy site could ever be committed."""
    plan = asked(merchant, delete("b2c", "b2b"))
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    assert commit(merchant, plan)["movedCustomerCount"] == 1
    assert set_of(merchant, john) == "b2b"


def test_committing_again_changes_nothing_more(merchant: Merchant) -> None:
    plan = asked(merchant, assign(merchant, "b2b", "Mystic Kids"))
    first = commit(merchant, plan)
    assert commit(merchant, plan) == first
    assert actions(merchant.services, merchant.tenant_id, f"plan:{plan['id']}") == [
        "plan.asked",
        "plan.committed",
    ]
