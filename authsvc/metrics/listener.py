"""Metrics on an address of their own, told by a process of their own: a worker that is stopped cannot keep them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from authsvc.metrics.exchange import all_figures
from authsvc.metrics.front import MetricsFront, nothing

# prctl(2): the signal the kernel sends a process whose parent is gone.
PR_SET_PDEATHSIG = 1
# Whoever connects and says nothing is hung up on.
SILENCE_SECONDS = 5


class _Handler(WSGIRequestHandler):
    timeout = SILENCE_SECONDS

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the standard library
        """Write nothing: a scrape is of interest to nobody."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Take the address; unlike the standard library's, without asking what it is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()


class _ServerIPv6(_Server):
    address_family = socket.AF_INET6


@contextmanager
def telling(address: tuple[str, int], token: str | None) -> Iterator[None]:
    """Tell the metrics on an address until the block ends; raises `OSError` if it cannot be had."""
    kind = _ServerIPv6 if ":" in address[0] else _Server
    server = kind(address, _Handler)
    server.set_app(MetricsFront(nothing, all_figures, token))
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(server, os.getpid()), daemon=True
    )
    process.start()
    server.socket.close()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _serve(server: WSGIServer, parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if os.getppid() == parent:
        server.serve_forever()
