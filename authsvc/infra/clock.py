"""The time as the rules see it: handed in, so that a test can hold fifteen minutes in its hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from authsvc.client.address import ticks

Clock = Callable[[], datetime]

# The clock that the library for services trusts by: it never jumps, and goes on while the machine sleeps.
running_seconds: Callable[[], float] = ticks


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)
