"""Argon2id in its bounded pool."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher, extract_parameters

from authsvc.credentials.hashing import (
    BUSY_RETRY_AFTER_SECONDS,
    NICENESS,
    HashingBusy,
    HashParameters,
    PasswordHashing,
)

CHEAP = HashParameters(time_cost=1, memory_kib=64)


@pytest.fixture(name="hashing")
def _hashing() -> Iterator[PasswordHashing]:
    hashing = PasswordHashing(CHEAP, lanes=1, most_waiting=1, longest_wait_seconds=10)
    yield hashing
    hashing.close()


def test_a_hash_says_how_it_was_made(hashing: PasswordHashing) -> None:
    """OWASP Password Storage Cheat Sheet: Argon2id; RFC 9106: 16 bytes of salt, 32 of tag."""
    found = extract_parameters(hashing.hash("Mystic-2026"))
    assert found.type.name == "ID"
    assert (found.time_cost, found.memory_cost, found.parallelism) == (1, 64, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)
    default = HashParameters()
    assert (default.memory_kib, default.time_cost, default.parallelism) == (46 * 1024, 1, 1)


def test_a_password_matches_its_hash_and_no_other(hashing: PasswordHashing) -> None:
    stored = hashing.hash("Mystic-2026")
    assert hashing.hash("Mystic-2026") != stored
    assert hashing.matches(stored, "Mystic-2026")
    assert not hashing.matches(stored, "mystic-2026")
    assert not hashing.matches("no hash at all", "Mystic-2026")


def test_nobody_matches_nothing_at_the_cost_of_a_comparison(hashing: PasswordHashing) -> None:
    """Rule 11: same time; the decoy is made with the same parameters as everybody's."""
    assert not hashing.matches(None, "Mystic-2026")
    assert not hashing.is_outdated(hashing._decoy)


def test_a_hash_by_other_parameters_is_outdated(hashing: PasswordHashing) -> None:
    assert not hashing.is_outdated(hashing.hash("Mystic-2026"))
    other = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash("Mystic-2026")
    assert hashing.is_outdated(other)
    assert hashing.matches(other, "Mystic-2026")


def test_more_than_may_wait_are_told_to_come_back(hashing: PasswordHashing) -> None:
    """Issue: excess waits or gets 503 with Retry-After."""
    busy, go_on = threading.Event(), threading.Event()
    verify = hashing._verify

    def held(stored_hash: str, prepared: str) -> bool:
        busy.set()
        assert go_on.wait(timeout=10)
        return verify(stored_hash, prepared)

    hashing._verify = held  # type: ignore[method-assign]  # a hash that takes its time
    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(hashing.matches, None, "x")
        assert busy.wait(timeout=10)
        waiting = threads.submit(hashing.matches, None, "x")
        while hashing._places._value:
            threading.Event().wait(0.001)
        with pytest.raises(HashingBusy) as refused:
            hashing.hash("Mystic-2026")
        assert refused.value.retry_after_seconds == BUSY_RETRY_AFTER_SECONDS
        go_on.set()
        assert (running.result(timeout=10), waiting.result(timeout=10)) == (False, False)
    assert hashing.hash("Mystic-2026")


def test_who_waits_too_long_is_told_to_come_back_and_the_place_is_free_again() -> None:
    hashing = PasswordHashing(CHEAP, lanes=1, most_waiting=1, longest_wait_seconds=0.05)
    go_on = threading.Event()
    hashing._verify = lambda *_: go_on.wait(timeout=10)  # type: ignore[method-assign]  # takes its time
    for _ in range(2):
        with pytest.raises(HashingBusy):
            hashing.matches(None, "x")
    go_on.set()
    hashing._longest_wait_seconds = 10
    assert hashing.hash("Mystic-2026")
    assert hashing._places._value == 2
    hashing.close()


def test_hashing_yields_the_processor_to_requests(hashing: PasswordHashing) -> None:
    assert hashing._in_a_lane(lambda: os.nice(0)) >= NICENESS
