"""Signing in: by what name, and what is said to who may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from authsvc.app import Services
from authsvc.callers import Behavior
from authsvc.credentials.attempts import TooManyFailures
from authsvc.credentials.store import CredentialStore
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import AuthsvcError, Forbidden, Invalid
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    Enrolment,
    PasswordChangeRequired,
    Ticket,
)
from authsvc.login.service import WantedLifetimes
from authsvc.sessions.rules import RefreshToken
from authsvc.settings import Settings
from authsvc.tokens import TokenReference
from tests.clock import HeldClock
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def refusal_of(merchant: Merchant, username: str, site: str, password: str) -> AuthsvcError:
    """Return how a sign-in is refused."""
    with pytest.raises(AuthsvcError) as refused:
        merchant.sign_in(username, site, password)
    return refused.value


def test_all_ways_of_not_belonging_are_the_same_failure(merchant: Merchant) -> None:
    """Rule 11: same status, same text: unknown, wrong password, account of another set, guest."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.services.accounts.create(
        merchant.caller(), merchant.site("Mystic Sports"), {"email_address": "guest@mail.com"}
    )
    refusals = [
        refusal_of(merchant, *attempt)
        for attempt in (
            ("nobody@mail.com", "Mystic Sports", PASSWORD),
            ("stacy@mail.com", "Mystic Sports", "wrong-1"),
            ("stacy@mail.com", "Mystic Parts", PASSWORD),
            ("guest@mail.com", "Mystic Sports", PASSWORD),
            ("not a name", "Mystic Sports", PASSWORD),
            ("stacy@mail.com", "Mystic Sports", "\x00"),
        )
    ]
    assert {type(refusal) for refusal in refusals} == {BadCredentials}
    assert len({(each.message, each.data, each.error_code) for each in refusals}) == 1


def test_all_failures_hash_one_password(settings: Settings, merchant: Merchant) -> None:
    """Rule 11: same time. The hash is what takes it, so each failure must make exactly one."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        verified: list[str] = []
        verify = services.hashing._verify

        def counted(stored_hash: str, prepared: str) -> bool:
            verified.append(stored_hash)
            return verify(stored_hash, prepared)

        services.hashing._verify = counted  # type: ignore[method-assign]  # counts, and goes on
        shop = on(services, merchant)
        for username, site, password in (
            ("nobody@mail.com", "Mystic Sports", PASSWORD),
            ("stacy@mail.com", "Mystic Sports", "wrong-1"),
            ("stacy@mail.com", "Mystic Parts", PASSWORD),
            ("not a name", "Mystic Sports", PASSWORD),
            ("stacy@mail.com", "Mystic Sports", "\x00"),
        ):
            verified.clear()
            refusal_of(shop, username, site, password)
            assert len(verified) == 1
            assert verified[0].startswith("$argon2id$v=19$m=64,t=1,p=1$")


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("stacy@mail.com", "STACY@Mail.Com"),
        ("stacy@mail.com", " stacy@mail.com "),
        ("stacy@mail.com", "ｓｔａｃｙ＠mail．com"),
        ("Stacy", "sTACY"),
        ("jos\u00e9", "JOSE\u0301"),
        ("stacy@bücher.example", "stacy@xn--bcher-kva.example"),
        ("stacy@xn--bcher-kva.example", "stacy@BÜCHER.example"),
        ("ﾊﾞﾗ", "バラ"),
    ],
)
def test_usernames_are_compared_by_their_normal_form(
    merchant: Merchant, registered: str, typed: str
) -> None:
    """Rule 10: case, full-width and composed forms, IDNA domains."""
    signed_up = merchant.sign_up("contact@mail.com", "Mystic Sports", username=registered)
    assert signed_up.account is not None
    assert signed_up.account.username == registered
    assert merchant.sign_in(typed, "Mystic Kids").user_id == signed_up.user_id


@pytest.mark.parametrize(
    ("registered", "typed"),
    [("stacy@mail.com", "stаcy@mail.com"), ("stacy", "ѕtacy"), ("groß", "gross")],
)
def test_a_look_alike_is_another_name(merchant: Merchant, registered: str, typed: str) -> None:
    """No look-alike takes over another's login."""
    merchant.sign_up("contact@mail.com", "Mystic Sports", username=registered)
    assert isinstance(refusal_of(merchant, typed, "Mystic Sports", PASSWORD), BadCredentials)


def test_an_email_address_opens_the_one_login_that_has_it(merchant: Merchant) -> None:
    """Rule 10: login accepts a username, or an e-mail address that names exactly one login in the set."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    for typed in ("stacy", "stacy@mail.com", "STACY@mail.com"):
        assert merchant.sign_in(typed, "Mystic Kids").user_id == ticket.user_id


def test_an_email_address_of_two_logins_opens_neither(merchant: Merchant) -> None:
    """Rule 10: …that names exactly one login. Moving accounts can bring two together."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    other = merchant.sign_up("stacy@mail.com", "Mystic Parts", username="stacy.m")
    merchant.services.accounts.update(merchant.caller(), account_id(other), {}, customer_set="b2c")
    refusal = refusal_of(merchant, "stacy@mail.com", "Mystic Sports", PASSWORD)
    assert isinstance(refusal, BadCredentials)
    assert merchant.sign_in("stacy", "Mystic Sports").user_id != other.user_id
    assert merchant.sign_in("stacy.m", "Mystic Sports").user_id == other.user_id


def test_a_username_comes_before_an_email_address(merchant: Merchant) -> None:
    named = merchant.sign_up("a@mail.com", "Mystic Parts", username="stacy@mail.com")
    merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    merchant.services.accounts.update(merchant.caller(), account_id(named), {}, customer_set="b2c")
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports").user_id == named.user_id


def lock(services: Services, merchant: Merchant, account: int) -> None:
    services.credentials.set_locked(merchant.caller(), account, locked=True)


def disable(services: Services, merchant: Merchant, account: int) -> None:
    services.accounts.disable(merchant.caller(), account)


def must_change(services: Services, merchant: Merchant, account: int) -> None:
    services.credentials.set_must_change(merchant.caller(), account, must_change=True)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [(lock, AccountLocked), (disable, AccountDisabled), (must_change, PasswordChangeRequired)],
)
def test_only_who_knows_the_password_learns_the_state_of_an_account(
    merchant: Merchant,
    state: Callable[[Services, Merchant, int], None],
    refusal: type[AuthsvcError],
) -> None:
    """[K] 2.5: answering "locked" only after a correct password avoids leaking which names exist."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    state(merchant.services, merchant, account_id(ticket))
    assert isinstance(refusal_of(merchant, "stacy@mail.com", "Mystic Kids", PASSWORD), refusal)
    wrong = refusal_of(merchant, "stacy@mail.com", "Mystic Kids", "wrong-1")
    assert isinstance(wrong, BadCredentials)


def test_a_sign_in_without_a_site_has_no_set_to_look_in(merchant: Merchant) -> None:
    login = merchant.services.login
    with pytest.raises(Invalid, match="x-vol-site"):
        login.sign_in(merchant.caller(), "stacy@mail.com", PASSWORD)
    with pytest.raises(UnknownSite):
        login.sign_in(replace(merchant.caller(), site_id=10**15), "stacy@mail.com", PASSWORD)


def test_a_username_that_failed_too_often_must_wait_even_with_the_right_password(
    settings: Settings, merchant: Merchant
) -> None:
    """NIST SP 800-63B-4 §3.2.2; counted by set and name, whether an account answers to it or not."""
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    merchant.sign_up("stacy@mail.com", "Mystic Parts")
    with machine(settings, failed_login_limit=3) as services:
        shop = on(services, merchant)
        for username in ("stacy@mail.com", "nobody@mail.com"):
            for _ in range(3):
                refusal = refusal_of(shop, username, "Mystic Sports", "wrong-1")
                assert isinstance(refusal, BadCredentials)
            for site in ("Mystic Sports", "Mystic Kids"):
                refusal = refusal_of(shop, username.upper(), site, PASSWORD)
                assert isinstance(refusal, TooManyFailures)
                assert refusal.retry_after_seconds
        assert shop.sign_in("stacy@mail.com", "Mystic Parts").user_id
        (stacy,) = shop.services.login.credentials.answering_to(
            shop.tenant_id, "b2c", "stacy@mail.com"
        )
        services.credentials.set_locked(shop.caller(), stacy.account_id, locked=True)
        services.credentials.set_locked(shop.caller(), stacy.account_id, locked=False)
        assert shop.sign_in("stacy@mail.com", "Mystic Sports").user_id


def test_a_good_sign_in_forgets_the_failures_before_it(
    settings: Settings, merchant: Merchant
) -> None:
    merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings, failed_login_limit=3) as services:
        shop = on(services, merchant)
        for _ in range(3):
            refusal_of(shop, "stacy@mail.com", "Mystic Sports", "wrong-1")
            refusal_of(shop, "stacy@mail.com", "Mystic Sports", "wrong-1")
            shop.sign_in("stacy@mail.com", "Mystic Sports")


def test_a_hash_is_renewed_at_login_when_the_parameters_change(
    settings: Settings, merchant: Merchant
) -> None:
    """Design §3: parameters a setting, rehashed at login when they change."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    store = CredentialStore(merchant.services.database)
    with machine(settings, argon2_memory_kib=128) as services:
        on(services, merchant).sign_in("stacy@mail.com", "Mystic Sports")
        renewed = store.credential(merchant.tenant_id, account_id(ticket))
        assert renewed is not None
        assert "m=128,t=1" in renewed.password_hash
        assert renewed.last_login_at is not None
        on(services, merchant).sign_in("stacy@mail.com", "Mystic Sports")
        kept = store.credential(merchant.tenant_id, account_id(ticket))
    assert kept is not None
    assert kept.password_hash == renewed.password_hash
    merchant.sign_in("stacy@mail.com", "Mystic Sports")


def change_password(services: Services, merchant: Merchant, account: int) -> None:
    services.credentials.change_password(merchant.caller(), account, PASSWORD, "Mystic-2027")


def move(services: Services, merchant: Merchant, account: int) -> None:
    services.accounts.update(merchant.caller(), account, {}, customer_set="b2b")


def delete(services: Services, merchant: Merchant, account: int) -> None:
    services.accounts.delete(merchant.caller(), account)


@pytest.mark.parametrize(
    ("meanwhile", "refusal"),
    [
        (change_password, BadCredentials),
        (move, BadCredentials),
        (delete, BadCredentials),
        (lock, AccountLocked),
    ],
)
def test_what_happens_while_the_password_is_hashed_counts(
    settings: Settings,
    merchant: Merchant,
    meanwhile: Callable[[Services, Merchant, int], None],
    refusal: type[AuthsvcError],
) -> None:
    """A lock, a move or a new password that came meanwhile is seen."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        verify = services.hashing._verify

        def slowly(stored_hash: str, prepared: str) -> bool:
            matched = verify(stored_hash, prepared)
            meanwhile(merchant.services, merchant, account_id(ticket))
            return matched

        services.hashing._verify = slowly  # type: ignore[method-assign]  # a hash that takes its time
        refused = refusal_of(on(services, merchant), "stacy@mail.com", "Mystic Sports", PASSWORD)
    assert isinstance(refused, refusal)


def move_both(merchant: Merchant, account: int) -> None:
    """Move Mystic Sports to another set, together with an account."""
    merchant.services.accounts.update(merchant.caller(), account, {}, customer_set="b2b")
    merchant.services.customer_sets.assign_site(
        merchant.caller(), merchant.site("Mystic Sports"), "b2b"
    )


def test_who_is_moved_together_with_the_site_meanwhile_is_let_in(
    settings: Settings, merchant: Merchant
) -> None:
    """[B]: …ensure that you also reassign all applicable customer accounts to the same customer set."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        verify = services.hashing._verify

        def slowly(stored_hash: str, prepared: str) -> bool:
            services.hashing._verify = verify  # type: ignore[method-assign]  # once
            move_both(merchant, account_id(ticket))
            return verify(stored_hash, prepared)

        services.hashing._verify = slowly  # type: ignore[method-assign]  # a hash that takes its time
        signed_in = on(services, merchant).sign_in("stacy@mail.com", "Mystic Sports")
    assert signed_in.account is not None
    assert signed_in.account.customer_set == "b2b"


def test_who_is_moved_together_with_the_site_meanwhile_can_refresh(
    settings: Settings, merchant: Merchant
) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    with machine(settings) as services:
        store = services.sessions.store
        look_up = store.refresh_token

        def slowly(token: TokenReference) -> RefreshToken | None:
            store.refresh_token = look_up  # type: ignore[method-assign]  # once
            move_both(merchant, account_id(ticket))
            return look_up(token)

        store.refresh_token = slowly  # type: ignore[method-assign]  # a look-up that takes its time
        renewed = services.login.refresh(
            merchant.caller("Mystic Sports"), ticket.tokens.refresh_token
        )
    assert renewed.user_id == ticket.user_id


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
