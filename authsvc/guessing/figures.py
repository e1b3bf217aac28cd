"""How many tries came to which door, and what became of them: one process's, for metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

from authsvc.guessing.rules import Door

# What becomes of a try, besides the reason it is refused for.
GOOD = "good"
FAILED = "failed"


class GuessingFigures:
    """Counts by door and outcome; whether guessing is hardened, as last heard; and what Valkey did not count."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._counts: Counter[tuple[str, str]] = Counter()
        self._counting = Lock()
        self.is_hardened = False
        self.counted_in_memory = 0

    def note(self, door: Door, outcome: str) -> None:
        """Count one more."""
        with self._counting:
            self._counts[door, outcome] += 1

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many of each there were."""
        with self._counting:
            return dict(self._counts)
