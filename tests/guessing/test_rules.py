"""How long one waits, what is said, what looks like stuffing, and what counts as one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from authsvc.callers import Caller, ShownDevice
from authsvc.guessing.origins import block_of, origin_of
from authsvc.guessing.rules import (
    KEPT_FOR_KNOWN_DEVICES,
    MOST_STRANGERS,
    Reason,
    TooManyFailures,
    spoken,
    wait_after,
)
from authsvc.settings import Settings

LONGEST = timedelta(minutes=15)


def test_the_first_failures_are_free_and_then_the_wait_doubles_up_to_the_longest() -> None:
    waits = [wait_after(failures, 5, LONGEST).total_seconds() for failures in range(1, 18)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert wait_after(10**6, 5, LONGEST) == LONGEST


def test_no_account_ever_fails_more_than_a_hundred_times_in_a_row(settings: Settings) -> None:
    """NIST SP 800-63B-4 §3.2.2; whatever the setting says."""
    assert settings.failed_login_limit <= MOST_STRANGERS
    assert MOST_STRANGERS + KEPT_FOR_KNOWN_DEVICES == 100


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (900, "15 minutes"),
        (5_401, "2 hours"),
        (30 * 86_400, "30 days"),
    ],
)
def test_a_wait_is_said_as_people_say_it(seconds: int, said: str) -> None:
    assert spoken(seconds) == said
    for reason in Reason:
        assert said in TooManyFailures(seconds, reason).message


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("somewhere", None),
        (None, None),
    ],
)
def test_addresses_that_one_customer_has_are_one_block(
    address: str | None, block: str | None
) -> None:
    assert block_of(address) == block


def test_an_application_speaks_for_shoppers_whose_address_it_may_tell() -> None:
    """Its own address says nothing of them: a whole storefront is not one guesser."""
    storefront = Caller(1, application="shop", remote_address="10.0.0.5")
    untold = origin_of(storefront)
    assert (untold.block, untold.is_storefront) == ("application:shop", True)
    told = origin_of(replace(storefront, device=ShownDevice(address="203.0.113.77")))
    assert (told.block, told.is_storefront) == ("203.0.113.0/24", False)
    nonsense = origin_of(replace(storefront, device=ShownDevice(address="x")))
    assert nonsense == untold
