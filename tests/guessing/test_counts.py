"""What is let in and what is not, counted in a real Valkey by two instances."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis

from authsvc.guessing.attempts import Attempt
from authsvc.guessing.origins import Origin
from authsvc.guessing.rules import (
    FREE_ALTOGETHER,
    FREE_FROM_ONE_ORIGIN,
    KEPT_FOR_KNOWN_DEVICES,
    Door,
    Reason,
    Step,
    TooManyFailures,
    wait_after,
)
from authsvc.settings import Settings
from tests.guessing.conftest import STACY, Bench


def let_in(made: Bench, attempts: list[Attempt]) -> int:
    """Try all at once, on both instances in turn; returns how many are let in."""

    def is_let_in(numbered: tuple[int, Attempt]) -> bool:
        number, attempt = numbered
        try:
            made.counts[number % 2].begin(attempt, made.now)
        except TooManyFailures:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        return sum(threads.map(is_let_in, enumerate(attempts)))


def address(number: int) -> str:
    """Return an address of a block of its own."""
    return f"10.{number >> 8}.{number & 255}.1"


def test_of_many_at_once_on_two_instances_exactly_as_many_are_let_in_as_the_limit_says(
    made: Bench,
) -> None:
    """An address block's failures, then one name's from everywhere, then a site's."""
    one_block = [made.attempt(f"198.51.100.{n}", name=f"{n}@mail.com") for n in range(120)]
    assert let_in(made, one_block) == made.limits.address.amount
    one_name = [made.attempt(address(n)) for n in range(100)]
    assert let_in(made, one_name) == FREE_ALTOGETHER
    left = made.limits.site.amount - made.limits.address.amount - FREE_ALTOGETHER
    one_site = [made.attempt(address(1_000 + n), name=f"x{n}@mail.com") for n in range(left + 40)]
    assert let_in(made, one_site) == left


def test_the_wait_for_a_name_grows_and_retry_after_is_true(made: Bench) -> None:
    """Whoever comes back on time is let in, and nobody before: as the rules say in Python, so does the script."""
    for failures in range(1, 20):
        assert made.refusal(made.attempt()) is None
        wait = wait_after(failures, FREE_FROM_ONE_ORIGIN, made.limits.longest_wait).total_seconds()
        if not wait:
            continue
        made.wait(wait - 0.5)
        early = made.refusal(made.attempt())
        assert early is not None
        assert (early.reason, early.retry_after_seconds) == (Reason.WAIT, 1)
        made.wait(0.5)
    assert made.count() == 19


def test_a_stranger_elsewhere_makes_nobody_wait_before_the_twentieth_failure(made: Bench) -> None:
    for number in range(FREE_ALTOGETHER):
        assert made.refusal(made.attempt(address(number))) is None
    refused = made.refusal(made.attempt("203.0.113.5"))
    assert refused is not None
    assert refused.reason is Reason.WAIT


def test_a_stranger_cannot_lock_out_a_known_device(made: Bench) -> None:
    """NIST SP 800-63B-4 §3.2.2: a hundred failures and no more, of which the owner's devices have the last twenty."""
    tried = 0
    while made.count() < made.limits.strangers:
        made.wait(made.limits.longest_wait.total_seconds())
        assert made.refusal(made.attempt(address(tried))) is None
        tried += 1
        assert made.refusal(made.attempt(device="laptop")) is None
        made.succeed(made.counts[0].begin(made.attempt(device="phone"), made.now))
        if tried == made.limits.strangers:
            break
    made.wait(made.limits.longest_wait.total_seconds())
    refused = made.refusal(made.attempt("203.0.113.5"))
    assert refused is not None
    assert refused.reason is Reason.EXHAUSTED
    assert refused.retry_after_seconds is not None
    permit = made.begin(made.attempt(device="phone"))
    assert permit.step is Step.KNOWN_DEVICE
    made.succeed(permit)
    standing = made.counts[1].standing(made.tenant_id, "b2c", STACY, made.now)
    assert (standing.count, standing.remaining) == (0, 0)
    # A reset forgets everything, and so does time.
    made.counts[1].forget(made.tenant_id, "b2c", STACY)
    assert made.refusal(made.attempt("203.0.113.5")) is None


def test_a_known_device_fails_as_often_as_is_kept_for_it_and_then_nobody_goes_on(
    made: Bench,
) -> None:
    for number in range(made.limits.strangers):
        made.wait(made.limits.longest_wait.total_seconds())
        assert made.refusal(made.attempt(address(number))) is None
    for number in range(KEPT_FOR_KNOWN_DEVICES):
        made.wait(made.limits.longest_wait.total_seconds())
        assert made.refusal(made.attempt(device="phone")) is None, number
    made.wait(made.limits.longest_wait.total_seconds())
    refused = made.refusal(made.attempt(device="phone"))
    assert refused is not None
    assert refused.reason is Reason.EXHAUSTED
    standing = made.counts[0].standing(made.tenant_id, "b2c", STACY, made.now)
    assert standing.count == 100
    assert standing.everybody_waits.total_seconds() > 0
    assert refused.retry_after_seconds is not None
    made.wait(refused.retry_after_seconds)
    assert made.refusal(made.attempt(device="phone")) is None


def test_an_address_block_waits_until_the_first_of_its_failures_is_old(strict: Bench) -> None:
    for number in range(strict.limits.address.amount):
        assert strict.refusal(strict.attempt(name=f"{number}@mail.com")) is None
        strict.wait(20)
    refused = strict.refusal(strict.attempt(name="one-more@mail.com"))
    assert refused is not None
    assert refused.reason is Reason.ADDRESS
    assert refused.retry_after_seconds == 600 - 200 + 1
    strict.wait(refused.retry_after_seconds - 2)
    assert strict.refusal(strict.attempt(name="one-more@mail.com")) is not None
    strict.wait(2)
    assert strict.refusal(strict.attempt(name="one-more@mail.com")) is None


def test_what_is_refused_uses_up_nothing(strict: Bench) -> None:
    """Or one address would use up what its site allows to all strangers."""
    names = [f"{number}@mail.com" for number in range(400)]
    assert let_in(strict, [strict.attempt(name=name) for name in names]) == 10
    left = strict.limits.site.amount - 10
    others = [strict.attempt(address(n), name=f"x{n}@mail.com") for n in range(left)]
    assert let_in(strict, others) == left
    last = strict.refusal(strict.attempt("203.0.113.5", name="last@mail.com"))
    assert last is not None
    assert last.reason is Reason.SITE
    assert strict.count("last@mail.com") == 0
    # What its site refused, the address has left for another.
    on_sister = [
        replace(strict.attempt("203.0.113.5", name=f"y{n}@mail.com"), site_id=102)
        for n in range(20)
    ]
    assert let_in(strict, on_sister) == strict.limits.address.amount


def test_a_good_sign_in_and_one_that_nobody_judged_are_taken_back(strict: Bench) -> None:
    for _ in range(3):
        strict.begin(strict.attempt())
    strict.counts[1].take_back(strict.begin(strict.attempt()), strict.now, good=False)
    assert strict.count() == 3
    strict.succeed(strict.begin(strict.attempt()))
    assert strict.count() == 0
    # Three failures are left in the block's window.
    rest = [strict.attempt(name=f"{number}@mail.com") for number in range(20)]
    assert let_in(strict, rest) == strict.limits.address.amount - 3


def test_no_set_hears_what_fails_in_another(made: Bench) -> None:
    for _ in range(FREE_FROM_ONE_ORIGIN):
        made.begin(made.attempt())
    assert made.refusal(made.attempt()) is not None
    elsewhere = Origin("203.0.113.0/24")
    assert made.refusal(made.at(elsewhere, customer_set="b2b")) is None
    other_tenant = replace(made.attempt("203.0.113.9"), tenant_id=made.tenant_id + 1)
    assert made.refusal(other_tenant) is None
    assert made.refusal(replace(made.attempt("203.0.113.9"), door=Door.CODE)) is None


def test_what_was_typed_is_not_kept(made: Bench, settings: Settings) -> None:
    """It may be a password in the wrong field, so only its digest is kept."""
    made.counts[0].fail(made.begin(made.attempt(name="Analytical1")), made.now)
    valkey = redis.Redis.from_url(settings.valkey_url.get_secret_value())
    kept = [
        (key, valkey.hgetall(key) if valkey.type(key) == b"hash" else valkey.dump(key))
        for key in valkey.scan_iter("authsvc:guessing:*")
    ]
    valkey.close()
    assert kept
    assert b"nalytical" not in repr(kept).encode()


def test_a_valkey_that_has_begun_anew_learns_the_scripts_and_counts_once(
    made: Bench, settings: Settings
) -> None:
    valkey = redis.Redis.from_url(settings.valkey_url.get_secret_value())
    made.begin(made.attempt())
    valkey.script_flush()
    permit = made.begin(made.attempt())
    valkey.script_flush()
    assert made.count() == 2
    made.succeed(permit)
    assert made.count() == 0
    valkey.close()


def test_an_application_that_tells_no_addresses_has_as_many_failures_as_a_site(
    made: Bench,
) -> None:
    shop = Origin("application:shop", is_storefront=True)
    tried = [made.at(shop, f"{number}@mail.com") for number in range(400)]
    assert let_in(made, tried) == made.limits.site.amount


@pytest.mark.parametrize("door", [Door.SIGN_UP, Door.RECOVERY, Door.LINK])
def test_every_door_has_a_window_of_its_own(strict: Bench, door: Door) -> None:
    tried = Attempt(door, Origin("198.51.100.0/24"), strict.tenant_id, "", None)
    assert let_in(strict, [tried] * 30) == 10
    assert strict.refusal(strict.attempt()) is None
