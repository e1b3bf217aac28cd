"""Two instances that count in one Valkey, and time in the hand of the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis

from authsvc.guessing.attempts import Attempt, Permit
from authsvc.guessing.counts import ValkeyCounts
from authsvc.guessing.origins import Origin, block_of
from authsvc.guessing.rules import Door, Limits, TooManyFailures
from authsvc.guessing.use_cases import limits_of
from authsvc.infra.valkey import Valkey
from authsvc.settings import Settings

STACY = "stacy@mail.com"


@dataclass
class Bench:
    """Counts of two instances; `now` goes on as it is told to, and every name is one that no other test uses."""

    counts: tuple[ValkeyCounts, ValkeyCounts]
    limits: Limits
    now: datetime
    tenant_id: int

    def attempt(
        self, address: str = "198.51.100.1", name: str = STACY, device: str | None = None
    ) -> Attempt:
        """Return a try of a password on site 101."""
        return self.at(Origin(block_of(address), device=device), name)

    def at(self, origin: Origin, name: str = STACY, customer_set: str = "b2c") -> Attempt:
        """Return the same from elsewhere, or on another set."""
        return Attempt(Door.PASSWORD, origin, self.tenant_id, customer_set, 101, name)

    def begin(self, attempt: Attempt) -> Permit:
        """Begin on the first instance."""
        return self.counts[0].begin(attempt, self.now)

    def refusal(self, attempt: Attempt) -> TooManyFailures | None:
        """Return why a try is refused, or None for one that is counted."""
        try:
            self.begin(attempt)
        except TooManyFailures as refused:
            return refused
        return None

    def succeed(self, permit: Permit) -> None:
        """Say on the second instance that a try was good."""
        self.counts[1].take_back(permit, self.now, good=True)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def count(self, name: str = STACY) -> int:
        """Return how often a name has failed."""
        return self.counts[1].standing(self.tenant_id, "b2c", name, self.now).count


@pytest.fixture(name="made")
def _made(settings: Settings) -> Iterator[Bench]:
    url = settings.valkey_url.get_secret_value()
    limits = limits_of(settings)
    one, other = Valkey(url), Valkey(url)
    counts = (ValkeyCounts(one, limits), ValkeyCounts(other, limits))
    yield Bench(counts, limits, datetime.now(UTC), uuid4().int % 10**12)
    one.close()
    other.close()
    forget_everything(settings)


def forget_everything(settings: Settings) -> None:
    """Leave nothing to the next test."""
    valkey = redis.Redis.from_url(settings.valkey_url.get_secret_value())
    for key in valkey.scan_iter("authsvc:guessing:*", count=1_000):
        valkey.delete(key)
    valkey.close()


@pytest.fixture(name="strict")
def _strict(made: Bench) -> Bench:
    """The same with few failures for an address block."""
    return limited(made, replace(made.limits, address=replace(made.limits.address, amount=10)))


def limited(made: Bench, limits: Limits) -> Bench:
    """Return the same by other limits."""
    one, other = (ValkeyCounts(each._valkey, limits) for each in made.counts)
    return replace(made, counts=(one, other), limits=limits)
