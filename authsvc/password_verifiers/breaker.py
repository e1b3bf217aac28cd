"""When an endpoint is not asked any more for a while, because it has not answered for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

# Questions in a row without a verdict.
MOST_FAILURES = 5
# Seconds it is then left alone; after them one question finds out whether it is back.
LEFT_ALONE_SECONDS = 30.0


@dataclass(slots=True)
class _Standing:
    failures: int = 0
    left_alone_until: float = 0.0


class Breaker:
    """One standing for each endpoint, in this process."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        """Count seconds by `ticks`."""
        self._ticks = ticks
        self._standings: dict[str, _Standing] = {}
        self._lock = Lock()

    def may_ask(self, url: str) -> bool:
        """Tell whether the endpoint is to be asked; of several who come after it was left alone, one is told so."""
        with self._lock:
            standing = self._standings.get(url)
            if standing is None or standing.failures < MOST_FAILURES:
                return True
            if self._ticks() < standing.left_alone_until:
                return False
            standing.left_alone_until = self._ticks() + LEFT_ALONE_SECONDS
            return True

    def note(self, url: str, *, answered: bool) -> None:
        """Note how a question went."""
        with self._lock:
            if answered:
                self._standings.pop(url, None)
                return
            standing = self._standings.setdefault(url, _Standing())
            standing.failures += 1
            standing.left_alone_until = self._ticks() + LEFT_ALONE_SECONDS
