"""Plans: rehearsed without changing anything, committed whole or not at all, rolled back exactly."""

from __future__ import annotations

from authsvc.regrouping.rules import MakeDefault
from tests.merchants import Merchant
from tests.regrouping.answers import (
    PLANS,
    SETS,
    asked,
    assign,
    can_sign_in,
    commit,
    customer,
    default_set,
    delete,
    everything,
    move,
    ok,
    refused,
    set_of,
    structure,
)


def test_asking_for_a_plan_changes_nothing_and_counts_what_it_would_do(merchant: Merchant) -> None:
    customer(merchant, "john@mail.com", "Mystic Sports")
    customer(merchant, "stacy@mail.com", "Mystic Kids")
    customer(merchant, "buying@bigsports.com", "Mystic Parts")
    before = everything(merchant)
    plan = asked(merchant, delete("b2c", "b2b"), reason="One brand")
    assert everything(merchant) == before
    assert (plan["siteCount"], plan["customerCount"], plan["sessionCount"]) == (2, 2, 2)
    assert (plan["clashCount"], plan["losingCustomerCount"]) == (0, 0)
    assert plan["moves"] == [
        {"fromCustomerSetCode": "b2c", "toCustomerSetCode": "b2b", "customerCount": 2}
    ]
    assert (plan["state"], plan["reason"], plan["commitDate"]) == ("asked", "One brand", None)
    assert plan["inForceStructureSeconds"] == 900
    assert any("stay in the set where they signed up" in text for text in plan["cannotBeUndone"])


def test_a_plan_says_who_loses_access_where(merchant: Merchant) -> None:
    """[B]: the customers will no longer be able to use their login credentials on the reassigned site.

    And "will have to create a new customer account for that site", which they can.
    """
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    stacy = customer(merchant, "stacy@mail.com", "Mystic Kids")
    kids = merchant.site("Mystic Kids")
    plan = asked(merchant, assign(merchant, "b2b", "Mystic Kids"))
    assert plan["losingCustomerCount"] == 2
    assert plan["siteLosses"] == [{"siteId": kids, "customerCount": 2}]
    losses = ok(merchant.call("GET", f"{PLANS}/{plan['id']}/losses?pageSize=1&startIndex=1"))
    assert losses["totalCount"] == 2
    (loss,) = losses["items"]
    assert (loss["accountId"], loss["siteIds"]) == (max(john, stacy), [kids])
    commit(merchant, plan)
    assert can_sign_in(merchant, "john@mail.com", "Mystic Sports")
    assert not can_sign_in(merchant, "john@mail.com", "Mystic Kids")
    assert merchant.sign_up("john@mail.com", "Mystic Kids").account is not None


def test_reassigning_the_customers_too_costs_nobody_anything(merchant: Merchant) -> None:
    """[B]: ensure that you also reassign all applicable customer accounts to the same customer set."""
    customer(merchant, "john@mail.com", "Mystic Sports")
    both = [
        assign(merchant, "b2b", "Mystic Sports", "Mystic Kids"),
        move("b2b", fromCustomerSetCode="b2c"),
    ]
    plan = asked(merchant, *both)
    assert plan["losingCustomerCount"] == 0
    commit(merchant, plan)
    for site in ("Mystic Kids", "Mystic Sports", "Mystic Parts"):
        assert can_sign_in(merchant, "john@mail.com", site)


def test_clashes_are_listed_page_by_page_and_keep_a_plan_from_being_committed(
    merchant: Merchant,
) -> None:
    for name in ("ann", "bob", "cleo"):
        for site in ("Mystic Sports", "Mystic Parts"):
            customer(merchant, f"{name}@mail.com", site)
    plan = asked(merchant, delete("b2c", "b2b"))
    assert plan["clashCount"] == 3
    page = ok(merchant.call("GET", f"{PLANS}/{plan['id']}/clashes?pageSize=2"))
    assert (page["totalCount"], page["pageCount"]) == (3, 2)
    assert [clash["userName"] for clash in page["items"]] == ["ann@mail.com", "bob@mail.com"]
    before = everything(merchant)
    error = refused(merchant.call("POST", f"{PLANS}/{plan['id']}/commit"), 409)
    assert len(error["items"]) == 3
    assert everything(merchant) == before


def test_stacys_other_username_moves_freely(merchant: Merchant) -> None:
    """[B]: stacy.test@mail.com and a stacy@mail.com account can be assigned to the same customer set."""
    customer(merchant, "stacy@mail.com", "Mystic Business")
    other = customer(merchant, "stacy.test@mail.com", "Mystic Kids")
    same = customer(merchant, "stacy@mail.com", "Mystic Kids")
    commit(merchant, asked(merchant, move("b2b", accountIds=[other])))
    assert set_of(merchant, other) == "b2b"
    assert asked(merchant, move("b2b", accountIds=[same]))["clashCount"] == 1


def test_customers_are_moved_by_filter(merchant: Merchant) -> None:
    ann = customer(merchant, "ann@shop.example", "Mystic Sports")
    bob = customer(merchant, "bob@mail.com", "Mystic Sports")
    body = {"filter": "emailAddress cont shop.example and customerSet eq b2c", "reason": "Shops"}
    moved = ok(merchant.call("POST", f"{SETS}/b2b/customers", body))
    assert (moved["state"], moved["movedCustomerCount"]) == ("committed", 1)
    assert (set_of(merchant, ann), set_of(merchant, bob)) == ("b2b", "b2c")
    refused(merchant.call("POST", f"{SETS}/b2b/customers", {"filter": "nonsense"}), 400)
    refused(merchant.call("POST", f"{SETS}/b2b/customers", {}), 400)
    refused(merchant.call("POST", f"{SETS}/b2b/customers", {"accountIds": [10**15]}), 404)


def test_several_changes_are_one_plan(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    plan = asked(
        merchant,
        {"change": "createCustomerSet", "customerSetCode": "regional", "name": "Regional"},
        move("regional", fromCustomerSetCode="b2c"),
        assign(merchant, "regional", "Mystic Sports"),
        {"change": "makeDefault", "customerSetCode": "regional"},
        delete("default"),
        delete("b2c"),
    )
    assert plan["losingCustomerCount"] == 0
    commit(merchant, plan)
    assert structure(merchant) == {
        "b2b": {"Mystic Business", "Mystic Parts"},
        "regional": {"Mystic Sports", "Mystic Kids", "Mystic Outlet"},
    }
    assert (default_set(merchant), set_of(merchant, john)) == ("regional", "regional")


def test_whoever_is_moved_on_by_a_later_change_of_the_plan_moves_on(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    plan = asked(
        merchant, move("b2b", accountIds=[john]), move("default", fromCustomerSetCode="b2b")
    )
    assert [m["toCustomerSetCode"] for m in plan["moves"]] == ["default"]
    commit(merchant, plan)
    assert set_of(merchant, john) == "default"


def test_a_plan_moves_whom_filter_and_quick_search_both_find(merchant: Merchant) -> None:
    john, jane = (
        customer(merchant, f"{name}@mail.com", "Mystic Sports") for name in ("john", "jane")
    )
    ok(merchant.call("POST", f"accounts/{john}/set-login-locked", body=True))
    found = asked(merchant, move("b2b", filter="isLocked eq true", q="j"))
    assert (found["customerCount"], found["changes"][0]["q"]) == (1, "j")
    assert asked(merchant, move("b2b", filter="isLocked eq true", q="jane"))["customerCount"] == 0
    assert asked(merchant, move("b2b", q=str(jane)))["customerCount"] == 1
    commit(merchant, found)
    assert (set_of(merchant, john), set_of(merchant, jane)) == ("b2b", "b2c")


def test_plans_are_listed_newest_first_and_belong_to_one_tenant(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    first = asked(merchant, assign(merchant, "b2b", "Mystic Kids"), reason="Why")
    second = asked(merchant, delete("b2c"))
    listed = ok(merchant.call("GET", PLANS))
    assert [plan["id"] for plan in listed["items"]] == [second["id"], first["id"]]
    assert (first["reason"], first["askBy"][:12]) == ("Why", "application:")
    assert ok(other_merchant.call("GET", PLANS))["totalCount"] == 0
    for answer in (
        other_merchant.call("GET", f"{PLANS}/{first['id']}"),
        other_merchant.call("GET", f"{PLANS}/{first['id']}/losses"),
        other_merchant.call("POST", f"{PLANS}/{first['id']}/commit"),
        other_merchant.call("POST", f"{PLANS}/{first['id']}/rollback"),
    ):
        assert answer.status_code == 404


def test_shoppers_and_callers_without_the_behavior_are_refused(merchant: Merchant) -> None:
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    token = ticket.tokens.access_token
    for method, path in (
        ("POST", PLANS),
        ("POST", SETS),
        ("PUT", f"{SETS}/b2c"),
        ("DELETE", f"{SETS}/b2c"),
        ("POST", f"{SETS}/b2c/customers"),
        ("POST", "sites"),
        ("PUT", f"sites/{merchant.site('Mystic Kids')}"),
    ):
        answer = merchant.call(method, path, {}, site="Mystic Sports", shopper=token)
        assert answer.status_code == 403, path


def test_others_see_how_far_a_large_plan_is(merchant: Merchant) -> None:
    services, caller = merchant.services, merchant.caller()
    plan = services.regrouping.ask(caller, [MakeDefault("b2c")])
    progress = services.regrouping.carrying_out.progress
    progress.begin(merchant.tenant_id, plan.id, "commit", 1_000_000, services.clock())
    progress.note(merchant.tenant_id, plan.id, 20_000, services.clock())
    seen = ok(merchant.call("GET", f"{PLANS}/{plan.id}"))["progress"]
    assert (seen["action"], seen["movedCustomerCount"]) == ("commit", 20_000)
    assert seen["expectedCustomerCount"] == 1_000_000
    progress.end(merchant.tenant_id, plan.id)
    assert ok(merchant.call("GET", f"{PLANS}/{plan.id}"))["progress"] is None


def test_customers_know_which_plans_moved_them(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    first = commit(merchant, asked(merchant, delete("b2c", "b2b")))
    second = commit(merchant, asked(merchant, move("default", accountIds=[john])))
    moved = merchant.services.regrouping.moving.moves_of_account(merchant.tenant_id, john)
    assert moved == [(second["id"], "b2b", "default"), (first["id"], "b2c", "b2b")]
