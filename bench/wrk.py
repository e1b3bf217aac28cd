"""Load by wrk (Debian's package of that name): as many requests as the server can answer."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPORT = Path(__file__).with_name("report.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run found; `p50` and `p99` in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int


class Wrk:
    """One run of wrk, begun when this is made; `script` and its `arguments` say what is sent."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        connections: int,
        seconds: float,
        script: Path = REPORT,
        arguments: Sequence[str] = (),
    ) -> None:
        wrk = shutil.which("wrk")
        if wrk is None:
            raise SystemExit("The benchmarks need wrk: apt-get install wrk")
        self._running = subprocess.Popen(
            [wrk, "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", str(script)]
            + [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
            + [url, "--", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )

    def found(self) -> Load:
        """Wait for the end, and return what it found."""
        output, _ = self._running.communicate()
        words = next(line for line in output.splitlines() if line.startswith("found ")).split()
        return Load(int(words[1]), float(words[2]), float(words[3]), float(words[4]), int(words[5]))
