"""Failed sign-ins, counted in Valkey by what was typed, whether an account answers to it or not.

Counting goes by customer set and username, so that a stranger learns nothing from being counted (rule 11). Without
Valkey nothing is counted and everybody may try: a lost counter must not lock shoppers out (design §4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from authsvc.errors import TooMany
from authsvc.infra.valkey import Command, Servers, ValkeyUnavailable

log = structlog.get_logger(__name__)


class TooManyFailures(TooMany):
    """So many wrong passwords for one username that nobody may try it for a while."""

    def __init__(self, seconds: int) -> None:
        """Say when to try again, in `seconds`."""
        super().__init__(
            f"Too many failed attempts. Try again in {-(-seconds // 60)} minutes, or reset the password.",
            retry_after_seconds=seconds,
        )


@dataclass(frozen=True, slots=True)
class Failures:
    """Where one username stands: failures, tries left, when the first was counted and when all are forgotten."""

    count: int
    remaining: int
    first_at: datetime | None
    forgotten_at: datetime | None = None


class Attempts:
    """Counts per tenant, customer set and username key."""

    def __init__(self, valkey: Servers, *, limit: int, window_seconds: int) -> None:
        """Allow `limit` failures within `window_seconds` of the first."""
        self._valkey = valkey
        self._limit = limit
        self._window_seconds = window_seconds

    def ensure_allowed(self, tenant_id: int, customer_set: str, key: str) -> int:
        """Return how often the username has failed; raises `TooManyFailures` if too often."""
        failed, milliseconds_left = self._standing(tenant_id, customer_set, key)
        if failed >= self._limit:
            # Rounded up: who comes back on time is let in.
            raise TooManyFailures(max(1, -(-milliseconds_left // 1000)))
        return failed

    def record_failure(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Count a failed sign-in."""
        counter = _counter(tenant_id, customer_set, key)
        # The first opens the window; counting on does not lengthen it. In one transaction, or a counter that ends
        # between the two would begin again without an end.
        self._ask(
            counter,
            ("MULTI",),
            ("SET", counter, 0, "NX", "EX", self._window_seconds),
            ("INCR", counter),
            ("EXEC",),
        )

    def forget(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Start counting anew, after a good sign-in or an unlock."""
        counter = _counter(tenant_id, customer_set, key)
        self._ask(counter, ("DEL", counter))

    def failures(self, tenant_id: int, customer_set: str, key: str) -> Failures:
        """Tell where a username stands."""
        failed, milliseconds_left = self._standing(tenant_id, customer_set, key)
        if not failed:
            return Failures(0, self._limit, None)
        forgotten_at = datetime.now(UTC) + timedelta(milliseconds=milliseconds_left)
        return Failures(
            failed,
            max(0, self._limit - failed),
            forgotten_at - timedelta(seconds=self._window_seconds),
            forgotten_at,
        )

    def _standing(self, tenant_id: int, customer_set: str, key: str) -> tuple[int, int]:
        """Return how many failures are counted, and for how many milliseconds more."""
        counter = _counter(tenant_id, customer_set, key)
        failed, milliseconds_left = self._ask(counter, ("GET", counter), ("PTTL", counter)) or (
            None,
            0,
        )
        return int(failed or 0), max(0, milliseconds_left)

    def _ask(self, counter: str, *commands: Command) -> list[Any]:
        """Return the replies of whoever holds the counter; none from a server that cannot be asked."""
        try:
            return self._valkey.holding(counter.encode()).ask(lambda _run: commands)
        except ValkeyUnavailable as failure:
            log.warning("attempts_not_counted", error=type(failure).__name__)
            return []


def _counter(tenant_id: int, customer_set: str, key: str) -> str:
    """Name the counter; what was typed may be a password in the wrong field, so only its digest is kept."""
    typed = hashlib.sha256(key.encode()).hexdigest()
    return f"authsvc:attempts:{tenant_id}:{customer_set}:{typed}"
