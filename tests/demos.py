"""A running `authsvc demo` for tests: started on a free port, awaited, and ended in the way a test wants."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.embedded.processes import wait_for_end, working_in

AUTHSVC = str(Path(sys.executable).with_name("authsvc"))
STOP_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `authsvc demo`: where it answers, what its demo.json says, and its data folder."""

    base_url: str
    info: dict[str, Any]
    data_dir: Path
    process: subprocess.Popen[str]

    def everything(self) -> set[int]:
        """Return the ids of the demo's processes: itself, its web server, their workers, and the servers."""
        return {self.process.pid, *descendants(self.process.pid), *working_in(self.data_dir)}

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the demo to stop and return its exit code when all its processes are gone."""
        running = self.everything()
        self.process.send_signal(how)
        code = self.process.wait(STOP_TIMEOUT_SECONDS)
        wait_for_end(running)
        return code

    def kill(self) -> None:
        """Kill the demo's first process, and return when all the others have noticed and gone."""
        running = self.everything()
        self.process.kill()
        self.process.wait()
        wait_for_end(running)


@contextmanager
def running_demo(
    data_dir: Path,
    *options: str,
    port: int = 0,
    run_by: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
    is_measured: bool = False,
) -> Iterator[Demo]:
    """Run `authsvc demo` until the block ends, ready when it begins.

    `port`: 0 takes a free one. `run_by` goes before the command. `variables` are added to the environment.
    `is_measured`: coverage counts what it runs.
    """
    log_file = data_dir.parent / f"{data_dir.name}.demo.log"
    command = [AUTHSVC, "demo", "--port", str(port), "--data-dir", str(data_dir), *options]
    with log_file.open("w+") as log:
        process = subprocess.Popen(
            [*run_by, *command],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(is_measured=is_measured) | dict(variables or {}),
            start_new_session=True,
        )
    with process:
        try:
            assert process.stdout is not None
            ready = any(line.startswith("ready ") for line in process.stdout)
            assert ready, f"the demo did not start:\n{log_file.read_text()}"
            info = json.loads((data_dir / "demo.json").read_text())
            yield Demo(info["baseUrl"], info, data_dir, process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(STOP_TIMEOUT_SECONDS)


def environment(*, is_measured: bool) -> dict[str, str]:
    """Return this process's environment for a server; unless `is_measured`, coverage does not follow there.

    Starting takes half as long again where it does, and one server runs the same lines as the next.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if is_measured or not name.startswith("COVERAGE_")
    }


def descendants(pid: int) -> set[int]:
    """Return the ids of a process's children, their children and so on."""
    found: set[int] = set()
    for tasks in Path("/proc").glob(f"{pid}/task/*/children"):
        for child in map(int, tasks.read_text().split()):
            found |= {child, *descendants(child)}
    return found
