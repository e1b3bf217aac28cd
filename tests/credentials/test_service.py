"""Passwords, locks and what customer service sees of a login ([K] 3.2, 3.3, 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.callers import Shopper
from authsvc.credentials.rules import NoLogin, WrongPassword
from authsvc.credentials.service import PasswordChange
from authsvc.errors import Invalid
from authsvc.guessing.rules import TooManyFailures
from authsvc.login.rules import AccountLocked, BadCredentials, PasswordChangeRequired
from authsvc.services import Services
from authsvc.settings import Settings
from tests.machines import machine, on
from tests.merchants import PASSWORD, Merchant

NEW = "Mystic-2027"


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> CustomerAccount:
    account = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert account is not None
    return account


@pytest.fixture(name="guest")
def _guest(merchant: Merchant) -> CustomerAccount:
    return merchant.services.accounts.create(
        merchant.caller(), merchant.site("Mystic Sports"), {"email_address": "guest@mail.com"}
    )


def test_a_password_is_replaced_by_who_knows_it(
    services: Services, merchant: Merchant, stacy: CustomerAccount
) -> None:
    services.credentials.change_password(merchant.caller(), stacy.id, PASSWORD, NEW)
    assert merchant.sign_in("stacy@mail.com", "Mystic Kids", NEW).user_id == stacy.user_id
    with pytest.raises(BadCredentials):
        merchant.sign_in("stacy@mail.com", "Mystic Kids", PASSWORD)


@pytest.mark.parametrize("wrong", ["wrong-1", "", "\x00", "mystic-2026"])
def test_a_wrong_old_password_changes_nothing(
    services: Services, merchant: Merchant, stacy: CustomerAccount, wrong: str
) -> None:
    """[K] 3.3: 400 `MISSING_OR_INVALID_PARAMETER`, message `Missing or invalid parameter: password `."""
    with pytest.raises(WrongPassword) as refused:
        services.credentials.change_password(merchant.caller(), stacy.id, wrong, NEW)
    assert refused.value.message == "Missing or invalid parameter: password "
    assert refused.value.error_code == "MISSING_OR_INVALID_PARAMETER"
    assert merchant.sign_in("stacy@mail.com", "Mystic Kids").user_id == stacy.user_id


def test_a_new_password_must_be_strong(
    services: Services, merchant: Merchant, stacy: CustomerAccount
) -> None:
    for weak, told in (("short", "minimum of 6"), ("a\x00bcdefg1", "Invalid password format.")):
        with pytest.raises(Invalid, match=told):
            services.credentials.change_password(merchant.caller(), stacy.id, PASSWORD, weak)


def test_wrong_old_passwords_are_counted_like_sign_ins(
    settings: Settings, merchant: Merchant, stacy: CustomerAccount
) -> None:
    with machine(settings, failed_login_limit=2) as services:
        for _ in range(2):
            with pytest.raises(WrongPassword):
                services.credentials.change_password(merchant.caller(), stacy.id, "wrong-1", NEW)
        with pytest.raises(TooManyFailures):
            services.credentials.change_password(merchant.caller(), stacy.id, PASSWORD, NEW)
        with pytest.raises(TooManyFailures):
            on(services, merchant).sign_in("stacy@mail.com", "Mystic Sports")


def test_there_is_no_login_of_a_guest_or_of_nobody(
    services: Services, merchant: Merchant, guest: CustomerAccount
) -> None:
    """[K] 3.3: `loginstate` of a guest → 404."""
    credentials, caller = services.credentials, merchant.caller()
    with pytest.raises(NoLogin):
        credentials.change_password(caller, guest.id, PASSWORD, NEW)
    with pytest.raises(NoLogin):
        credentials.login_state(merchant.tenant_id, guest.id)
    with pytest.raises(NoLogin):
        credentials.set_must_change(caller, guest.id, must_change=True)
    with pytest.raises(NoLogin):
        credentials.login_state_by_name(caller, "guest@mail.com", "b2c")
    with pytest.raises(UnknownAccount):
        credentials.login_state(merchant.tenant_id, 10**15)
    credentials.set_locked(caller, guest.id, locked=True)
    credentials.set_locked(caller, guest.id, locked=False)


def test_a_password_that_must_be_changed_opens_nothing_until_it_is(
    services: Services, merchant: Merchant, stacy: CustomerAccount
) -> None:
    caller = merchant.caller()
    for _ in range(2):
        services.credentials.set_must_change(caller, stacy.id, must_change=True)
    with pytest.raises(PasswordChangeRequired):
        merchant.sign_in("stacy@mail.com", "Mystic Sports")
    assert services.credentials.login_state(
        merchant.tenant_id, stacy.id
    ).is_password_change_required
    services.credentials.change_password(caller, stacy.id, PASSWORD, NEW)
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports", NEW).user_id == stacy.user_id
    services.credentials.set_must_change(caller, stacy.id, must_change=True)
    services.credentials.set_must_change(caller, stacy.id, must_change=False)
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports", NEW).user_id == stacy.user_id


def test_changing_a_password_unlocks_if_an_application_asks_for_it(
    services: Services, merchant: Merchant, stacy: CustomerAccount
) -> None:
    """[K] 3.3: `unlockAccount=true` on Change-Password also unlocks."""
    caller = merchant.caller()
    services.credentials.set_locked(caller, stacy.id, locked=True)
    shopper = Shopper("s", stacy.user_id, stacy.id, "b2c")
    old, new = PASSWORD, NEW
    for asks, unlock in ((caller, False), (replace(caller, carries_shopper=True), True)):
        services.credentials.change_password(asks, stacy.id, old, new, unlock=unlock)
        old, new = new, old
        with pytest.raises(AccountLocked):
            merchant.sign_in("stacy@mail.com", "Mystic Sports", old)
    services.credentials.change_password(caller, stacy.id, old, new, unlock=True)
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports", new).user_id == shopper.user_id


def test_several_passwords_are_changed_each_by_itself(
    services: Services, merchant: Merchant, stacy: CustomerAccount, guest: CustomerAccount
) -> None:
    """[K] 3.2: per-item result, so one bad item does not fail the call."""
    john = merchant.sign_up("john@mail.com", "Mystic Parts").account
    assert john is not None
    changes = [
        PasswordChange(guest.id, PASSWORD, NEW, unlock_account=False),
        PasswordChange(stacy.id, PASSWORD, "weak", unlock_account=False),
        PasswordChange(john.id, PASSWORD, NEW, unlock_account=True),
        PasswordChange(10**15, PASSWORD, NEW, unlock_account=False),
    ]
    results = services.credentials.change_passwords(merchant.caller(), changes)
    assert [result.account_id for result in results] == [change.account_id for change in changes]
    assert [type(result.refusal) for result in results] == [
        NoLogin,
        Invalid,
        type(None),
        UnknownAccount,
    ]
    assert merchant.sign_in("john@mail.com", "Mystic Parts", NEW).user_id == john.user_id


def test_the_login_state_tells_what_happened(
    services: Services, merchant: Merchant, stacy: CustomerAccount
) -> None:
    """[K] 3.2, LoginState."""
    credentials = services.credentials
    fresh = credentials.login_state(merchant.tenant_id, stacy.id)
    assert (fresh.is_locked, fresh.last_locked_on, fresh.last_login_on) == (False, None, None)
    assert (fresh.failed_login_attempt_count, fresh.first_failed_login_attempt_on) == (0, None)
    limit = services.settings.failed_login_limit
    assert fresh.remaining_login_attempts == limit
    merchant.sign_in("stacy@mail.com", "Mystic Sports")
    for _ in range(2):
        with pytest.raises(BadCredentials):
            merchant.sign_in("STACY@mail.com", "Mystic Kids", "wrong-1")
    credentials.set_locked(merchant.caller(), stacy.id, locked=True)
    state = credentials.login_state(merchant.tenant_id, stacy.id)
    assert state.is_locked
    assert state.last_locked_on is not None
    assert state.last_login_on is not None
    assert (state.failed_login_attempt_count, state.remaining_login_attempts) == (2, limit - 2)
    assert state.first_failed_login_attempt_on is not None
    credentials.set_locked(merchant.caller(), stacy.id, locked=False)
    unlocked = credentials.login_state(merchant.tenant_id, stacy.id)
    assert unlocked.failed_login_attempt_count == 0
    assert unlocked.last_locked_on == state.last_locked_on


def test_a_login_state_is_found_by_name_in_a_set_or_in_the_sites(
    services: Services, merchant: Merchant
) -> None:
    """[K] 1.4: empty or missing means "the set of the calling site"."""
    by_name = services.credentials.login_state_by_name
    merchant.sign_up("a@mail.com", "Mystic Sports", username="stacy")
    merchant.sign_up("a@mail.com", "Mystic Parts", username="stacy")
    merchant.sign_in("stacy", "Mystic Parts")
    on_kids = merchant.caller("Mystic Kids")
    for name in ("STACY", "A@mail.com"):
        assert by_name(on_kids, name, None).last_login_on is None
        assert by_name(on_kids, name, "").last_login_on is None
        assert by_name(on_kids, name, "B2B").last_login_on is not None
    for name, code in (("nobody", "b2c"), ("not a name", "b2c"), ("stacy", "nowhere")):
        with pytest.raises(NoLogin):
            by_name(on_kids, name, code)
    with pytest.raises(Invalid, match="x-vol-site"):
        by_name(merchant.caller(), "stacy", None)


def test_an_address_of_two_logins_finds_neither(services: Services, merchant: Merchant) -> None:
    """Rule 10: …an e-mail address that names exactly one login in the set."""
    merchant.sign_up("a@mail.com", "Mystic Sports", username="stacy")
    other = merchant.sign_up("a@mail.com", "Mystic Parts", username="other").account
    assert other is not None
    merchant.move(other.id, "b2c")
    with pytest.raises(NoLogin):
        services.credentials.login_state_by_name(merchant.caller(), "a@mail.com", "b2c")
