"""How long tickets last, and what is in one that was refreshed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

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
from tests.mail.conftest import Post
from tests.merchants import PASSWORD, Merchant
from tests.second_factor.codes import (
    SITE,
    STACY,
    app_code,
    application_caller,
    ask_for,
    give,
    mailed_code,
)
from tests.second_factor.test_authenticator_apps import set_up


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


@pytest.mark.parametrize("requirement", ["off", "offered"])
def test_wished_lifetimes_hold_for_a_code_in_place_of_the_password(
    post: Post, requirement: str
) -> None:
    has_app = requirement == "offered"
    ask_for(post, requirement, codes=True)
    secret = set_up(post)[1] if has_app else ""
    if not has_app:
        post.merchant.sign_up(STACY, SITE)
    path = "authtickets/otp"
    post.merchant.call("POST", f"{path}/request", {"email": STACY}, site=SITE)
    wishes = {"authTicketTtlMinutes": 1, "refreshTokenTtlMinutes": 2}
    body = {"email": STACY, "otpCode": mailed_code(post), **wishes}
    ticket = post.merchant.call("POST", f"{path}/auth", body, site=SITE).get_json()
    assert ticket["requires2FA"] is has_app
    if has_app:
        ticket = give(post, ticket["accessToken"], app_code(post, secret, steps=1)).get_json()
    now = post.services.clock()
    for name, minutes in (("accessTokenExpiration", 1), ("refreshTokenExpiration", 2)):
        assert datetime.fromisoformat(ticket[name]) <= now + timedelta(minutes=minutes)
    poor = replace(application_caller(post), behaviors=frozenset({Behavior.CUSTOMER_AUTH}))
    completion, wanted = post.services.sign_in.completion, WantedLifetimes(timedelta(minutes=1))
    with pytest.raises(Forbidden, match="configure-token-durations"):
        completion.ticket_by_sign_in_code(poor, STACY, "000000", wanted)


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
