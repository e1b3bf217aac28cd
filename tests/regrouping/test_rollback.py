"""A committed plan is rolled back exactly, for a time, and whoever came or went meanwhile is left alone."""

from __future__ import annotations

import pytest

from authsvc.infra.schema import metadata
from authsvc.regrouping.refusals import NotUndoable
from authsvc.regrouping.rules import MakeDefault
from authsvc.regrouping.set_policies import POLICIES
from authsvc.regrouping.sites import SiteChange
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.regrouping.answers import (
    PLANS,
    SETS,
    asked,
    assign,
    can_sign_in,
    commit,
    customer,
    delete,
    differences,
    everything,
    move,
    ok,
    refused,
    roll_back,
    set_of,
    structure,
)
from tests.trail import entries


def test_a_committed_plan_is_rolled_back_exactly(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    set_before = ok(merchant.call("GET", f"{SETS}/b2c"))
    before = everything(merchant)
    plan = asked(
        merchant,
        {"change": "createCustomerSet", "customerSetCode": "regional", "name": "R"},
        {"change": "editCustomerSet", "customerSetCode": "b2b", "name": "Business"},
        {"change": "makeDefault", "customerSetCode": "regional"},
        assign(merchant, "regional", "Mystic Outlet"),
        delete("b2c", "b2b"),
    )
    commit(merchant, plan)
    assert set_of(merchant, john) == "b2b"
    rolled = roll_back(merchant, plan)
    assert rolled["state"] == "rolled_back"
    assert everything(merchant) == before
    assert ok(merchant.call("GET", f"{SETS}/b2c")) == set_before
    assert ok(merchant.call("GET", f"{SETS}/b2b"))["name"] == "B2B"
    assert can_sign_in(merchant, "john@mail.com", "Mystic Kids")
    assert entries(merchant.services, merchant.tenant_id, f"plan:{plan['id']}")[-1]["action"] == (
        "plan.rolled_back"
    )


def test_a_set_that_is_brought_back_asks_what_it_asked(merchant: Merchant) -> None:
    host = f"sports.{merchant.tenant_id}.example"
    merchant.services.sites.change(
        merchant.caller(), merchant.site("Mystic Sports"), SiteChange(hosts=[host])
    )
    asked_of_b2c: dict[str, dict[str, object]] = {
        "emailVerification": {"policy": "required"},
        "passkeys": {"use": "secondFactor", "relyingPartyId": host},
        "passwordPolicy": {
            "minimumLength": 12,
            "minimumDigits": 0,
            "minimumLetters": 0,
            "refusesCommonPasswords": True,
            "refusesSimilarPasswords": True,
        },
        "secondFactor": {"requirement": "always", "isEmailOtpLoginAllowed": True},
    }
    told = {
        policy: ok(merchant.call("PUT", f"{SETS}/b2c/{policy}", body))
        for policy, body in asked_of_b2c.items()
    }
    plan = asked(merchant, delete("b2c", "b2b"))
    commit(merchant, plan)
    roll_back(merchant, plan)
    assert told == {policy: ok(merchant.call("GET", f"{SETS}/b2c/{policy}")) for policy in told}
    assert {table.name for table in POLICIES} == {
        name
        for name, table in metadata.tables.items()
        if [column.name for column in table.primary_key] == ["tenant_id", "customer_set_code"]
    }


def test_customers_who_signed_up_meanwhile_stay_where_they_signed_up(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    plan = asked(merchant, delete("b2c", "b2b"))
    commit(merchant, plan)
    meanwhile = customer(merchant, "meanwhile@mail.com", "Mystic Sports")
    roll_back(merchant, plan)
    assert (set_of(merchant, john), set_of(merchant, meanwhile)) == ("b2c", "b2b")


def test_customers_moved_on_or_deleted_since_are_left_as_they_are(merchant: Merchant) -> None:
    moved_on = customer(merchant, "john@mail.com", "Mystic Sports")
    gone = customer(merchant, "stacy@mail.com", "Mystic Sports")
    plan = asked(merchant, move("b2b", accountIds=[moved_on, gone]))
    commit(merchant, plan)
    ok(merchant.call("PUT", f"accounts/{moved_on}", {"customerSet": "default"}))
    assert merchant.call("DELETE", f"accounts/{gone}").status_code == 204
    roll_back(merchant, plan)
    assert set_of(merchant, moved_on) == "default"


def test_a_set_somebody_signed_up_in_meanwhile_stays(merchant: Merchant) -> None:
    plan = asked(
        merchant,
        {"change": "createCustomerSet", "customerSetCode": "regional", "name": "R"},
        assign(merchant, "regional", "Mystic Kids"),
    )
    commit(merchant, plan)
    customer(merchant, "stacy@mail.com", "Mystic Kids")
    roll_back(merchant, plan)
    assert structure(merchant)["regional"] == set()
    assert structure(merchant)["b2c"] == {"Mystic Sports", "Mystic Kids"}


def test_a_rollback_that_would_clash_is_refused_with_the_list(merchant: Merchant) -> None:
    old = customer(merchant, "john@mail.com", "Mystic Sports")
    plan = asked(merchant, move("b2b", accountIds=[old]))
    commit(merchant, plan)
    new = customer(merchant, "john@mail.com", "Mystic Sports")
    before = everything(merchant)
    error = refused(merchant.call("POST", f"{PLANS}/{plan['id']}/rollback"), 409)
    (item,) = error["items"]
    assert f"account {new} has this username" in item["message"]
    assert everything(merchant) == before


def test_a_rollback_is_refused_when_the_structure_was_changed_again(merchant: Merchant) -> None:
    plan = asked(
        merchant,
        assign(merchant, "b2b", "Mystic Kids"),
        {"change": "makeDefault", "customerSetCode": "b2c"},
        {"change": "editCustomerSet", "customerSetCode": "b2b", "name": "Business"},
    )
    commit(merchant, plan)
    ok(merchant.call("PUT", f"{SETS}/b2b", {"name": "B", "isDefault": True}))
    ok(
        merchant.call(
            "PUT", f"sites/{merchant.site('Mystic Kids')}", {"customerSetCode": "default"}
        )
    )
    ok(merchant.call("DELETE", f"{SETS}/b2c"))
    told = differences(refused(merchant.call("POST", f"{PLANS}/{plan['id']}/rollback"), 409))
    assert "is in default, no longer in b2b" in told
    assert "customer_set:b2b was changed again" in told
    assert "b2b is the default customer set now" in told
    assert "customer_set:b2c was deleted" in told


def test_a_plan_is_rolled_back_once_and_only_if_it_was_committed(merchant: Merchant) -> None:
    plan = asked(merchant, assign(merchant, "b2b", "Mystic Kids"))
    refused(merchant.call("POST", f"{PLANS}/{plan['id']}/rollback"), 409)
    commit(merchant, plan)
    roll_back(merchant, plan)
    refused(merchant.call("POST", f"{PLANS}/{plan['id']}/rollback"), 409)
    refused(merchant.call("POST", f"{PLANS}/{plan['id']}/commit"), 409)


def test_a_plan_cannot_be_rolled_back_after_its_time(
    settings: Settings, merchant: Merchant
) -> None:
    """Setting `rollback_days`: 7 by default."""
    clock = HeldClock()
    with machine(settings, clock) as services:
        caller, changes = merchant.caller(), [MakeDefault("b2c")]
        plan = services.regrouping.at_once(caller, changes)
        clock.pass_time(days=7, seconds=1)
        with pytest.raises(NotUndoable, match="time"):
            services.regrouping.rollback(caller, plan.id)
