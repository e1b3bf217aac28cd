"""One GET for each check, spoken directly: redis-py's own takes a third of a check's time (docs/performance.md).

redis-py connects: it knows what an address says of TLS, user and password, database and Unix socket, and the
connection learns which run of the server it reaches. From then on nothing but GETs and their replies go over the line.
Whatever else comes, or nothing, ends it, and who asked asks once more in redis-py's way, which knows what to do.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

import hiredis
import redis

# A session's record takes a few hundred bytes; what is longer comes in several pieces.
PIECE_BYTES = 4_096
_UNFINISHED = object()


class LineBroken(Exception):
    """The line could not be had, or it was cut, or something else than a value came; it is closed."""


class _Line:
    """A connection that waits for its next GET."""

    __slots__ = ("_connection", "_reader", "_receive", "_send", "run")

    def __init__(self, connection: Any, timeout_seconds: float) -> None:  # noqa: ANN401  redis-py's connections have no common type
        connection.connect()
        self._connection = connection
        self.run: bytes = connection.run_id
        its_socket = connection._sock  # noqa: SLF001  nothing public leads to it
        _let_the_kernel_time(its_socket, timeout_seconds)
        self._send, self._receive = its_socket.sendall, its_socket.recv
        self._reader = hiredis.Reader(notEnoughData=_UNFINISHED)

    def get(self, key: bytes) -> bytes | None:
        """Return the value of a key. Raises `TimeoutError`, `BlockingIOError`, other `OSError`s and `LineBroken`."""
        self._send(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key))
        reply: Any = _UNFINISHED
        while reply is _UNFINISHED:
            piece = self._receive(PIECE_BYTES)
            if not piece:
                raise LineBroken("the server closed it")
            self._reader.feed(piece)
            reply = self._reader.gets()
        if (reply is not None and type(reply) is not bytes) or self._reader.has_data():
            raise LineBroken("no value came, or more than one")
        value: bytes | None = reply
        return value

    def close(self) -> None:
        """Hang up."""
        self._connection.disconnect()


class ValkeyLines:
    """One process's lines to one server: as many as were ever needed at once."""

    def __init__(self, new_connection: Callable[[], Any], timeout_seconds: float) -> None:
        """Take connections of redis-py's from `new_connection`, which need not be open; they learn their run."""
        self._new_connection = new_connection
        self._timeout_seconds = timeout_seconds
        # The last one used is the next: taking from the end and putting back there are atomic.
        self._idle: list[_Line] = []

    def get(self, key: Callable[[bytes], bytes]) -> bytes | None:
        """Return what the key holds that `key` makes for the run of the server that is reached.

        Raises `redis.TimeoutError` when the server says nothing in time, and `LineBroken`.
        """
        try:
            line = self._idle.pop()
        except IndexError:
            line = self._new()
        try:
            value = line.get(key(line.run))
        except BaseException as failure:
            # A reply that comes later would be taken for the next one's.
            line.close()
            if isinstance(failure, (TimeoutError, BlockingIOError)):
                raise redis.TimeoutError("no reply in time") from failure
            if isinstance(failure, (OSError, hiredis.HiredisError)):
                raise LineBroken("it was cut") from failure
            raise
        self._idle.append(line)
        return value

    def close(self) -> None:
        """Hang up all that are idle."""
        idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def _new(self) -> _Line:
        try:
            return _Line(self._new_connection(), self._timeout_seconds)
        except redis.TimeoutError:
            raise
        except (redis.RedisError, OSError, AttributeError) as failure:
            raise LineBroken("no line could be had") from failure


def _let_the_kernel_time(its_socket: socket.socket, timeout_seconds: float) -> None:
    """Let a socket wait no longer than that, without Python's looking first whether there is something to wait for.

    It halves the system calls of a GET. TLS keeps Python's own way, since one of its reads may need several.
    """
    if isinstance(its_socket, ssl.SSLSocket):
        return
    seconds, rest = divmod(timeout_seconds, 1)
    span = struct.pack("@ll", int(seconds), int(rest * 1e6))
    its_socket.settimeout(None)
    its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, span)
    its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, span)
