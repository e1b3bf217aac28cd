"""How long tickets last, and what is in one that was refreshed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from authsvc.callers import Behavior
from authsvc.errors import Forbidden
from authsvc.login.rules import (
    Enrolment,
    WantedLifetimes,
)
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="shop")
def _shop(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    with machine(settings, clock) as services:
        yield on(services, merchant)


def test_wished_lifetimes_need_the_behavior_and_only_shorten(
    shop: Merchant, clock: HeldClock
) -> None:
    """[K] 2.1: custom lifetimes need the behaviour `customer-auth:configure-token-durations` and are capped."""
    wishes = WantedLifetimes(timedelta(minutes=1), timedelta(minutes=2))
    login, caller = shop.services.login, shop.caller("Mystic Sports")
    enrolment = Enrolment({"email_address": "stacy@mail.com"}, PASSWORD)
    poor = replace(caller, behaviors=frozenset({Behavior.CUSTOMER_AUTH}))
    with pytest.raises(Forbidden, match="configure-token-durations"):
        login.sign_up(poor, enrolment, wishes)
    login.sign_up(poor, enrolment)
    with pytest.raises(Forbidden):
        login.sign_in(poor, "stacy@mail.com", PASSWORD, wishes)
    tokens = login.sign_in(caller, "stacy@mail.com", PASSWORD, wishes).tokens
    assert tokens.access_expires_at == clock.now() + timedelta(minutes=1)
    assert tokens.refresh_expires_at == clock.now() + timedelta(minutes=2)
    longer = WantedLifetimes(timedelta(days=9), timedelta(days=99))
    tokens = login.sign_in(caller, "stacy@mail.com", PASSWORD, longer).tokens
    assert tokens.access_expires_at == clock.now() + timedelta(minutes=15)
    assert tokens.refresh_expires_at == clock.now() + timedelta(hours=24)


def test_a_refreshed_ticket_has_the_account_and_an_anonymous_one_none(shop: Merchant) -> None:
    """[K] 2.4: Response is a full ticket, with `customerAccount` for registered users."""
    login, caller = shop.services.login, shop.caller("Mystic Sports")
    ticket = shop.sign_up("stacy@mail.com", "Mystic Sports", first_name="Stacy")
    renewed = login.refresh(shop.caller("Mystic Kids"), ticket.tokens.refresh_token)
    assert renewed.account == ticket.account
    assert renewed.user_id == ticket.user_id
    anonymous = login.anonymous(caller)
    assert anonymous.account is None
    again = login.refresh(caller, anonymous.tokens.refresh_token)
    assert (again.user_id, again.account) == (anonymous.user_id, None)
