"""What PostgreSQL and Valkey have in common here: start, wait until ready, stop, kill, and never outlive their owner.

Four things tie a server to the process that starts it:
- a parent-death signal, so that a kill -9 of the owner stops the server cleanly;
- a session of its own, so that Ctrl-C in the terminal reaches only the owner, which stops its servers last;
- a lock on `<name>.lock` that the server and all its children inherit and nobody else keeps: it is free when the
  last of them is gone, and only then is the next server started;
- should the signal have been missed, the next start sends it again before it waits.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, ClassVar

from authsvc.embedded.data_folder import (
    POLL_SECONDS,
    PRIVATE_FILE,
    DataFolder,
    read_pid,
    socket_folder,
    try_lock,
    write_pid,
)
from authsvc.embedded.log_file import last_lines, new_log
from authsvc.embedded.processes import Owner, owner_of, spawn
from authsvc.errors import Unavailable

READY_SECONDS = 60.0
"""A start after a crash replays the log first; the largest log that the settings allow takes seconds."""
GONE_SECONDS = 30.0
"""A clean stop writes what is in memory; after this long something is stuck and a person must look."""


class ServerFailed(Unavailable):
    """An embedded server did not start, or did not stop."""


class EmbeddedServer(ABC):
    """One server on its own folder inside a data folder that this process holds.

    Start it from a thread that lives as long as the server shall: Linux sends the parent-death signal when the
    thread that started it ends.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    """Asks for a clean stop that does not wait for clients to leave."""
    socket_name: ClassVar[str]

    def __init__(self, data_folder: DataFolder) -> None:
        self.folder = data_folder.path / self.name
        self.log = data_folder.path / f"{self.name}.log"
        self._lock_file = data_folder.path / f"{self.name}.lock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The Unix socket: in the server's folder, or in a short private one when its path would be too long."""
        owner = owner_of(self.folder)
        return socket_folder(self.folder, self.socket_name, owner.user_id) / self.socket_name

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find the server."""

    @abstractmethod
    def create(self, setup: Setup) -> None:
        """Fill the server's folder, which is not there yet; the folder appears complete or not at all."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """Return the command line that runs the server in the foreground, after removing what a dead one left."""

    @abstractmethod
    def answers(self) -> bool:
        """Say whether the server takes connections now."""

    @property
    def pid(self) -> int:
        """Process id of the started server. Raises ServerFailed when it was not started."""
        if self._process is None:
            raise ServerFailed(f"{self.name} was not started.")
        return self._process.pid

    def is_running(self) -> bool:
        """Say whether the server was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server and return when it takes connections. Raises ServerFailed."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start the server without waiting until it is ready, so that several can get ready side by side.

        Waits up to 30 s for an earlier server on this folder to be gone. Does nothing when this one runs already.
        Raises ServerFailed.
        """
        if self.is_running():
            return
        lock = self._lock_when_gone(ask_to_stop=True)
        try:
            owner = owner_of(self.folder)
            with new_log(self.log) as output:
                setup = Setup(self.log, output, owner, lock)
                if not self.folder.exists():
                    self.create(setup)
                self._process = spawn(
                    self.command(),
                    death_signal=self.stop_signal,
                    owner=owner,
                    folder=self.folder,
                    output=output,
                    inherited=lock,
                )
            write_pid(lock, self._process.pid)
        finally:
            # From here on only the server and its children keep the lock.
            os.close(lock)

    def await_ready(self) -> None:
        """Return when the launched server takes connections. Raises ServerFailed with the end of its log."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.answers():
            if not self.is_running():
                raise ServerFailed(f"{self.name} ended at its start: {last_lines(self.log)}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(
                    f"{self.name} was not ready after {READY_SECONDS:.0f} s; see {self.log}."
                )
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop the server cleanly and return when all its processes are gone; killed when it takes over 30 s."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.send_signal(self.stop_signal)
            self._process.wait(GONE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill the server at once, as a crash would, and return when all its processes are gone."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        lock = self._lock_when_gone()
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent)
        os.close(lock)

    def _lock_when_gone(self, *, ask_to_stop: bool = False) -> int:
        """Return the open lock file of this server, locked, once no process of an earlier one is left."""
        lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        deadline = time.monotonic() + GONE_SECONDS
        while not try_lock(lock):
            # Whoever held the data folder is dead, since we hold it: this server shall stop if it does not already.
            if ask_to_stop:
                self._ask_orphan_to_stop(lock)
                ask_to_stop = False
            if time.monotonic() > deadline:
                pid = read_pid(lock)
                os.close(lock)
                raise ServerFailed(
                    f"An earlier {self.name} (process {pid}) on {self.folder} has not ended"
                    f" after {GONE_SECONDS:.0f} s: stop it, then start again."
                )
            time.sleep(POLL_SECONDS)
        return lock

    def _ask_orphan_to_stop(self, lock: int) -> None:
        pid = read_pid(lock)
        if pid is not None and _has_open(pid, lock):
            with suppress(ProcessLookupError):
                os.kill(pid, self.stop_signal)


class Setup:
    """Runs the programs that make a server's folder, as the server's user and holding its lock."""

    def __init__(self, log: Path, output: IO[bytes], owner: Owner, lock: int) -> None:
        self.owner = owner
        self._log = log
        self._output = output
        self._lock = lock

    def make_folder(self, folder: Path) -> None:
        """Make an empty folder that only the server's user may enter. Its parents are left as they are."""
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, self.owner.user_id, self.owner.group_id)

    def run(self, command: Sequence[str | Path], folder: Path) -> None:
        """Run `command` in `folder` to its end; it is killed when we die. Raises ServerFailed when it fails."""
        process = spawn(
            command,
            death_signal=signal.SIGKILL,
            owner=self.owner,
            folder=folder,
            output=self._output,
            inherited=self._lock,
        )
        if process.wait() != 0:
            raise ServerFailed(f"{Path(command[0]).name} failed: {last_lines(self._log)}")


def _has_open(pid: int, file: int) -> bool:
    """Say whether process `pid` has our open `file` open too: its number alone may have been given to another."""
    ours = os.fstat(file)
    try:
        return any(
            os.path.samestat(theirs.stat(), ours) for theirs in Path(f"/proc/{pid}/fd").iterdir()
        )
    except OSError:
        return False
