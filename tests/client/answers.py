"""Answers and news as the server gives them, for tests of what a process keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from authsvc.client.questions import News
from authsvc.client.session import Session
from authsvc.tokens import digest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STACY, JOHN = f"1001s~{'s' * 43}", f"1001s~{'j' * 43}"
SITE = 101


@dataclass
class Ticks:
    """Seconds, turned by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Read them."""
        return self.now


def moment(ticks: float) -> datetime:
    """Return the server's time at a tick."""
    return NOON + timedelta(seconds=ticks)


def session(true_at: float = 1000.0, *, lasts: float = 900.0) -> Session:
    """Return a session that is good as of a tick, and for so many seconds."""
    return Session(
        1001,
        SITE,
        "b2c",
        "0123456789abcdef0123456789abcdef",
        7,
        ("password",),
        NOON,
        moment(true_at + lasts),
        moment(true_at),
    )


def news(*tokens: str, age: float = 0.0, complete: bool = True, true_at: float = 1000.0) -> News:
    """Return news of these tokens' ends."""
    return News("p", complete, tuple(map(digest, tokens)), age, moment(true_at))
