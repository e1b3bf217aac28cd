"""How often staff may guess: what is counted, and how the wait grows. Pure, like `rules`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from authsvc.errors import TooMany

# A failure this old says nothing about who is at the door now.
FORGOTTEN_AFTER = timedelta(hours=24)
# Four guesses an hour in the end: a six-digit code with three good values at a time outlives its owner.
LONGEST_WAIT = timedelta(minutes=15)


class TooManyStaffAttempts(TooMany):
    """Guessing has gone too far; the same words whether the staff user exists or not."""

    def __init__(self, seconds: int) -> None:
        """Say when to try again, in `seconds`."""
        unit = f"{-(-seconds // 60)} minutes" if seconds > 90 else f"{seconds} seconds"
        super().__init__(
            f"Too many failed attempts. Try again in {unit}.", retry_after_seconds=seconds
        )


@dataclass(frozen=True, slots=True)
class Counter:
    """One thing that failures are counted by; `free` failures cost no wait."""

    key: bytes
    free: int


@dataclass(frozen=True, slots=True)
class Count:
    """Where a counter stands."""

    failures: int
    last_at: datetime

    def failures_at(self, now: datetime) -> int:
        """Return the failures that still count."""
        return 0 if now >= self.last_at + FORGOTTEN_AFTER else self.failures

    def wait(self, free: int, now: datetime) -> timedelta:
        """Return how long the next attempt must wait: 1 s after the free ones, and twice as long with each more."""
        beyond = self.failures_at(now) - free
        if beyond < 0:
            return timedelta(0)
        # 2^10 seconds are beyond the longest wait: no need to count further.
        delay = min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST_WAIT)
        return max(self.last_at + delay - now, timedelta(0))


def password_counters(username_key: str, address: str, *, familiar: bool) -> list[Counter]:
    """Return what a password is counted by: the name from this address, the address, and the name from anywhere.

    `familiar`: the name's owner has signed in from this address before. Then strangers who guess elsewhere do not
    keep the owner out: a lockout must not become a weapon against names that are known.
    """
    counters = [
        Counter(_key("name at address", username_key, address), free=5),
        Counter(_key("address", address), free=50),
    ]
    return counters if familiar else [*counters, Counter(_key("name", username_key), free=20)]


def code_counter(staff_user_id: int) -> Counter:
    """Return what one-time codes are counted by: only who knows the password comes this far, so everywhere alike."""
    return Counter(_key("code", str(staff_user_id)), free=5)


def _key(*parts: str) -> bytes:
    """Name a counter; what was typed may be a password in the wrong field, so only its digest is kept."""
    return hashlib.sha256("\0".join(parts).encode()).digest()
