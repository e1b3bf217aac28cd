"""Time that a test holds in its hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HeldClock:
    """A clock that moves only when told to; `now` gives the time, `ticks` the seconds since it was made."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)
        self._passed = timedelta()

    def now(self) -> datetime:
        """Return the held time."""
        return self._start + self._passed

    def ticks(self) -> float:
        """Return the seconds passed."""
        return self._passed.total_seconds()

    def pass_time(self, **duration: float) -> None:
        """Let time pass: `pass_time(minutes=15)`."""
        self._passed += timedelta(**duration)
