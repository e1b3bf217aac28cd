"""The same counts in one process's memory, for as long as Valkey cannot be asked.

A fail-over or an outage must neither lock shoppers out nor let a guesser run free: each worker then holds everybody to
the same limits by itself, so that at the worst there are as many tries as there are workers times those. It begins from
nothing each time, and is let go of when Valkey answers again. The windows are kept by the `limits` library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from threading import Lock
from time import time

from cachetools import LRUCache
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from authsvc.guessing.attempts import Attempt, Counted, Permit
from authsvc.guessing.rules import (
    FREE_ALTOGETHER,
    FREE_FROM_ONE_ORIGIN,
    Limits,
    Reason,
    Step,
    TooManyFailures,
    wait_after,
)

# Names that fail while Valkey is away, of which the ones unused for longest are forgotten: some 20 MB.
MOST_ACCOUNTS = 50_000


@dataclass(slots=True)
class _Count:
    failures: int = 0
    last_at: datetime | None = None

    def due(self, free: int, longest: timedelta, now: datetime) -> timedelta:
        if self.last_at is None:
            return timedelta()
        return self.last_at + wait_after(self.failures, free, longest) - now

    def add(self, now: datetime) -> None:
        self.failures += 1
        self.last_at = now


@dataclass(slots=True)
class _Account:
    strangers: _Count = field(default_factory=_Count)
    origins: dict[str, _Count] = field(default_factory=dict)

    def take_back(self, origin: str, *, is_known: bool) -> None:
        """Count one failure less from there."""
        own = self.origins.get(origin)
        counts = [own] if is_known else [own, self.strangers]
        for each in counts:
            if each is not None and each.failures:
                each.failures -= 1


class MemoryCounts:
    """One process's; made when Valkey went away, and dropped when it is back."""

    def __init__(self, limits: Limits) -> None:
        """Count from nothing, by `limits`."""
        self._limits = limits
        self._storage = MemoryStorage()
        self._windows = MovingWindowRateLimiter(self._storage)
        self._accounts: LRUCache[str, _Account] = LRUCache(MOST_ACCOUNTS)
        self._counting = Lock()

    def begin(self, attempt: Attempt, now: datetime) -> Permit:
        """Count a try as failed, or count nothing and raise `TooManyFailures`.

        Nobody's addresses have been seen, and nothing is hardened: that is known in Valkey alone.
        """
        is_known = attempt.origin.device is not None
        with self._counting:
            account = self._accounts.get(attempt.account)
            if attempt.key is not None and account is not None:
                self._judge(account, attempt, now)
            windows = [] if is_known else self._windows_of(attempt)
            for window in windows:
                item = _item(window)
                if not self._windows.test(item, window.name):
                    reset = self._windows.get_window_stats(item, window.name).reset_time
                    raise TooManyFailures(max(1, ceil(reset - time())), window.reason)
            for window in windows:
                self._windows.hit(_item(window), window.name)
            if attempt.key is not None:
                self._count(account or _Account(), attempt, now)
        step = Step.KNOWN_DEVICE if is_known else Step.SEEN_ADDRESS
        return Permit(attempt, step, len(windows), in_memory=True)

    def take_back(self, permit: Permit, *, good: bool) -> None:
        """Take back what a good try was counted for, with all failures of its account; or one that nobody judged.

        A known device's good try leaves what strangers failed, as in Valkey (`take_back.lua`).
        """
        attempt = permit.attempt
        name, is_known = attempt.origin.name, attempt.origin.device is not None
        with self._counting:
            account = self._accounts.get(attempt.account)
            if account is not None and not good:
                account.take_back(name, is_known=is_known)
            elif account is not None and is_known and account.strangers.failures:
                account.origins.pop(name, None)
            else:
                self._accounts.pop(attempt.account, None)
            for window in attempt.windows(self._limits)[: permit.windows_taken]:
                self._give_back(window)

    def _give_back(self, window: Counted) -> None:
        """Take the newest entry of a window back, for which the `limits` library has no word."""
        key = _item(window).key_for(window.name)
        with self._storage.locks[key]:
            del self._storage.events.get(key, [])[:1]

    def _windows_of(self, attempt: Attempt) -> Sequence[Counted]:
        """Return the window of the try's own addresses; without knowing who is a stranger no other is fair."""
        return attempt.windows(self._limits)[:1]

    def _judge(self, account: _Account, attempt: Attempt, now: datetime) -> None:
        limits, origin = self._limits, attempt.origin
        own = account.origins.get(origin.name, _Count())
        wait = own.due(FREE_FROM_ONE_ORIGIN, limits.longest_wait, now)
        if origin.device is None:
            if account.strangers.failures >= limits.strangers:
                wait = limits.longest_wait
            wait = max(wait, account.strangers.due(FREE_ALTOGETHER, limits.longest_wait, now))
        if wait > timedelta():
            raise TooManyFailures(max(1, ceil(wait.total_seconds())), Reason.WAIT)

    def _count(self, account: _Account, attempt: Attempt, now: datetime) -> None:
        account.origins.setdefault(attempt.origin.name, _Count()).add(now)
        if attempt.origin.device is None:
            account.strangers.add(now)
        self._accounts[attempt.account] = account


def _item(window: Counted) -> RateLimitItem:
    return RateLimitItemPerSecond(window.normal.amount, window.normal.seconds)
