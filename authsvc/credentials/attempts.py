"""Failed sign-ins, counted in Valkey by what was typed, whether an account answers to it or not.

Counting goes by customer set and username, so that a stranger learns nothing from being counted (rule 11). Without
Valkey nothing is counted and everybody may try: a lost counter must not lock shoppers out (design §4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
import structlog
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from authsvc.errors import TooMany

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
    """Where one username stands: failures counted, tries left, and when the first was counted."""

    count: int
    remaining: int
    first_at: datetime | None


class Attempts:
    """Counts per tenant, customer set and username key."""

    def __init__(
        self, connections: redis.ConnectionPool, *, limit: int, window_seconds: int
    ) -> None:
        """Allow `limit` failures within `window_seconds` of the first."""
        self._limit = limit
        self._window_seconds = window_seconds
        self._item = RateLimitItemPerSecond(limit, window_seconds, namespace="authsvc:attempts")
        # The address is not used: the storage takes the connections it is given.
        storage = RedisStorage(
            "redis://localhost", connection_pool=connections, wrap_exceptions=True
        )
        self._limiter = FixedWindowRateLimiter(storage)

    def ensure_allowed(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Raise `TooManyFailures` if the username has failed too often."""
        try:
            if self._limiter.test(self._item, *_identifiers(tenant_id, customer_set, key)):
                return
            stats = self._limiter.get_window_stats(
                self._item, *_identifiers(tenant_id, customer_set, key)
            )
        except StorageError as failure:
            log.warning("attempts_not_counted", error=type(failure).__name__)
            return
        raise TooManyFailures(max(1, int(stats.reset_time - datetime.now(UTC).timestamp()) + 1))

    def record_failure(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Count a failed sign-in."""
        try:
            self._limiter.hit(self._item, *_identifiers(tenant_id, customer_set, key))
        except StorageError as failure:
            log.warning("attempts_not_counted", error=type(failure).__name__)

    def forget(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Start counting anew, after a good sign-in or an unlock."""
        try:
            self._limiter.clear(self._item, *_identifiers(tenant_id, customer_set, key))
        except StorageError as failure:
            log.warning("attempts_not_counted", error=type(failure).__name__)

    def failures(self, tenant_id: int, customer_set: str, key: str) -> Failures:
        """Tell where a username stands."""
        try:
            stats = self._limiter.get_window_stats(
                self._item, *_identifiers(tenant_id, customer_set, key)
            )
        except StorageError as failure:
            log.warning("attempts_not_counted", error=type(failure).__name__)
            return Failures(0, self._limit, None)
        count = self._limit - stats.remaining
        first_at = (
            datetime.fromtimestamp(stats.reset_time - self._window_seconds, UTC) if count else None
        )
        return Failures(count, stats.remaining, first_at)


def _identifiers(tenant_id: int, customer_set: str, key: str) -> tuple[str, str, str]:
    """Name the counter; what was typed may be a password in the wrong field, so only its digest is kept."""
    return str(tenant_id), customer_set, hashlib.sha256(key.encode()).hexdigest()
