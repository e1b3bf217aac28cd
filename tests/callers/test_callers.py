"""Deny by default: what a call asks of its caller (design §5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from authsvc.callers import (
    SIGNED_IN,
    Behavior,
    Caller,
    NoTicket,
    Requires,
    Shopper,
    ShopperRole,
)
from authsvc.errors import AuthsvcError, Forbidden, Invalid

READ = Behavior.CUSTOMER_READ
NOBODY = Caller(1001)
READER = Caller(1001, application="1001.a", behaviors=frozenset({READ}))
WRITER = Caller(1001, application="1001.b", behaviors=frozenset({Behavior.CUSTOMER_UPDATE}))
STACY = Shopper("s", "u" * 32, 1001, "b2c")
ANONYMOUS = Shopper("t", "v" * 32, None, "b2c")


def with_shopper(caller: Caller, shopper: Shopper | None) -> Caller:
    return replace(caller, shopper=shopper, carries_shopper=True)


@pytest.mark.parametrize(
    ("role", "caller", "refusal"),
    [
        (ShopperRole.REFUSED, NOBODY, NoTicket),
        (ShopperRole.REFUSED, READER, None),
        (ShopperRole.REFUSED, WRITER, Forbidden),
        (ShopperRole.REFUSED, with_shopper(READER, STACY), Forbidden),
        (ShopperRole.REFUSED, with_shopper(READER, None), Forbidden),
        (ShopperRole.REFUSED, with_shopper(NOBODY, STACY), NoTicket),
        (ShopperRole.OWN_ACCOUNT, NOBODY, NoTicket),
        (ShopperRole.OWN_ACCOUNT, READER, None),
        (ShopperRole.OWN_ACCOUNT, WRITER, Forbidden),
        (ShopperRole.OWN_ACCOUNT, with_shopper(NOBODY, STACY), None),
        (ShopperRole.OWN_ACCOUNT, with_shopper(WRITER, STACY), None),
        (ShopperRole.REQUIRED, NOBODY, NoTicket),
        (ShopperRole.REQUIRED, READER, NoTicket),
        (ShopperRole.REQUIRED, with_shopper(NOBODY, STACY), None),
        (ShopperRole.REQUIRED, with_shopper(NOBODY, ANONYMOUS), None),
        (ShopperRole.IRRELEVANT, NOBODY, NoTicket),
        (ShopperRole.IRRELEVANT, READER, None),
        (ShopperRole.IRRELEVANT, WRITER, Forbidden),
        (ShopperRole.IRRELEVANT, with_shopper(READER, STACY), None),
        (ShopperRole.IRRELEVANT, with_shopper(NOBODY, STACY), NoTicket),
    ],
)
def test_who_may_call(
    role: ShopperRole, caller: Caller, refusal: type[AuthsvcError] | None
) -> None:
    requires = Requires(READ, role)
    if refusal is None:
        requires.admit(caller)
    else:
        with pytest.raises(refusal):
            requires.admit(caller)


def test_a_call_that_needs_no_behavior_still_needs_an_application() -> None:
    Requires().admit(READER)
    with pytest.raises(NoTicket):
        Requires().admit(NOBODY)


@pytest.mark.parametrize("role", list(ShopperRole))
def test_the_description_says_in_words_and_schemes_who_may_call(role: ShopperRole) -> None:
    requires = Requires(READ, role)
    schemes = {name for alternative in requires.security for name in alternative}
    assert ("shopperTicket" in schemes) == (role in (ShopperRole.OWN_ACCOUNT, ShopperRole.REQUIRED))
    assert ("applicationTicket" in schemes) == (role is not ShopperRole.REQUIRED)
    assert ("`customer-read`" in requires.description) == (role is not ShopperRole.REQUIRED)
    assert "ticket" in SIGNED_IN.description


def test_a_shopper_reaches_only_their_own_account() -> None:
    """Rule 15: My Account belongs to the account, and is invisible outside of it."""
    stacy = with_shopper(READER, STACY)
    stacy.may_see_account(1001)
    for account_id in (1002, 0):
        with pytest.raises(Forbidden):
            stacy.may_see_account(account_id)
    with pytest.raises(Forbidden):
        with_shopper(READER, ANONYMOUS).may_see_account(1001)
    READER.may_see_account(1002)
    assert stacy.own_account() == 1001
    for nobody in (READER, with_shopper(READER, ANONYMOUS)):
        with pytest.raises(NoTicket):
            nobody.own_account()


def test_a_call_about_a_site_must_name_it() -> None:
    assert replace(READER, site_id=101).site() == 101
    with pytest.raises(Invalid, match="x-vol-site"):
        READER.site()


def test_who_acts_is_the_shopper_before_the_application() -> None:
    assert NOBODY.name == "system"
    assert READER.name == "application:1001.a"
    assert with_shopper(READER, STACY).name == f"shopper:{STACY.user_id}"
    assert with_shopper(READER, None).is_shopper
    assert replace(READER, shopper=STACY).is_shopper
    assert not READER.is_shopper
