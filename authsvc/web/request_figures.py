"""How many requests there were and how long they took, by operation: figures of one process."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter

# From a check out of memory to the longest wait for a password hash (`Settings.hashing_wait_seconds`).
BOUNDS_SECONDS = (
    0.0001,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    15,
)
# Whatever else a caller writes in place of a method is one figure, or strangers could make as many as they like.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_NANOSECONDS = 1e9


class RequestFigures:
    """Counts requests; `seconds` has, by operation, how many took up to each bound, how many more, and their sum."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._requests: Counter[tuple[str, str]] = Counter()
        self._seconds: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def note(self, method: str, route: str, status: str, took_ns: int) -> None:
        """Count a request; `route` is its template and `status` begins with three digits."""
        operation = f"{method if method in _METHODS else '-'} {route}"
        with self._lock:
            self._requests[operation, status[:3]] += 1
        self.time(operation, took_ns)

    def time(self, operation: str, took_ns: int, times: int = 1) -> None:
        """Note how long a request took that stands for so many like it."""
        seconds = took_ns / _NANOSECONDS
        with self._lock:
            found = self._seconds.setdefault(operation, [0.0] * (len(BOUNDS_SECONDS) + 2))
            found[bisect_left(BOUNDS_SECONDS, seconds)] += times
            found[-1] += seconds * times

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many requests there were by operation and status."""
        with self._lock:
            return dict(self._requests)

    def seconds(self) -> dict[str, list[float]]:
        """Return, by operation, how many requests took up to each bound, how many more, and their sum."""
        with self._lock:
            return {operation: list(found) for operation, found in self._seconds.items()}


# Of this process, whatever applications run in it.
REQUESTS = RequestFigures()
