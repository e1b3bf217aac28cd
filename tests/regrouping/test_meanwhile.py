"""What goes on while a plan is committed: sign-ins, sign-ups and checks; and what is over at once when it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event

import pytest
from sqlalchemy import func, select

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.customer_sets.rules import RegroupingUnderWay
from authsvc.errors import Conflict
from authsvc.infra.schema import accounts
from authsvc.regrouping.plans import Plan
from authsvc.regrouping.refusals import UsernamesClash
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    DeleteSet,
    MakeDefault,
    MoveCustomers,
    StructureChange,
)
from tests.merchants import PASSWORD, Merchant
from tests.regrouping.answers import customer, set_of, structure
from tests.regrouping.held_commits import DEADLINE_SECONDS, HELD, LOOKED, MOVED, Stop, stopping

WHOLE_SET = [DeleteSet("b2c", "b2b")]


@contextmanager
def stopped(merchant: Merchant, at: str) -> Iterator[tuple[Stop, Future[Plan]]]:
    """Delete b2c into b2b and stop on the way; let it go on at the end, if that was not done before."""
    stop = Stop(at)
    regrouping = stopping(merchant.services, stop.pass_)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(regrouping.at_once, merchant.caller(), WHOLE_SET)
        assert stop.reached.wait(DEADLINE_SECONDS), running.result(0)
        try:
            yield stop, running
        finally:
            stop.go_on.set()


def test_signed_in_customers_go_on_while_they_are_moved(merchant: Merchant) -> None:
    """Sign-in, check, refresh, a new password and sign-out everywhere wait for nothing."""
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    assert ticket.account is not None
    services, caller = merchant.services, merchant.caller("Mystic Kids")
    with stopped(merchant, MOVED) as (_, running):
        assert merchant.sign_in("john@mail.com", "Mystic Kids").account is not None
        assert merchant.check(ticket.tokens.access_token, "Mystic Kids").status_code == 200
        assert services.login.refresh(caller, ticket.tokens.refresh_token).account is not None
        services.credentials.change_password(caller, ticket.account.id, PASSWORD, "Mystic-2027!")
        merchant.sign_in("john@mail.com", "Mystic Sports", "Mystic-2027!")
        assert not running.done()
    assert set_of(merchant, ticket.account.id) == "b2b"
    after = merchant.sign_in("john@mail.com", "Mystic Parts", "Mystic-2027!")
    assert merchant.check(after.tokens.access_token, "Mystic Kids").status_code == 200


def test_a_session_opened_while_its_account_is_moved_goes_along(merchant: Merchant) -> None:
    customer(merchant, "john@mail.com", "Mystic Sports")
    with stopped(merchant, MOVED):
        token = merchant.sign_in("john@mail.com", "Mystic Kids").tokens.access_token
        assert merchant.check(token, "Mystic Kids").status_code == 200
    for site in ("Mystic Kids", "Mystic Parts"):
        assert merchant.check(token, site).status_code == 200


def test_who_signs_up_while_the_set_is_emptied_goes_along(merchant: Merchant) -> None:
    customer(merchant, "john@mail.com", "Mystic Sports")
    with stopped(merchant, MOVED):
        new = customer(merchant, "new@mail.com", "Mystic Kids")
        assert set_of(merchant, new) == "b2c"
    assert set_of(merchant, new) == "b2b"
    assert "b2c" not in structure(merchant)


def test_who_signs_up_before_the_set_is_emptied_goes_as_far_as_everybody_else_in_it(
    merchant: Merchant,
) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    services, caller, stop = merchant.services, merchant.caller(), Stop(LOOKED)
    changes: list[StructureChange] = [
        CreateSet("vip", "VIP"),
        MoveCustomers("b2b", from_set="default"),
        DeleteSet("b2c", "default"),
    ]
    regrouping = stopping(services, stop.pass_)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(regrouping.at_once, caller, changes)
        assert stop.reached.wait(DEADLINE_SECONDS)
        new = customer(merchant, "new@mail.com", "Mystic Sports")
        stop.go_on.set()
        plan = running.result(DEADLINE_SECONDS)
    assert [set_of(merchant, each) for each in (john, new)] == ["default", "default"]
    services.regrouping.rollback(caller, plan.id)
    assert [set_of(merchant, each) for each in (john, new)] == ["b2c", "b2c"]


def test_a_sign_up_that_meets_the_move_of_its_site_joins_the_new_set(merchant: Merchant) -> None:
    customer(merchant, "john@mail.com", "Mystic Sports")
    with ThreadPoolExecutor(2) as threads:
        with stopped(merchant, HELD) as (stop, running):
            waiting = threads.submit(customer, merchant, "new@mail.com", "Mystic Kids")
            stop.go_on.set()
            running.result(DEADLINE_SECONDS)
        assert set_of(merchant, waiting.result(DEADLINE_SECONDS)) == "b2b"


def test_a_username_taken_in_the_target_while_its_account_moves_refuses_the_plan(
    merchant: Merchant,
) -> None:
    """Whoever signs up at the end of the move finds the set gone or the name taken; never both in one set."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    with ThreadPoolExecutor(1) as threads:
        with stopped(merchant, MOVED) as (_, running):
            other = threads.submit(customer, merchant, "JOHN@mail.com", "Mystic Parts")
        running.result(DEADLINE_SECONDS)
        with pytest.raises(UsernameTaken):
            other.result(DEADLINE_SECONDS)
    assert set_of(merchant, john) == "b2b"


def test_a_username_that_clashes_at_the_last_moment_is_listed(merchant: Merchant) -> None:
    stop = Stop(MOVED)
    regrouping = stopping(merchant.services, stop.pass_)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(regrouping.at_once, merchant.caller(), WHOLE_SET)
        assert stop.reached.wait(DEADLINE_SECONDS)
        customer(merchant, "late@mail.com", "Mystic Sports")
        customer(merchant, "late@mail.com", "Mystic Parts")
        stop.go_on.set()
        with pytest.raises(UsernamesClash) as refusal:
            running.result(DEADLINE_SECONDS)
    assert len(refusal.value.items) == 1
    assert structure(merchant)["b2c"] == {"Mystic Sports", "Mystic Kids"}


def test_whoever_is_faster_than_a_commit_is_listed(merchant: Merchant) -> None:
    customer(merchant, "stacy@mail.com", "Mystic Sports")
    services, caller, stop = merchant.services, merchant.caller(), Stop(LOOKED)
    changes: list[StructureChange] = [CreateSet("vip", "VIP"), MoveCustomers("b2b", from_set="b2c")]
    plan = services.regrouping.ask(caller, changes)
    regrouping = stopping(services, stop.pass_)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(regrouping.commit, caller, plan.id)
        assert stop.reached.wait(DEADLINE_SECONDS)
        customer(merchant, "stacy@mail.com", "Mystic Parts")
        stop.go_on.set()
        with pytest.raises(UsernamesClash) as refusal:
            running.result(DEADLINE_SECONDS)
    assert len(refusal.value.items) == 1
    assert "vip" not in structure(merchant)


def test_whoever_is_faster_than_a_rollback_is_listed(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    services, caller, stop = merchant.services, merchant.caller(), Stop(LOOKED)
    changes: list[StructureChange] = [
        MakeDefault("b2c"),
        DeleteSet("default"),
        MoveCustomers("b2b", accounts=(john,)),
    ]
    plan = services.regrouping.at_once(caller, changes)
    regrouping = stopping(services, stop.pass_)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(regrouping.rollback, caller, plan.id)
        assert stop.reached.wait(DEADLINE_SECONDS)
        customer(merchant, "john@mail.com", "Mystic Sports")
        stop.go_on.set()
        with pytest.raises(UsernamesClash) as refusal:
            running.result(DEADLINE_SECONDS)
    assert len(refusal.value.items) == 1
    assert "default" not in structure(merchant)
    assert set_of(merchant, john) == "b2b"


def test_an_account_sent_back_as_it_was_read_is_not_moved_back(merchant: Merchant) -> None:
    """Vendor clients read an account, change it and send all of it, its set included."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    with ThreadPoolExecutor(1) as threads:
        with stopped(merchant, MOVED) as (stop, running):
            saving = threads.submit(merchant.move, john, "b2c", first_name="John")
            stop.go_on.set()
            running.result(DEADLINE_SECONDS)
        saved = saving.result(DEADLINE_SECONDS)
    assert (saved.first_name, saved.customer_set) == ("John", "b2b")


def test_one_regrouping_of_a_tenant_at_a_time(merchant: Merchant, other_merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    kids = merchant.site("Mystic Kids")
    services, caller = merchant.services, merchant.caller()
    with stopped(merchant, MOVED), ThreadPoolExecutor(3) as threads:
        # All at once, since each waits for its turn first.
        refused: list[Future[object]] = [
            threads.submit(services.regrouping.at_once, caller, [AssignSites("default", (kids,))]),
            threads.submit(services.customer_sets.assign_site, caller, kids, "default"),
            threads.submit(merchant.move, john, "default"),
        ]
        for each in refused:
            with pytest.raises(RegroupingUnderWay):
                each.result(DEADLINE_SECONDS)
        services.regrouping.at_once(
            other_merchant.caller(), [AssignSites("b2b", (other_merchant.site("Mystic Kids"),))]
        )
        assert services.customer_sets.create_site(caller, "Golf").customer_set == "default"


def test_sign_ups_racing_with_commits_and_rollbacks_never_break_uniqueness(
    merchant: Merchant,
) -> None:
    """Each username once in a set, whoever was faster; every other caller gets a refusal that is documented."""
    services, caller, over = merchant.services, merchant.caller(), Event()
    sites = ("Mystic Sports", "Mystic Kids", "Mystic Parts", "Mystic Business")
    names = [f"racer-{number}@mail.com" for number in range(40)]
    outcomes: Counter[str] = Counter()

    def sign_up(site: str) -> None:
        for number in count():
            if over.is_set():
                return
            try:
                merchant.sign_up(names[number % len(names)], site)
                outcomes["signed up"] += 1
            except (UsernameTaken, EmailAddressTaken):
                outcomes["taken"] += 1

    def regroup() -> None:
        try:
            for _ in range(6):
                plan = _attempt(services.regrouping.at_once, caller, WHOLE_SET, outcomes=outcomes)
                if plan is not None:
                    _attempt(services.regrouping.rollback, caller, plan.id, outcomes=outcomes)
                    if "b2c" not in structure(merchant):
                        return
        finally:
            over.set()

    with ThreadPoolExecutor(len(sites) + 1) as threads:
        racing = [threads.submit(sign_up, site) for site in sites]
        threads.submit(regroup).result(DEADLINE_SECONDS * 3)
        for each in racing:
            each.result(DEADLINE_SECONDS)
    assert outcomes["signed up"]
    with services.database.connection() as connection:
        twice = connection.execute(
            select(func.count())
            .where(accounts.c.tenant_id == merchant.tenant_id)
            .group_by(accounts.c.customer_set_code, accounts.c.username_key)
            .having(func.count() > 1)
        ).all()
        used = set(
            connection.scalars(
                select(accounts.c.customer_set_code).where(
                    accounts.c.tenant_id == merchant.tenant_id
                )
            )
        )
    assert twice == []
    assert used <= structure(merchant).keys()


def _attempt(
    action: Callable[..., Plan], *arguments: object, outcomes: Counter[str]
) -> Plan | None:
    try:
        done = action(*arguments)
    except Conflict as refusal:
        outcomes[type(refusal).__name__] += 1
        return None
    outcomes["regrouped"] += 1
    return done
