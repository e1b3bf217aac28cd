"""What a child process says: kept in a file per start, and its end shown when it fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from authsvc.embedded.data_folder import PRIVATE_FILE

LINES_SHOWN = 8
"""In the message of a failure: a PostgreSQL refusal with its hint, or the end of a Python traceback, fits."""


def new_log(log: Path) -> IO[bytes]:
    """Open an empty log; the one of the start before stays beside it, for it may tell of a crash."""
    if log.exists():
        log.replace(log.with_suffix(".log.before"))
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    return os.fdopen(file, "wb")


def last_lines(log: Path) -> str:
    """Return the end of the log, on one line."""
    lines = log.read_text(errors="replace").splitlines()[-LINES_SHOWN:]
    return " / ".join(lines) or "it wrote nothing"
