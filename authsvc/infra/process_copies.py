"""What one process remembers of token records, so that most checks ask no store at all.

A copy is believed only while the process's follower keeps up (`infra/invalidation.py`), and dropped when the follower
reads that its token was barred. One that was read before that, and arrives only now, is not kept: whoever reads says so
first (`begin`), and `keep` refuses what was barred since.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from threading import Lock
from typing import Any, Generic, NamedTuple, TypeVar

Copy = TypeVar("Copy")

# The hard maximum age of a copy here. Its source in Valkey may be `RECORD_SECONDS` old already; together they stay
# within what a bar outlives (`token_records.BAR_SECONDS`).
PROCESS_SECONDS = 30.0
# Unless the settings say otherwise (`remembered_sessions`).
MOST_COPIES = 100_000
# Reading takes milliseconds, or half a second at a time-out; what took longer is used once and not kept.
LONGEST_READ_SECONDS = 5.0


class Reading(NamedTuple):
    """When a reading of some record began: after how many drops, and at which tick."""

    drops: int
    ticks: float


class ProcessCopies(Generic[Copy]):
    """Copies by token digest; `ticks` counts seconds without ever jumping."""

    def __init__(self, ticks: Callable[[], float], most: int = MOST_COPIES) -> None:
        """Remember `most` copies; beyond it the oldest goes."""
        self._ticks = ticks
        self.most = most
        # Ordered dictionaries find their oldest at once; a plain one passes over all that went before it.
        self._kept: OrderedDict[bytes, tuple[Copy, float]] = OrderedDict()
        # Digest → number of the drop, for as long as somebody may have read it before; the oldest first.
        self._dropped: OrderedDict[bytes, tuple[int, float]] = OrderedDict()
        self._drops = 0
        self._cleared_at = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._kept)

    def some(self, number: int) -> list[Copy]:
        """Return a few of them, to weigh."""
        with self._lock:
            return [copy for copy, _ in islice(self._kept.values(), number)]

    def get(self, digest: bytes) -> Copy | None:
        """Return the copy, if there is one and it is not too old; ask only while copies may be believed."""
        kept = self._kept.get(digest)
        return kept[0] if kept is not None and self._ticks() < kept[1] else None

    def begin(self) -> Reading:
        """Begin to read some record that may be kept afterwards."""
        return Reading(self._drops, self._ticks())

    def keep(self, digest: bytes, copy: Copy, reading: Reading) -> None:
        """Remember what was read, unless it was dropped meanwhile or the reading took too long."""
        with self._lock:
            now = self._ticks()
            dropped = self._dropped.get(digest, (0, 0.0))[0]
            if max(dropped, self._cleared_at) > reading.drops or now > (
                reading.ticks + LONGEST_READ_SECONDS
            ):
                return
            self._kept.pop(digest, None)
            self._kept[digest] = (copy, reading.ticks + PROCESS_SECONDS)
            if len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def drop(self, digests: Iterable[bytes]) -> None:
        """Forget these tokens, and what somebody is reading of them now."""
        with self._lock:
            self._drops += 1
            now = self._ticks()
            for digest in digests:
                self._kept.pop(digest, None)
                self._dropped.pop(digest, None)
                self._dropped[digest] = (self._drops, now)
            while self._dropped:
                oldest = next(iter(self._dropped))
                if self._dropped[oldest][1] + LONGEST_READ_SECONDS >= now:
                    break
                del self._dropped[oldest]

    def clear(self) -> None:
        """Forget everything, and what somebody is reading now."""
        with self._lock:
            self._drops += 1
            self._cleared_at = self._drops
            self._kept.clear()
            self._dropped.clear()


class AllCopies:
    """What one process remembers of all kinds of tokens, to be dropped together."""

    def __init__(self, *kinds: ProcessCopies[Any]) -> None:
        """Drop from each of `kinds`."""
        self._kinds = kinds

    def drop(self, digests: Iterable[bytes]) -> None:
        """Forget these tokens, of whatever kind they are."""
        void = list(digests)
        for kind in self._kinds:
            kind.drop(void)

    def clear(self) -> None:
        """Forget everything."""
        for kind in self._kinds:
            kind.clear()
