"""The embedded Valkey: reached by a Unix socket only, its writes kept in an append-only file."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from authsvc.embedded import binaries
from authsvc.embedded.server import EmbeddedServer, Setup

ANSWER_SECONDS = 2.0

SETTINGS = {
    "port": "0",  # no TCP at all
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",  # written before each answer, on disk within a second
    "save": "",  # no second copy of the data beside the append-only file
    "daemonize": "no",
    "logfile": "",
    "always-show-logo": "no",
}


class EmbeddedValkey(EmbeddedServer):
    """Valkey 9 on `<data folder>/valkey`."""

    name = "valkey"
    socket_name = "valkey.sock"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """redis-py's URL."""
        return f"unix://{quote(str(self.socket))}"

    def create(self, setup: Setup) -> None:
        """Make the folder; Valkey fills it."""
        setup.make_folder(self.folder)

    def command(self) -> Sequence[str | Path]:
        """Return the server's command line. Valkey itself removes a dead server's socket."""
        settings = {**SETTINGS, "dir": str(self.folder), "unixsocket": str(self.socket)}
        options = (part for name, value in settings.items() for part in (f"--{name}", value))
        return [binaries.valkey_server(), *options]

    def answers(self) -> bool:
        """Say whether the server answers a PING: not yet while it loads its file."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
