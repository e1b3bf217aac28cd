"""While Valkey cannot be asked, each worker counts by itself: nobody is locked out, and nobody guesses freely."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from authsvc.guessing.counts import ValkeyCounts
from authsvc.guessing.resilience import ResilientCounts
from authsvc.guessing.rules import FREE_FROM_ONE_ORIGIN, Reason, Standing, TooManyFailures
from authsvc.infra.valkey import Valkey
from tests.guessing.conftest import Bench
from tests.machines import NOWHERE


@pytest.fixture(name="alone")
def _alone(strict: Bench) -> ResilientCounts:
    cut_off = Valkey(NOWHERE.get_secret_value())
    return ResilientCounts(ValkeyCounts(cut_off, strict.limits), strict.limits)


def test_a_name_waits_longer_and_longer_without_valkey_too(
    strict: Bench, alone: ResilientCounts
) -> None:
    now = strict.now
    for _ in range(FREE_FROM_ONE_ORIGIN):
        permit = alone.begin(strict.attempt(), now)
        assert permit.in_memory
        assert alone.fail(permit, now) is None
    with pytest.raises(TooManyFailures) as refused:
        alone.begin(strict.attempt(), now)
    assert (refused.value.reason, refused.value.retry_after_seconds) == (Reason.WAIT, 1)
    # A known device does not wait for strangers, and leaves what they failed; a good sign-in from elsewhere forgets.
    alone.take_back(alone.begin(strict.attempt(device="phone"), now), now, good=True)
    with pytest.raises(TooManyFailures):
        alone.begin(strict.attempt(), now)
    alone.take_back(alone.begin(strict.attempt("203.0.113.1"), now), now, good=True)
    alone.begin(strict.attempt(), now)


def test_a_try_that_nobody_judged_is_taken_back_alone_without_valkey_too(
    strict: Bench, alone: ResilientCounts
) -> None:
    for device in (None, "phone"):
        attempt = strict.attempt(name=f"{device}@mail.com", device=device)
        for _ in range(FREE_FROM_ONE_ORIGIN - 1):
            alone.begin(attempt, strict.now)
        for _ in range(2):
            alone.take_back(alone.begin(attempt, strict.now), strict.now, good=False)
        alone.begin(attempt, strict.now)
        with pytest.raises(TooManyFailures):
            alone.begin(attempt, strict.now)


def test_what_is_good_uses_nothing_up_without_valkey_too(
    strict: Bench, alone: ResilientCounts
) -> None:
    most = strict.limits.address.amount
    for number in range(most - 1):
        alone.begin(strict.attempt(name=f"{number}@mail.com"), strict.now)
    for good in (True, True, False, False):
        permit = alone.begin(strict.attempt(name="good@mail.com"), strict.now)
        alone.take_back(permit, strict.now, good=good)
    alone.begin(strict.attempt(name="last@mail.com"), strict.now)
    with pytest.raises(TooManyFailures):
        alone.begin(strict.attempt(name="more@mail.com"), strict.now)


def test_an_address_block_has_its_limit_without_valkey_too(
    strict: Bench, alone: ResilientCounts
) -> None:
    for number in range(strict.limits.address.amount):
        alone.begin(strict.attempt(name=f"{number}@mail.com"), strict.now)
    with pytest.raises(TooManyFailures) as refused:
        alone.begin(strict.attempt(name="more@mail.com"), strict.now)
    assert refused.value.reason is Reason.ADDRESS
    assert 590 <= (refused.value.retry_after_seconds or 0) <= 600


def test_nobody_is_told_to_have_failed_while_nobody_can_tell(
    strict: Bench, alone: ResilientCounts
) -> None:
    alone.forget(strict.tenant_id, "b2c", "stacy@mail.com")
    alone.vouch("198.51.100.0/24")
    standing = alone.standing(strict.tenant_id, "b2c", "stacy@mail.com", strict.now)
    assert standing == Standing(0, strict.limits.strangers)


def test_when_valkey_is_back_it_counts_and_what_was_kept_meanwhile_is_dropped(
    strict: Bench, alone: ResilientCounts
) -> None:
    for _ in range(FREE_FROM_ONE_ORIGIN - 1):
        alone.begin(strict.attempt(), strict.now)
    permit = alone.begin(strict.attempt(), strict.now)
    alone._valkey = strict.counts[0]
    alone.take_back(permit, strict.now, good=False)
    assert not alone.begin(strict.attempt(), strict.now).in_memory
    assert alone._memory is None
    assert strict.count() == 1
    # One that goes away between the two questions leaves the try counted.
    counted = alone.begin(strict.attempt(), strict.now)
    alone._valkey = ValkeyCounts(Valkey(NOWHERE.get_secret_value()), strict.limits)
    alone.take_back(counted, strict.now, good=True)
    assert alone.fail(replace(counted), strict.now + timedelta(seconds=1)) is None
    assert strict.count() == 2
