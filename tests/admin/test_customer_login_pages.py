"""The login state and the sessions of a customer, on the customer's page."""

from __future__ import annotations

import re

import pytest

from authsvc.app import create_app
from authsvc.login.rules import AccountLocked, PasswordChangeRequired
from authsvc.settings import Settings
from authsvc.staff.rules import Role
from tests.admin.browser import Browser
from tests.admin.customers import staff_browser
from tests.admin.pages import said
from tests.machines import machine, on
from tests.merchants import Merchant


def test_locking_ends_everything_at_once_and_unlocking_lets_in_again(
    csr: Browser, usha: str, merchant: Merchant
) -> None:
    ticket = merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    csr.get(usha)
    csr.send(f"{usha}/lock")
    text = said(csr)
    assert "Locked. All sessions have ended and nobody can sign in, everywhere at once." in text
    assert re.search(
        r"Locked Yes , since \d{4}-\d\d-\d\d \d\d:\d\d , until somebody unlocks it", text
    )
    assert "Nobody is signed in as this customer." in text
    assert merchant.check(ticket.tokens.access_token, "Mystic Kids").status_code == 401
    with pytest.raises(AccountLocked):
        merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    csr.send(f"{usha}/unlock")
    assert "Locked: yes → no" in said(csr)
    assert merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids").account


def test_failed_tries_are_counted_and_forgotten(
    settings: Settings, merchant: Merchant, usha: str
) -> None:
    with machine(settings, failed_login_limit=3) as its:
        csr = staff_browser(its, create_app(its), on(its, merchant), Role.CUSTOMER_SERVICE)
        csr.get(usha)
        assert "Failed tries None" in said(csr)
        for told in (r"1; 2 left until", r"2; 1 left until", r"3, too many:"):
            with pytest.raises(Exception, match="Invalid Credentials"):
                on(its, merchant).sign_in("usha_cheruku@mozu.com", "Mystic Kids", "Wrong-1")
            csr.get(usha)
            assert re.search(rf"Failed tries {told}", said(csr))
        assert re.search(r"nobody can sign in with this username until \d{4}-", said(csr))
        csr.send(f"{usha}/unlock")
        assert "Failed tries None" in said(csr)
        assert on(its, merchant).sign_in("usha_cheruku@mozu.com", "Mystic Kids").account


def test_a_password_change_is_required_and_taken_back(
    csr: Browser, usha: str, merchant: Merchant
) -> None:
    csr.get(usha)
    csr.send(f"{usha}/password-change")
    assert "must be changed before the next sign-in" in said(csr)
    with pytest.raises(PasswordChangeRequired):
        merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids")
    csr.send(f"{usha}/password-change")
    assert "Required: yes → no" in said(csr)
    assert merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids").account


def test_one_session_is_ended_or_all_of_them(csr: Browser, usha: str, merchant: Merchant) -> None:
    one, other, third = (
        merchant.sign_in("usha_cheruku@mozu.com", "Mystic Kids").tokens for _ in range(3)
    )
    csr.get(usha)
    assert "4 signed in now" in said(csr)
    assert re.search(r"Mystic Kids \d{4}-\d\d-\d\d \d\d:\d\d \d{4}-\d\d-\d\d", said(csr))
    csr.send(f"{usha}/sessions/end", session=one.session_id)
    assert "The session has ended, everywhere at once." in said(csr)
    assert "3 signed in now" in said(csr)
    assert merchant.check(one.access_token, "Mystic Kids").status_code == 401
    assert merchant.check(other.access_token, "Mystic Kids").status_code == 200
    gone = csr.send(f"{usha}/sessions/end", session=one.session_id)
    assert gone.status_code == 404
    assert "It may have ended meanwhile" in said(csr)
    csr.send(f"{usha}/sign-out")
    assert "Sessions: 3 → 0" in said(csr)
    for tokens in (other, third):
        assert merchant.check(tokens.access_token, "Mystic Kids").status_code == 401
