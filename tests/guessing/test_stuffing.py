"""Stuffing is noticed on one set and hardens all; who is known goes on."""

from __future__ import annotations

from dataclasses import replace

from authsvc.guessing.attempts import Attempt
from authsvc.guessing.counts import Noticed
from authsvc.guessing.origins import Origin
from authsvc.guessing.rules import Reason, Step
from tests.guessing.conftest import Bench

HOME = "192.0.2.1"


def stuff(made: Bench, many: int, first: int = 0) -> list[Noticed]:
    """Try a stolen password each for so many names, each from a block of its own; returns what was noticed."""
    noticed = []
    for number in range(first, first + many):
        stolen = made.attempt(f"10.{number >> 8}.{number & 255}.1", name=f"{number}@mail.com")
        found = made.counts[number % 2].fail(made.begin(stolen), made.now)
        noticed += [found] if found else []
    return noticed


def elsewhere(made: Bench, block: str, name: str = "dana@mail.com") -> Attempt:
    """Return a try on another tenant's site."""
    return Attempt(made.attempt().door, Origin(block), made.tenant_id + 1, "default", 2_101, name)


def test_stuffing_noticed_on_one_set_hardens_the_sets_of_all_tenants(made: Bench) -> None:
    home = made.begin(elsewhere(made, "192.0.2.0/24"))
    made.succeed(home)
    (noticed,) = stuff(made, made.limits.noticed_at.amount)
    assert noticed.failures == made.limits.noticed_at.amount
    assert noticed.names > 0.9 * noticed.failures
    assert made.counts[0].is_hardened(made.now)
    # A block never seen has a tenth, and names two tries before the first wait.
    few = made.limits.address.amount // made.limits.hardened_divisor
    for number in range(few):
        assert made.refusal(elsewhere(made, "203.0.113.0/24", f"{number}@mail.com")) is None
    refused = made.refusal(elsewhere(made, "203.0.113.0/24"))
    assert refused is not None
    assert refused.reason is Reason.ADDRESS
    # A block that good sign-ins have come from goes on, and so does a device that is known.
    assert made.begin(elsewhere(made, "192.0.2.0/24")).step is Step.SEEN_ADDRESS
    device = replace(elsewhere(made, ""), origin=Origin("203.0.113.0/24", device="phone"))
    assert made.begin(device).step is Step.KNOWN_DEVICE
    # It is over half an hour after it was noticed last; whoever comes first then hears of it, once.
    made.wait(made.limits.hardened_for.total_seconds())
    eased = [made.begin(elsewhere(made, f"203.0.{n}.0/24")).was_eased for n in range(3)]
    assert eased == [True, False, False]
    assert not made.counts[1].is_hardened(made.now)


def test_strangers_together_have_a_tenth_while_it_is_hardened(made: Bench) -> None:
    stuff(made, made.limits.noticed_at.amount)
    through = 0
    reasons = set()
    for number in range(2_000):
        refused = made.refusal(
            elsewhere(made, f"10.{number >> 8}.{number & 255}.0/24", f"{number}")
        )
        through += refused is None
        reasons.add(refused.reason if refused else None)
    assert through == made.limits.site.amount // made.limits.hardened_divisor
    assert reasons == {None, Reason.SITE}


def test_a_seen_block_from_which_many_fail_is_a_strangers_again(made: Bench) -> None:
    """Or whoever has one account, and signs in to it, could go on guessing."""
    made.succeed(made.begin(made.attempt(HOME)))
    stuff(made, made.limits.noticed_at.amount)
    few = made.limits.address.amount // made.limits.hardened_divisor
    for number in range(few):
        assert made.begin(made.attempt(HOME, name=f"x{number}@mail.com")).step is Step.SEEN_ADDRESS
    refused = made.refusal(made.attempt(HOME, name="more@mail.com"))
    assert refused is not None
    assert refused.reason is Reason.ADDRESS
    assert refused.retry_after_seconds is not None
    made.wait(refused.retry_after_seconds)
    assert made.begin(made.attempt(HOME, name="more@mail.com")).step is Step.STRANGER
    made.succeed(made.begin(made.attempt(HOME, device="phone")))
    assert made.begin(made.attempt(HOME, name="still@mail.com")).step is Step.STRANGER
    # Whoever has read an account's mail from there is none.
    made.counts[0].vouch("192.0.2.0/24")
    assert made.begin(made.attempt(HOME, name="again@mail.com")).step is Step.SEEN_ADDRESS


def test_a_busy_evening_and_a_broken_storefront_harden_nothing(made: Bench) -> None:
    many = made.limits.noticed_at.amount
    for number in range(many):
        home = f"10.9.{number % 250}.1"
        made.succeed(made.begin(made.attempt(home, name=f"good{number}@mail.com")))
    for number in range(many):
        home = f"10.9.{number % 250}.1"
        permit = made.begin(made.attempt(home, name=f"{number}@mail.com"))
        assert made.counts[0].fail(permit, made.now) is None
        if number < many - 1:
            made.succeed(made.begin(made.attempt(home, name=f"again{number}@mail.com")))
    one_name = [
        made.begin(
            made.at(Origin(f"10.8.{number}.0/24", device=None), f"{number % 9}@mail.com", "b2b")
        )
        for number in range(100)
    ]
    assert [made.counts[0].fail(permit, made.now) for permit in one_name] == [None] * 100
    assert not made.counts[0].is_hardened(made.now)
