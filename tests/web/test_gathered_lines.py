"""Lines of quick answers: all are written, in their order, also those of a process that ends; too many are counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from threading import Event, Thread

import pytest

from authsvc.web import gathered_lines
from authsvc.web.gathered_lines import GatheredLines

DEADLINE_SECONDS = 30
THREADS = 8
LINES = 500
ONE_LINE = """
import multiprocessing, sys
from authsvc.web.gathered_lines import GatheredLines
lines = GatheredLines(lambda some, lost: print(*some))
def one(): lines.add("written")
if sys.argv[1] == "child":
    child = multiprocessing.get_context("fork").Process(target=one)
    child.start()
    child.join()
else:
    one()
"""


def test_every_line_is_written_once_and_each_threads_own_in_their_order() -> None:
    written: list[tuple[int, int]] = []
    complete = Event()

    def write(lines: Iterable[tuple[int, int]], lost: int) -> None:
        assert lost == 0
        written.extend(lines)
        if len(written) == THREADS * LINES:
            complete.set()

    gathered = GatheredLines(write)

    def speak(thread: int) -> None:
        for line in range(LINES):
            gathered.add((thread, line))

    threads = [Thread(target=speak, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert complete.wait(DEADLINE_SECONDS)
    for number in range(THREADS):
        assert [line for thread, line in written if thread == number] == list(range(LINES))


def test_what_a_standing_log_leaves_no_room_for_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered_lines, "MOST_WAITING", 2)
    writing, may_write, told = Event(), Event(), Event()
    found: list[tuple[list[str], int]] = []

    def write(lines: Iterable[str], lost: int) -> None:
        found.append((list(lines), lost))
        if len(found) == 1:
            writing.set()
            assert may_write.wait(DEADLINE_SECONDS)
        else:
            told.set()

    gathered = GatheredLines(write)
    gathered.add("first")
    assert writing.wait(DEADLINE_SECONDS)
    for line in ("second", "third", "fourth", "fifth"):
        gathered.add(line)
    may_write.set()
    assert told.wait(DEADLINE_SECONDS)
    assert found == [(["first"], 0), (["second", "third"], 2)]


@pytest.mark.parametrize("process", ["main", "child"])
def test_a_process_that_ends_writes_what_waits(process: str) -> None:
    """A worker of the server is a child of multiprocessing's, whose atexit functions do not run."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_LINE, process],
        check=True,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert done.stdout == "written\n"
