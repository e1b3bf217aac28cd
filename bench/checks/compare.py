"""Servers asked in turn, again and again, by as many connections as a gateway keeps; and what came of it as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.figures import table, typical
from bench.stack import Server
from bench.wrk import REPORT, Wrk

CONNECTIONS = 32
HEADS = (
    *("", "checks/s, median (range)", "p50 ms", "p99 ms", "µs of processor time a check"),
    *("reads of Valkey a check", "MiB"),
)


@dataclass(frozen=True)
class Target:
    """A server, and what it is asked; `script` and `arguments` (of a turn) where it is not always the same."""

    server: Server
    path: str
    headers: Mapping[str, str]
    script: Path = REPORT
    arguments: Callable[[int], Sequence[str]] = lambda _: ()


@dataclass
class Found:
    """What one target's turns came to: checks a second, milliseconds, microseconds."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)
    mib: float = 0.0

    @property
    def rate(self) -> float:
        """The median of checks a second."""
        return median(self.rates)

    def row(self, name: str) -> list[str]:
        """Return its line of the table."""
        return [
            name,
            f"{self.rate:,.0f} ({min(self.rates):,.0f}-{max(self.rates):,.0f})",
            f"{median(self.p50):.2f}",
            f"{median(self.p99):.2f}",
            typical(self.costs, 1),
            f"{median(self.reads):.2f}",
            f"{self.mib:.0f}",
        ]


def compare(
    targets: Mapping[str, Target],
    rounds: int,
    seconds: float,
    warm_up_seconds: float,
    reads: Callable[[], int],
) -> dict[str, Found]:
    """Load one after the other, and again: the first time only to warm up; `reads` counts what Valkey has answered."""
    found: defaultdict[str, Found] = defaultdict(Found)
    for turn in range(rounds + 1):
        for name, target in targets.items():
            before = reads()
            its = found[name]
            answered = _load(name, target, turn, seconds if turn else warm_up_seconds, its)
            its.reads.append((reads() - before) / answered)
        if not turn:
            found.clear()
    for name, its in found.items():
        its.mib = targets[name].server.processes.resident_mib()
    return dict(found)


def printed(found: Mapping[str, Found]) -> str:
    """Return the table."""
    return table(HEADS, [its.row(name) for name, its in found.items()])


def _load(name: str, target: Target, turn: int, seconds: float, its: Found) -> int:
    before = target.server.processes.seconds()
    load = Wrk(
        f"http://127.0.0.1:{target.server.port}{target.path}",
        target.headers,
        connections=CONNECTIONS,
        seconds=seconds,
        script=target.script,
        arguments=target.arguments(turn),
    ).found()
    used = target.server.processes.seconds() - before
    assert load.requests, f"{name} answered nothing"
    assert not load.failed, f"{name}: {load.failed} of {load.requests} requests failed"
    its.rates.append(load.requests / load.seconds)
    its.p50.append(load.p50)
    its.p99.append(load.p99)
    its.costs.append(used / load.requests * 1e6)
    return load.requests
