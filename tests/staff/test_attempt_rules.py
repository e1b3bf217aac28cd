"""How the wait grows with each failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from authsvc.staff.attempt_rules import (
    FORGOTTEN_AFTER,
    LONGEST_WAIT,
    Count,
    TooManyStaffAttempts,
    code_counter,
    password_counters,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_the_first_failures_cost_no_wait_and_each_further_one_doubles_it() -> None:
    waits = [int(Count(failures, NOW).wait(5, NOW).total_seconds()) for failures in range(18)]
    assert waits == [0] * 5 + [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


@given(st.integers(0, 10_000), st.integers(0, 100), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_wait_is_never_longer_than_the_longest_and_ends(
    failures: int, free: int, passed: timedelta
) -> None:
    wait = Count(failures, NOW).wait(free, NOW + passed)
    assert timedelta(0) <= wait <= LONGEST_WAIT
    assert Count(failures, NOW).wait(free, NOW + passed + wait) == timedelta(0)


def test_failures_are_forgotten_in_the_end() -> None:
    count = Count(40, NOW)
    assert count.failures_at(NOW + FORGOTTEN_AFTER - timedelta(seconds=1)) == 40
    assert count.failures_at(NOW + FORGOTTEN_AFTER) == 0


def test_a_familiar_address_is_not_counted_with_strangers() -> None:
    strangers = password_counters("anna", "192.0.2.7", familiar=False)
    owner = password_counters("anna", "192.0.2.7", familiar=True)
    assert strangers[: len(owner)] == owner
    assert len({counter.key for counter in [*strangers, code_counter(101)]}) == 4


def test_a_refusal_says_when_to_try_again() -> None:
    assert "in 4 seconds" in TooManyStaffAttempts(4).message
    assert "in 15 minutes" in TooManyStaffAttempts(900).message
