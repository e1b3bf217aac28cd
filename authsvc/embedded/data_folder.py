"""The data folder of the embedded servers: held by one process at a time, and where its sockets can go."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path
from types import TracebackType

from authsvc.errors import Conflict, Invalid

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
LEAVING_SECONDS = 1.0
"""A killed process holds the folder until the kernel has taken it down: some milliseconds, more on a busy machine."""
POLL_SECONDS = 0.02
"""Between two looks: shorter than a person notices, longer than a core would."""
LONGEST_SOCKET_PATH = 107
"""Bytes of a Unix socket's path: 108 in Linux's `sockaddr_un`, the closing zero taken off."""


class DataFolderInUse(Conflict):
    """Another process runs servers on this folder."""


class DataFolderUnusable(Invalid):
    """This user cannot keep data in this folder."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__("data-dir", f"{folder} {reason}")


class DataFolder:
    """A folder that one process holds, from `__enter__` until it leaves or dies, however it dies.

    The hold is a lock on the file `lock`, which also names the process. Servers do not inherit it: after a kill of
    their owner the folder is free at once, and each server's own lock says whether it is gone yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: int | None = None

    def __enter__(self) -> DataFolder:
        """Hold the folder, made if it is not there.

        Raises DataFolderInUse, naming the process that holds it, and DataFolderUnusable.
        """
        try:
            self.path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as refused:
            raise DataFolderUnusable(self.path, f"cannot be used: {refused.strerror}") from refused
        deadline = time.monotonic() + LEAVING_SECONDS
        while not try_lock(lock):
            if time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                continue
            holder = read_pid(lock)
            os.close(lock)
            raise DataFolderInUse(
                f"{self.path} is in use by process {holder or 'unknown'}:"
                " stop that process, or choose another folder with --data-dir."
            )
        write_pid(lock, os.getpid())
        self._lock = lock
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the folder go."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def try_lock(file: int) -> bool:
    """Lock the open `file` for us alone, or return False when someone else holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_pid(file: int) -> int | None:
    """Return the process id written in the open lock `file`, or None when it holds none."""
    text = os.pread(file, 20, 0).strip()
    return int(text) if text.isdigit() else None


def write_pid(file: int, pid: int) -> None:
    """Write `pid` into the open lock `file`, in place of what was there."""
    os.ftruncate(file, 0)
    os.pwrite(file, f"{pid}\n".encode(), 0)


def socket_folder(server_folder: Path, socket_name: str, owner: int) -> Path:
    """Return the folder for a server's socket: its own, or a short private one when no client could name that.

    A path may be too long for the kernel, or hold a comma, which separates hosts in PostgreSQL's connection strings.

    The short folder's name follows from the long one, so that the next start finds and reuses it. `owner` is the
    user id the server runs as. Raises DataFolderUnusable when someone else has taken the short folder's name.
    """
    path = os.fsencode(server_folder / socket_name)
    if len(path) <= LONGEST_SOCKET_PATH and b"," not in path:
        return server_folder
    digest = hashlib.sha256(os.fsencode(server_folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"authsvc-{digest}"
    try:
        short.mkdir(mode=PRIVATE_FOLDER)
        os.chown(short, owner, -1)
    except FileExistsError:
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            reason = (
                f"needs the folder {short} for its sockets, which someone else has: remove that one"
            )
            raise DataFolderUnusable(server_folder, reason) from None
    return short
