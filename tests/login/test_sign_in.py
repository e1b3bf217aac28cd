"""Signing in: by what name, and what is said to who may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from authsvc.credentials.store import CredentialStore
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import AuthsvcError, Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.login.rules import (
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    PasswordChangeRequired,
    Ticket,
)
from authsvc.services import Services
from authsvc.settings import Settings
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
