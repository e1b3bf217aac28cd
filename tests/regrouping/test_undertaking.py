"""A commit is bound to no request: it goes on when nobody waits, and what became of it is kept with the plan."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from authsvc.regrouping.plans import PlanState
from authsvc.regrouping.refusals import PlanOutdated, UnknownPlan
from authsvc.regrouping.rules import AssignSites, EditSet, MakeDefault
from authsvc.regrouping.undertaking import Undertaking
from authsvc.services import Services
from tests.merchants import Merchant
from tests.regrouping.answers import ok
from tests.regrouping.held_commits import DEADLINE_SECONDS, MOVED, Stop, stopping
from tests.trail import entries


def _kids(merchant: Merchant, code: str = "b2b") -> AssignSites:
    return AssignSites(code, (merchant.site("Mystic Kids"),))


def _ended(plan_id: int) -> None:
    """Wait until a plan's thread is gone."""
    for thread in threading.enumerate():
        if thread.name == f"plan-{plan_id}":
            thread.join(DEADLINE_SECONDS)


def test_a_quick_commit_is_answered_as_committed(services: Services, merchant: Merchant) -> None:
    plan = services.regrouping.ask(merchant.caller(), [_kids(merchant)], "Asked")
    done = services.undertaking.commit(merchant.caller(), plan.id, "Decided")
    assert (done.state, done.reason) == (PlanState.COMMITTED, "Decided")
    told = entries(services, merchant.tenant_id, f"plan:{plan.id}")[-1]
    assert {"field": "reason", "old": None, "new": "Decided"} in told["changes"]
    assert services.undertaking.roll_back(merchant.caller(), plan.id).state is PlanState.ROLLED_BACK


def test_a_long_one_goes_on_when_nobody_waits(services: Services, merchant: Merchant) -> None:
    plan = services.regrouping.ask(merchant.caller(), [_kids(merchant)])
    stop = Stop(MOVED)
    undertaking = Undertaking(stopping(services, stop.pass_), patience_seconds=0)
    assert undertaking.commit(merchant.caller(), plan.id).state is PlanState.ASKED
    assert stop.reached.wait(DEADLINE_SECONDS)
    assert services.customer_sets.structure.is_held(merchant.tenant_id)
    stop.go_on.set()
    _ended(plan.id)
    assert services.regrouping.plan(merchant.tenant_id, plan.id).state is PlanState.COMMITTED
    assert not services.customer_sets.structure.is_held(merchant.tenant_id)


def test_a_refusal_that_nobody_waited_for_is_kept_until_a_commit(
    services: Services, merchant: Merchant
) -> None:
    caller = merchant.caller()
    plan = services.regrouping.ask(caller, [_kids(merchant)])
    services.regrouping.at_once(caller, [_kids(merchant, "default")])
    with pytest.raises(PlanOutdated):
        services.undertaking.commit(caller, plan.id)
    replace(services.undertaking, patience_seconds=0).commit(caller, plan.id)
    _ended(plan.id)
    kept = services.regrouping.plan(merchant.tenant_id, plan.id)
    assert kept.refusal is not None
    assert (kept.refusal.action, kept.refusal.by) == ("commit", "application:tests")
    assert "would now change default → b2b" in kept.refusal.texts[1]
    services.regrouping.at_once(caller, [_kids(merchant, "b2c")])
    assert services.undertaking.commit(caller, plan.id).refusal is None


def test_a_bug_on_the_way_is_kept_as_one_and_nothing_else_is(
    services: Services, merchant: Merchant
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("a bug's own words")

    plan = services.regrouping.ask(merchant.caller(), [_kids(merchant)])
    with pytest.raises(RuntimeError):
        Undertaking(stopping(services, fail)).commit(merchant.caller(), plan.id)
    kept = services.regrouping.plan(merchant.tenant_id, plan.id)
    assert kept.state is PlanState.ASKED
    assert kept.refusal is not None
    assert "a bug's own words" not in str(kept.refusal.texts)


def test_there_is_nothing_to_keep_for_a_plan_that_is_not_there(
    services: Services, merchant: Merchant
) -> None:
    with pytest.raises(UnknownPlan):
        services.undertaking.commit(merchant.caller(), 999)


def test_a_draft_is_neither_listed_nor_audited_before_it_is_committed(
    services: Services, merchant: Merchant
) -> None:
    caller = merchant.caller()
    before = entries(services, merchant.tenant_id)
    draft = services.regrouping.draft(caller, [EditSet("b2b", "Business")])
    assert entries(services, merchant.tenant_id) == before
    assert ok(merchant.call("GET", "plans"))["totalCount"] == 0
    assert ok(merchant.call("GET", f"plans/{draft.id}"))["state"] == "asked"
    ok(merchant.call("POST", f"plans/{draft.id}/commit?reason=Decided"))
    (listed,) = ok(merchant.call("GET", "plans"))["items"]
    assert (listed["id"], listed["reason"]) == (draft.id, "Decided")
    assert entries(services, merchant.tenant_id)[-1]["action"] == "plan.committed"


def test_plans_are_listed_by_what_they_are_about(merchant: Merchant) -> None:
    caller, regrouping = merchant.caller(), merchant.services.regrouping
    moved = regrouping.at_once(caller, [_kids(merchant)]).id
    regrouping.at_once(caller, [MakeDefault("b2c")])

    def found(**query: object) -> list[int]:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return [item["id"] for item in ok(merchant.call("GET", f"plans?{asked}"))["items"]]

    assert found(siteId=merchant.site("Mystic Kids")) == [moved]
    assert found(customerSetCode="b2b") == [moved]
    assert len(found(customerSetCode="b2c")) == 2
    assert found(accountId=1) == []
    assert len(found(by="application")) == 2
