"""Design §4: three sign-outs: this session, this account everywhere, one named session; in force at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from authsvc.accounts.rules import UnknownAccount
from authsvc.services import Services
from authsvc.sessions.rules import UnknownSession
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant
from tests.trail import changes, entries


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="shop")
def _shop(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    """The merchant, as served by a machine that lives by the held clock."""
    with machine(settings, clock) as services:
        yield on(services, merchant)


def stacy(shop: Merchant) -> int:
    """Sign Stacy up on Mystic Sports."""
    account = shop.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    return account.id


def test_sessions_that_go_on_say_where_and_until_when(shop: Merchant, clock: HeldClock) -> None:
    account_id = stacy(shop)
    clock.pass_time(minutes=1)
    ticket = shop.sign_in("stacy@mail.com", "Mystic Kids")
    newest, oldest = shop.services.account_sessions.signed_in(shop.tenant_id, account_id)
    assert newest.session_id == ticket.tokens.session_id
    assert (newest.site_id, newest.methods) == (shop.site("Mystic Kids"), ("password",))
    assert newest.opened_at == oldest.opened_at + timedelta(minutes=1) == clock.now()
    assert newest.good_until == ticket.tokens.refresh_expires_at
    assert newest.expires_at == clock.now() + shop.services.sessions.lifetimes.session
    clock.pass_time(hours=24, seconds=-30)
    assert len(shop.services.account_sessions.signed_in(shop.tenant_id, account_id)) == 1
    clock.pass_time(seconds=31)
    assert shop.services.account_sessions.signed_in(shop.tenant_id, account_id) == []


def test_one_named_session_ends_at_once_and_the_others_go_on(
    services: Services, merchant: Merchant
) -> None:
    account_id = stacy(merchant)
    one, other = (merchant.sign_in("stacy@mail.com", "Mystic Kids").tokens for _ in range(2))
    services.account_sessions.end(merchant.caller(), account_id, one.session_id)
    assert merchant.check(one.access_token, "Mystic Kids").status_code == 401
    assert merchant.check(other.access_token, "Mystic Kids").status_code == 200
    told = entries(services, merchant.tenant_id, f"account:{account_id}")[-1]
    assert (told["action"], changes(told)) == (
        "account.session_ended",
        {"session": (one.session_id, None)},
    )
    for gone in (one.session_id, str(uuid4()), "no session"):
        with pytest.raises(UnknownSession):
            services.account_sessions.end(merchant.caller(), account_id, gone)


def test_a_session_is_ended_through_its_own_account_only(
    services: Services, merchant: Merchant
) -> None:
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    with pytest.raises(UnknownSession):
        services.account_sessions.end(merchant.caller(), stacy(merchant), ticket.tokens.session_id)
    assert merchant.check(ticket.tokens.access_token, "Mystic Sports").status_code == 200


def test_everywhere_is_everywhere(services: Services, merchant: Merchant) -> None:
    account_id = stacy(merchant)
    tokens = merchant.sign_in("stacy@mail.com", "Mystic Kids").tokens
    assert services.account_sessions.end_everywhere(merchant.caller(), account_id) == 2
    assert merchant.check(tokens.access_token, "Mystic Kids").status_code == 401
    assert services.account_sessions.signed_in(merchant.tenant_id, account_id) == []
    told = entries(services, merchant.tenant_id, f"account:{account_id}")[-1]
    assert (told["action"], changes(told)) == (
        "account.signed_out_everywhere",
        {"sessions": (2, 0)},
    )
    with pytest.raises(UnknownAccount):
        services.account_sessions.end_everywhere(merchant.caller(), 1)


def test_a_shopper_sees_and_ends_sessions_of_their_own_account_only(merchant: Merchant) -> None:
    account_id = stacy(merchant)
    mine = merchant.sign_in("stacy@mail.com", "Mystic Kids").tokens
    johns = merchant.sign_up("john@mail.com", "Mystic Sports")
    sessions = f"accounts/{account_id}/sessions"
    answer = merchant.call("GET", sessions, shopper=mine.access_token)
    assert answer.json
    assert answer.json["totalCount"] == 2
    assert answer.json["items"][0]["id"] == mine.session_id
    assert answer.json["items"][0]["siteId"] == merchant.site("Mystic Kids")
    for method, path in (
        ("GET", sessions),
        ("DELETE", sessions),
        ("DELETE", f"{sessions}/{mine.session_id}"),
    ):
        answer = merchant.call(method, path, shopper=johns.tokens.access_token)
        assert answer.status_code == 403
    answer = merchant.call("DELETE", f"{sessions}/{mine.session_id}", shopper=mine.access_token)
    assert answer.status_code == 204
    assert merchant.call("DELETE", sessions).status_code == 204
    assert merchant.call("GET", sessions).get_json()["items"] == []
    assert merchant.call("DELETE", "accounts/1/sessions").status_code == 404
