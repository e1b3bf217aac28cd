"""Workers tell their figures to whichever process is asked for all of them, over sockets of this machine.

Each worker listens on a Unix socket without a file (unix(7), abstract), whose name begins with a random word that the
server's processes share; the kernel lists them. Only processes of the same user are answered, and believed. A worker
that is stopped does not answer, which is a figure too.
"""

from __future__ import annotations

import os
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import structlog

from authsvc.metrics.worker_figures import Figures

# Where the server's first process leaves the word for those it starts.
VARIABLE = "_AUTHSVC_METRICS_WORD"
# A worker at work answers within milliseconds; a scrape must end although one is stopped.
PATIENCE_SECONDS = 0.5
_PEER = struct.Struct("3i")  # unix(7), SO_PEERCRED: process, user, group
_PIECE_BYTES = 65_536

log = structlog.get_logger(__name__)


def new_word() -> None:
    """Let processes that are started from here on find each other."""
    os.environ[VARIABLE] = secrets.token_hex(16)


def start_telling(figures: Callable[[], Figures]) -> None:
    """Tell this worker's figures to whoever of the server asks, from now on until it ends."""
    word = os.environ.get(VARIABLE)
    if word is None:
        return
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"\0{_prefix(word)}{os.getpid()}")
    listening.listen()
    threading.Thread(target=_tell, args=(listening, figures), name="metrics", daemon=True).start()


def all_figures() -> dict[str, Figures | None]:
    """Return each worker's figures by its process id; None of a worker that does not answer."""
    word = os.environ.get(VARIABLE, "")
    prefix = f"@{_prefix(word)}"
    names = {
        line.rpartition(" ")[2]
        for line in Path("/proc/net/unix").read_text().splitlines()
        if word and prefix in line
    }
    return {name.removeprefix(prefix): _ask("\0" + name[1:]) for name in sorted(names)}


def _prefix(word: str) -> str:
    return f"authsvc-{word}-"


def _tell(listening: socket.socket, figures: Callable[[], Figures]) -> None:
    while True:
        try:
            asking, _ = listening.accept()
        except OSError:
            # Too many files are open: who asks waits, and this thread must not turn without pause.
            time.sleep(PATIENCE_SECONDS)
            continue
        with asking:
            try:
                asking.settimeout(PATIENCE_SECONDS)
                if _is_ours(asking):
                    asking.sendall(orjson.dumps(figures()))
            except OSError:
                continue  # whoever asked has gone
            except Exception:
                log.exception("figures_not_told")


def _ask(name: str) -> Figures | None:
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(PATIENCE_SECONDS)
            asking.connect(name)
            told = b""
            while _is_ours(asking) and (piece := asking.recv(_PIECE_BYTES)):
                told += piece
        figures: Figures = orjson.loads(told)
    except (OSError, orjson.JSONDecodeError):
        return None
    return figures


def _is_ours(connection: socket.socket) -> bool:
    peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, user, _ = _PEER.unpack(peer)
    return bool(user == os.geteuid())
