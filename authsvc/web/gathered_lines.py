"""Log lines of answers so quick that writing each by itself would cost a tenth of them, written several at a time.

Writing lets go of Python's lock, and with many threads waiting, getting it back costs more than the line. So lines
gather for a moment and a thread of the process's own writes them, at the latest when the process ends. One that is
killed outright loses the lines of that moment; nothing else that is logged, and no audit entry, goes this way.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from multiprocessing.util import Finalize
from time import sleep
from typing import Generic, TypeVar

GATHERED_SECONDS = 0.05
# Waiting while the log's reader stands still; some 30 MB. What comes beyond is counted, and the count is told.
MOST_WAITING = 100_000
# Before what multiprocessing itself does as a process ends.
_AT_THE_END = 10

Line = TypeVar("Line")


class GatheredLines(Generic[Line]):
    """Lines that wait to be written, and the thread that writes them, begun by the first line."""

    def __init__(self, write: Callable[[Iterable[Line], int], None]) -> None:
        """`write` is given the lines and how many were lost; by one thread at a time."""
        self._write = write
        self._lines: deque[Line] = deque()
        self._lost = 0
        self._some = threading.Event()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, line: Line) -> None:
        """Let a line be written soon."""
        if len(self._lines) >= MOST_WAITING:
            self._lost += 1
            return
        self._lines.append(line)
        if not self._some.is_set():
            self._some.set()
            if self._thread is None:
                self._begin()

    def write(self) -> None:
        """Write what waits."""
        with self._writing:
            # Whoever adds a line from here on finds that somebody must be told.
            self._some.clear()
            lost, self._lost = self._lost, 0
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if lines or lost:
                self._write(lines, lost)

    def _begin(self) -> None:
        with self._writing:
            if self._thread is None:
                self._thread = threading.Thread(target=self._follow, name="lines", daemon=True)
                self._thread.start()
                # Also where a worker process ends, whose atexit functions do not run.
                Finalize(None, self.write, exitpriority=_AT_THE_END)

    def _follow(self) -> None:
        while True:
            self._some.wait()
            sleep(GATHERED_SECONDS)
            self.write()
