"""What is said to who may not sign in."""

from __future__ import annotations

import pytest

from authsvc.errors import Invalid
from authsvc.login.rules import (
    REFUSALS,
    AccountDisabled,
    AccountLocked,
    BadCredentials,
    Obstacle,
    PasswordChangeRequired,
    identifiers,
    obstacles,
)
from tests.customers import customer


def test_the_texts_are_the_vendors() -> None:
    """[K] 2.5, double space and trailing space included."""
    assert AccountLocked().message == (
        "The system does not permit the attempted operation.  "
        "User account is locked, Please contact System Administrator "
    )
    for refusal in (AccountLocked(), AccountDisabled(), PasswordChangeRequired()):
        assert refusal.error_code == "FORBIDDEN"
        assert refusal.message.startswith("The system does not permit the attempted operation.  ")
    assert BadCredentials().error_code == "INVALID_CREDENTIALS"
    assert BadCredentials().message.startswith("Invalid Credentials:")


def test_a_username_is_an_email_address_by_default_or_any_valid_name() -> None:
    """Rule 10; [K] 3.3: Username defaults to the e-mail but may be any valid string."""
    assert identifiers({"email_address": "e@mail.com"}) == ("e@mail.com", "e@mail.com")
    assert identifiers({"email_address": "e@mail.com", "username": "stacy"}) == (
        "stacy",
        "e@mail.com",
    )
    assert identifiers({"username": "stacy"}) == ("stacy", None)
    for nothing in ({}, {"username": "", "email_address": None}):
        with pytest.raises(Invalid, match="EmailAddress"):
            identifiers(nothing)


def test_nobody_but_the_customers_of_the_sites_set_learns_why() -> None:
    """Rule 11: an account of another set and a guest account are refused as a wrong password is."""
    locked = customer(is_locked=True, is_active=False)
    assert obstacles(locked, "b2c", must_change_password=True) == [
        Obstacle.LOCKED,
        Obstacle.DISABLED,
        Obstacle.PASSWORD_CHANGE,
    ]
    for stranger, site_set in ((locked, "b2b"), (customer(has_login=False), "b2c")):
        first = obstacles(stranger, site_set, must_change_password=True)[0]
        assert isinstance(REFUSALS[first](), BadCredentials)
    assert obstacles(customer(), "b2c", must_change_password=False) == []
