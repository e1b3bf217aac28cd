"""A wire that a test can count on, cut and mend: it takes connections and passes on what goes either way."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

Address = str | tuple[str, int]


class Relay:
    """Listens on a port of this machine and leads to `target`: a Unix socket's path, or a host and port."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._is_cut = False
        self.port: int = self._listening.getsockname()[1]
        # How many connections were made to it.
        self.accepted = 0

    def __enter__(self) -> Relay:
        """Begin to pass on."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all connections."""
        self._listening.close()
        self.cut()

    def cut(self) -> None:
        """End all connections; new ones end at once."""
        self._is_cut = True
        while self._open:
            end(self._open.pop())

    def mend(self) -> None:
        """Pass on again."""
        self._is_cut = False

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                self.accepted += 1
                if self._is_cut:
                    end(here)
                    continue
                there = _connected(self._target)
                self._open += [here, there]
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def end(connection: socket.socket) -> None:
    """End a connection, also for a thread that reads from it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _connected(target: Address) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
    connection.connect(target)
    return connection


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while received := source.recv(65_536):
            sink.sendall(received)
    end(source)
    end(sink)
