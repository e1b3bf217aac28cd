"""How many checks went which way, and which store knew: plain integers of one process."""

from __future__ import annotations

import threading
from collections import Counter
from enum import StrEnum

GOOD = "good"
# Neither good nor refused: no such site, or no store could be asked.
UNTOLD = "untold"


class Source(StrEnum):
    """Where the record was found that decided a check."""

    MEMORY = "memory"
    VALKEY = "valkey"
    POSTGRESQL = "postgresql"
    NONE = "none"


class CheckFigures:
    """Counts checks; whoever looks a record up says first where it was found."""

    def __init__(self) -> None:
        """Begin at nothing."""
        # Good answers given once more, all from memory. An addition to an attribute is one step of the interpreter to
        # other threads: nothing is called in between.
        self.repeated = 0
        self._checks: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._of_thread = threading.local()

    def found_in(self, source: Source) -> None:
        """Note where this thread has found a record, or looked last."""
        self._of_thread.source = source

    def note(self, outcome: str) -> None:
        """Count a check of this thread, by where it found the record."""
        source = getattr(self._of_thread, "source", Source.NONE)
        self._of_thread.source = Source.NONE
        with self._lock:
            self._checks[source, outcome] += 1

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many checks there were by source and outcome."""
        with self._lock:
            counts = dict(self._checks)
        memory = (Source.MEMORY.value, GOOD)
        return counts | {memory: counts.get(memory, 0) + self.repeated}
