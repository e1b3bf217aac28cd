"""Customers moved without their sites are signed in there no more; what is remembered of everybody else stays so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from authsvc.login.rules import BadCredentials, Ticket
from authsvc.regrouping import carrying_out
from authsvc.regrouping.carrying_out import FEW_CUSTOMERS
from authsvc.regrouping.rules import AssignSites, CreateSet, MoveCustomers, StructureChange
from authsvc.sessions.rules import NoSession
from authsvc.settings import Settings
from authsvc.tokens import Audience, reference
from tests.machines import machine, on
from tests.merchants import Merchant
from tests.overlaps import meanwhile
from tests.regrouping.answers import customer
from tests.regrouping.held_commits import DEADLINE_SECONDS, MOVED, Stop, stopping


def test_moved_without_their_sites_customers_are_out_there_within_a_second(
    settings: Settings, merchant: Merchant
) -> None:
    """Design §4: an account move is in force on every worker within 1 second; also for sessions opened meanwhile."""
    old = merchant.sign_up("john@mail.com", "Mystic Sports").tokens.access_token
    with machine(settings) as here, machine(settings) as there:
        stop = Stop(MOVED)
        regrouping = stopping(here, stop.pass_)
        changes: list[StructureChange] = [
            CreateSet("vip", "VIP"),
            AssignSites("vip", (merchant.site("Mystic Outlet"),)),
            MoveCustomers("b2b", from_set="b2c"),
        ]
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(regrouping.at_once, merchant.caller(), changes)
            assert stop.reached.wait(DEADLINE_SECONDS)
            new = merchant.sign_in("john@mail.com", "Mystic Sports").tokens.access_token
            for side in (here, there):
                for token in (old, new):
                    _check(on(side, merchant), token, "Mystic Sports")
            stop.go_on.set()
            running.result(DEADLINE_SECONDS)
        there.invalidation.follow()
        for side in (here, there):
            for token in (old, new):
                assert _refused(on(side, merchant), token, "Mystic Sports")
                _check(on(side, merchant), token, "Mystic Parts")


@pytest.mark.parametrize("few", [0, FEW_CUSTOMERS])
def test_moved_one_by_one_they_are_out_there_within_a_second_too_and_again_when_moved_back(
    settings: Settings, merchant: Merchant, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(carrying_out, "FEW_CUSTOMERS", few)
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    john, token = _account_of(ticket), ticket.tokens.access_token
    with machine(settings) as here, machine(settings) as there:
        sides = (on(here, merchant), on(there, merchant))
        for side in sides:
            _check(side, token, "Mystic Sports")
        moving = [MoveCustomers("b2b", accounts=(john,))]
        plan = here.regrouping.at_once(merchant.caller(), moving)
        there.invalidation.follow()
        for side in sides:
            assert _refused(side, token, "Mystic Sports")
            _check(side, token, "Mystic Parts")
        here.regrouping.rollback(merchant.caller(), plan.id)
        there.invalidation.follow()
        for side in sides:
            assert _refused(side, token, "Mystic Parts")
            _check(side, token, "Mystic Sports")


def test_few_moved_customers_leave_what_is_remembered_of_everybody_else(
    settings: Settings, merchant: Merchant, other_merchant: Merchant
) -> None:
    """A process that remembers sessions must not ask for all of them again because one customer was moved."""
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    others = [
        (merchant, merchant.sign_up("stacy@mail.com", "Mystic Sports")),
        (other_merchant, other_merchant.sign_up("john@mail.com", "Mystic Sports")),
    ]
    with machine(settings) as here, machine(settings) as there:
        for side in (here, there):
            for of, ticket in others:
                _check(on(side, of), ticket.tokens.access_token, "Mystic Sports")
        moving = [MoveCustomers("b2b", accounts=(_account_of(john),))]
        here.regrouping.at_once(merchant.caller(), moving)
        for side in (here, there):
            side.invalidation.follow()
            for _, ticket in others:
                token = reference(ticket.tokens.access_token, Audience.SHOPPER)
                assert token is not None
                assert side.sessions.records.remembered(token) is not None


def test_nobody_signs_in_to_an_account_between_barring_its_sessions_and_its_move(
    merchant: Merchant,
) -> None:
    """Else a session opened in between would be remembered in the old set."""
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    services, caller = merchant.services, merchant.caller()
    moving = [MoveCustomers("b2b", accounts=(john,))]
    with (
        meanwhile(
            services,
            lambda: services.regrouping.at_once(caller, moving),
            lambda: merchant.sign_in("john@mail.com", "Mystic Sports"),
        ) as signing_in,
        pytest.raises(BadCredentials),
    ):
        signing_in.result(DEADLINE_SECONDS)


def _account_of(ticket: Ticket) -> int:
    assert ticket.account is not None
    return ticket.account.id


def _check(merchant: Merchant, token: str, site: str) -> None:
    merchant.services.sessions.check(reference(token, Audience.SHOPPER), merchant.site(site))


def _refused(merchant: Merchant, token: str, site: str) -> bool:
    try:
        _check(merchant, token, site)
    except NoSession:
        return True
    return False
