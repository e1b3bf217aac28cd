"""By what names a login is found: rule 10."""

from __future__ import annotations

import pytest

from authsvc.errors import AuthsvcError
from authsvc.login.rules import (
    BadCredentials,
    Ticket,
)
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
    merchant.move(account_id(other), "b2c")
    refusal = refusal_of(merchant, "stacy@mail.com", "Mystic Sports", PASSWORD)
    assert isinstance(refusal, BadCredentials)
    assert merchant.sign_in("stacy", "Mystic Sports").user_id != other.user_id
    assert merchant.sign_in("stacy.m", "Mystic Sports").user_id == other.user_id


def test_a_username_comes_before_an_email_address(merchant: Merchant) -> None:
    named = merchant.sign_up("a@mail.com", "Mystic Parts", username="stacy@mail.com")
    merchant.sign_up("stacy@mail.com", "Mystic Sports", username="stacy")
    merchant.move(account_id(named), "b2c")
    assert merchant.sign_in("stacy@mail.com", "Mystic Sports").user_id == named.user_id
