"""Processor time and memory of running processes, as Linux counts them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# clock_getcpuclockid(3): the clock of a whole process, ended threads included, in nanoseconds.
_CPUCLOCK_SCHED = 2


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """A process with all its descendants."""

    root: int

    def pids(self) -> list[int]:
        """Return who is alive now, the root first."""
        return list(_descendants(self.root))

    def seconds(self) -> float:
        """Return the processor time (user and system) that those alive have used so far."""
        return sum(process_seconds(pid) for pid in self.pids())

    def resident_mib(self) -> float:
        """Return the memory in use, the part that processes share counted once (proportional set size)."""
        return sum(_kib(f"/proc/{pid}/smaps_rollup", ["Pss"]) for pid in self.pids()) / 1024


def process_seconds(pid: int) -> float:
    """Return the processor time of one process so far; 0 if it has just ended."""
    try:
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    except OSError:
        return 0.0


def peak_mib(pid: int) -> float:
    """Return the most memory that one process has had since `forget_peak` (resident set size)."""
    return _kib(f"/proc/{pid}/status", ["VmHWM"]) / 1024


def forget_peak(pid: int) -> None:
    """Let `peak_mib` count from now on (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _descendants(int(child))


def _kib(path: str, names: Iterable[str]) -> int:
    wanted = tuple(f"{name}:" for name in names)
    lines = Path(path).read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(wanted))
