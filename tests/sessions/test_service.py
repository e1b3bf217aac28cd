"""Opening, continuing and ending sessions, by a clock that the test holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from authsvc.customer_sets.rules import Site, UnknownSite
from authsvc.infra.schema import session_tokens, sessions
from authsvc.purging import purge
from authsvc.services import Services
from authsvc.sessions.rules import NoSession, Refusal, SessionRecord, UnknownRefreshToken
from authsvc.settings import Settings
from authsvc.tokens import Audience, reference
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import Merchant
from tests.trail import entries


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="shop")
def _shop(settings: Settings, clock: HeldClock, merchant: Merchant) -> Iterator[Merchant]:
    """The merchant, as served by a machine that lives by the held clock."""
    with machine(settings, clock) as services:
        yield on(services, merchant)


def site(shop: Merchant, name: str) -> Site:
    """Return a site as it is now."""
    return shop.services.directory.fresh_site(shop.tenant_id, shop.site(name))


def check(shop: Merchant, token: str, name: str | None = "Mystic Sports") -> SessionRecord:
    """Check a token on a site."""
    found = reference(token, Audience.SHOPPER)
    return shop.services.sessions.check(found, shop.site(name) if name else None).record


def refusal_of(shop: Merchant, token: str, name: str = "Mystic Sports") -> Refusal:
    """Return why a token is refused."""
    with pytest.raises(NoSession) as refused:
        check(shop, token, name)
    return refused.value.refusal


def test_a_ticket_lasts_15_minutes_and_can_be_refreshed_for_24_hours(
    shop: Merchant, clock: HeldClock
) -> None:
    """[K] 2.2: access lifetime 900 s, refresh lifetime 86 400 s."""
    tokens = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    assert tokens.access_expires_at == clock.now() + timedelta(seconds=900)
    assert tokens.refresh_expires_at == clock.now() + timedelta(seconds=86_400)
    clock.pass_time(seconds=899)
    assert check(shop, tokens.access_token).user_id
    clock.pass_time(seconds=1)
    assert refusal_of(shop, tokens.access_token) is Refusal.EXPIRED
    clock.pass_time(seconds=86_400 - 901)
    renewed = shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Kids"))[1]
    assert check(shop, renewed.access_token).session_id == tokens.session_id
    clock.pass_time(hours=24)
    with pytest.raises(UnknownRefreshToken):
        shop.services.sessions.refresh(renewed.refresh_token, site(shop, "Mystic Sports"))


def test_refreshing_does_not_keep_a_session_alive_for_ever(
    shop: Merchant, clock: HeldClock
) -> None:
    """Design §4: absolute limits; 30 days by default."""
    tokens = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    opened_at = clock.now()
    for _ in range(32):
        clock.pass_time(hours=23)
        tokens = shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Sports"))[
            1
        ]
        end = opened_at + timedelta(days=30)
        assert tokens.access_expires_at <= end
        assert tokens.refresh_expires_at <= end
        if tokens.refresh_expires_at == end:
            break
    clock.pass_time(hours=24)
    assert refusal_of(shop, tokens.access_token) is Refusal.EXPIRED
    with pytest.raises(UnknownRefreshToken):
        shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Sports"))


def test_a_refresh_token_rotates_and_the_old_one_gets_the_same_successor_for_30_seconds(
    shop: Merchant, clock: HeldClock
) -> None:
    """Design §4: rotates; the previous one works for a 30 s grace and returns the same successor."""
    old = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    refresh, here = shop.services.sessions.refresh, site(shop, "Mystic Sports")
    new = refresh(old.refresh_token, here)[1]
    assert new.refresh_token != old.refresh_token
    assert new.access_token != old.access_token
    clock.pass_time(seconds=30)
    assert refresh(old.refresh_token, here)[1] == new
    assert check(shop, new.access_token).session_id == old.session_id
    # What was handed out before keeps its own time.
    assert check(shop, old.access_token).session_id == old.session_id
    newest = refresh(new.refresh_token, here)[1]
    assert newest.refresh_token not in (old.refresh_token, new.refresh_token)


def test_reuse_after_the_grace_ends_the_session_and_is_audited(
    shop: Merchant, clock: HeldClock
) -> None:
    """Design §4: reuse after that ends the session and is audited."""
    ticket = shop.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    here = site(shop, "Mystic Sports")
    new = shop.services.sessions.refresh(ticket.tokens.refresh_token, here)[1]
    clock.pass_time(seconds=30.001)
    for _ in range(2):
        with pytest.raises(UnknownRefreshToken):
            shop.services.sessions.refresh(ticket.tokens.refresh_token, here)
    with pytest.raises(UnknownRefreshToken):
        shop.services.sessions.refresh(new.refresh_token, here)
    for token in (ticket.tokens.access_token, new.access_token):
        assert refusal_of(shop, token) is Refusal.ENDED
    told = [
        entry["action"]
        for entry in entries(shop.services, shop.tenant_id, f"account:{ticket.account.id}")
    ]
    assert told.count("session.refresh_token_reused") == 1


def test_reuse_of_an_anonymous_shoppers_token_is_told_by_user_id(
    shop: Merchant, clock: HeldClock
) -> None:
    holder, tokens = shop.services.sessions.open_anonymous(site(shop, "Mystic Sports"))
    shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Kids"))
    clock.pass_time(seconds=31)
    with pytest.raises(UnknownRefreshToken):
        shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Kids"))
    assert entries(shop.services, shop.tenant_id, f"user:{holder.user_id}")


def test_a_refresh_token_is_good_on_the_sites_of_its_set_only(
    shop: Merchant, other_merchant: Merchant
) -> None:
    tokens = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    strangers = on(shop.services, other_merchant)
    for refused in (site(shop, "Mystic Parts"), site(strangers, "Mystic Sports")):
        with pytest.raises(UnknownRefreshToken):
            shop.services.sessions.refresh(tokens.refresh_token, refused)
    for text in ("", "rubbish", tokens.access_token, tokens.refresh_token[:-1]):
        with pytest.raises(UnknownRefreshToken):
            shop.services.sessions.refresh(text, site(shop, "Mystic Sports"))
    assert shop.services.sessions.refresh(tokens.refresh_token, site(shop, "Mystic Kids"))


def test_an_access_token_cannot_be_refreshed_nor_a_refresh_token_checked(shop: Merchant) -> None:
    tokens = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    assert refusal_of(shop, tokens.refresh_token) is Refusal.UNKNOWN


def test_a_check_without_a_site_is_about_the_site_the_session_was_opened_on(
    shop: Merchant,
) -> None:
    tokens = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    assert check(shop, tokens.access_token, None).customer_set == "b2c"
    with pytest.raises(NoSession):
        shop.services.sessions.check(None, None)
    with pytest.raises(UnknownSite):
        shop.services.sessions.check(reference(tokens.access_token, Audience.SHOPPER), 10**15)


def test_an_anonymous_shoppers_session_is_one_of_the_set_it_was_opened_in(shop: Merchant) -> None:
    """[K] 2.3: a normal ticket whose `userId` is system generated."""
    holder, tokens = shop.services.sessions.open_anonymous(site(shop, "Mystic Sports"))
    assert holder.account_id is None
    assert len(holder.user_id) == 32
    record = check(shop, tokens.access_token, "Mystic Kids")
    assert (record.account_id, record.user_id) == (None, holder.user_id)
    assert refusal_of(shop, tokens.access_token, "Mystic Parts") is Refusal.OTHER_CUSTOMER_SET


def test_signing_out_ends_this_session_and_no_other(shop: Merchant) -> None:
    first = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    second = shop.sign_in("stacy@mail.com", "Mystic Kids").tokens
    for _ in range(2):
        shop.services.sessions.sign_out(shop.caller(), first.session_id)
    for name in ("Mystic Sports", "Mystic Kids"):
        assert refusal_of(shop, first.access_token, name) is Refusal.ENDED
        assert check(shop, second.access_token, name).user_id
    with pytest.raises(UnknownRefreshToken):
        shop.services.sessions.refresh(first.refresh_token, site(shop, "Mystic Sports"))


def test_only_digests_of_tokens_are_stored(shop: Merchant) -> None:
    """Design §3: Only digests of tokens are stored."""
    ticket = shop.sign_up("stacy@mail.com", "Mystic Sports")
    services: Services = shop.services
    renewed = services.sessions.refresh(ticket.tokens.refresh_token, site(shop, "Mystic Sports"))[1]
    with services.database.connection() as connection:
        stored = repr(
            [
                connection.execute(table.select().where(table.c.tenant_id == shop.tenant_id)).all()
                for table in (sessions, session_tokens)
            ]
        )
    assert ticket.user_id in stored
    for tokens in (ticket.tokens, renewed):
        for token in (tokens.access_token, tokens.refresh_token):
            assert token.partition("~")[2] not in stored


def test_sessions_that_are_long_over_are_purged(shop: Merchant, clock: HeldClock) -> None:
    ended = shop.sign_up("stacy@mail.com", "Mystic Sports").tokens
    going_on = shop.sign_in("stacy@mail.com", "Mystic Sports").tokens
    shop.services.sessions.sign_out(shop.caller(), ended.session_id)
    # Before every session of every other test, but for the one that is aged here.
    with shop.services.database.connection() as connection:
        connection.execute(
            sessions.update()
            .where(sessions.c.tenant_id == shop.tenant_id, sessions.c.ended_at.is_not(None))
            .values(ended_at=clock.now() - timedelta(days=31))
        )
    assert purge(shop.services, days=30)[0] >= 1
    assert refusal_of(shop, ended.access_token) is Refusal.UNKNOWN
    assert check(shop, going_on.access_token).user_id
