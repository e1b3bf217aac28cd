"""Which processes work in a folder, and waiting for their end: the tests' own eyes, apart from the code they judge."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OWNER = Path(__file__).with_name("owner.py")
# A clean end writes to a disk that others keep busy.
ENDED_WITHIN_SECONDS = 60


def working_in(folder: Path) -> set[int]:
    """Return the processes whose working folder is `folder` or inside it: both servers and all their children."""
    found = set()
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                found.add(int(process.name))
    return found


def wait_for_end(processes: set[int]) -> None:
    """Return when all have ended; fail after a minute."""
    for pid in processes:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            ended, _, _ = select.select([handle], [], [], ENDED_WITHIN_SECONDS)
            os.close(handle)
            assert ended, (
                f"process {pid} is still there: {Path(f'/proc/{pid}/cmdline').read_bytes()!r}"
            )


def stand_still(folder: Path) -> set[int]:
    """Stop all who work in `folder`, those too that one of them starts meanwhile; returns them."""
    stopped: set[int] = set()
    while running := working_in(folder) - stopped:
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        stopped |= running
    return stopped


def go_on(processes: set[int]) -> None:
    """Let those who stand still go on."""
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def next_line(owner: subprocess.Popen[str]) -> str:
    """Return the next line that the owner prints; fail with its complaint when it ended instead."""
    assert owner.stdout is not None
    line = owner.stdout.readline().strip()
    assert line, f"the owner ended: {owner.stderr.read() if owner.stderr else ''}"
    return line


@contextmanager
def owner_of_servers(
    folder: Path, *mode: str, run_by: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run `owner.py` on `folder` until the block ends, ready when the block begins. `run_by` goes before Python."""
    command = [*run_by, sys.executable, str(OWNER), str(folder), *mode]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    ) as owner:
        try:
            assert next_line(owner) == "ready"
            yield owner
        finally:
            owner.kill()
            owner.wait()
            wait_for_end(working_in(folder))
