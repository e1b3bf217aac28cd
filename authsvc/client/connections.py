"""Connections of one process's threads to the server, kept open and used again."""

from __future__ import annotations

import select
import socket
from collections import deque

from authsvc.client.address import (
    ASKED_AGAIN,
    IDLE_SECONDS,
    MOST_IDLE,
    READ_BYTES,
    TRIES,
    Address,
    ticks,
)
from authsvc.client.errors import CannotTell
from authsvc.client.http1 import BrokenAnswer, Request, Response, ResponseReader, encoded


class ClosedMeanwhile(Exception):
    """The server had closed a connection that was idle, and has read nothing of the question."""


class Connection:
    """One connection; for one thread at a time."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Open it within `timeout` seconds; raises `OSError`."""
        sock = socket.create_connection((address.host, address.port), timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.tls is not None:
                sock = address.tls.wrap_socket(sock, server_hostname=address.host)
        except BaseException:
            sock.close()
            raise
        self._socket = sock
        self._news = select.poll()
        self._news.register(sock, select.POLLIN)
        self._was_used = False
        self.idle_since = 0.0

    def exchange(self, question: bytes, timeout: float) -> Response:
        """Ask, and return the answer within `timeout` seconds; the connection is closed if there is none.

        Raises `OSError`, `BrokenAnswer`, `ClosedMeanwhile`.
        """
        reader = ResponseReader()
        until = ticks() + timeout
        try:
            if self._socket.gettimeout() != timeout:
                self._socket.settimeout(timeout)
            self._socket.sendall(question)
            while True:
                response = reader.feed(self._socket.recv(READ_BYTES))
                if response is not None:
                    break
                self._socket.settimeout(_seconds_until(until))
        except (ConnectionError, BrokenAnswer) as failure:
            self.close()
            if self._was_used and not reader.has_begun:
                raise ClosedMeanwhile from failure
            raise
        except BaseException:
            # Whoever came next would read the answer to this question.
            self.close()
            raise
        self._was_used = True
        self.idle_since = ticks()
        if not response.reusable:
            self.close()
        return response

    @property
    def is_open(self) -> bool:
        """Tell whether it was left open."""
        return self._socket.fileno() >= 0

    @property
    def is_fit(self) -> bool:
        """Tell whether it may be used again: not idle for long, not closed, and nothing came that nobody asked for."""
        return self.idle_since + IDLE_SECONDS > ticks() and not self._news.poll(0)

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def _seconds_until(moment: float) -> float:
    seconds = moment - ticks()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class Connections:
    """As many as threads ask at once."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Connect to `address` when something is asked; a try takes `timeout` seconds at the most."""
        self._address = address
        self._timeout = timeout
        self._idle: deque[Connection] = deque()

    def ask(self, request: Request) -> Response:
        """Return the server's answer to a question that may be asked twice; raises `CannotTell`."""
        question = encoded(request, self._address.host_header, self._address.prefix)
        left = TRIES
        while True:
            left -= 1
            try:
                connection = self._take()
                response = connection.exchange(question, self._timeout)
            except ClosedMeanwhile:
                # Each of these costs an idle connection, so they come to an end.
                left += 1
                continue
            except (OSError, BrokenAnswer) as failure:
                if not left:
                    raise CannotTell(type(failure).__name__) from failure
                continue
            if connection.is_open:
                self._give_back(connection)
            if left and response.status in ASKED_AGAIN:
                continue
            return response

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _take(self) -> Connection:
        while True:
            try:
                # The last used: the others may become idle for long, and are closed then.
                connection = self._idle.pop()
            except IndexError:
                return Connection(self._address, self._timeout)
            if connection.is_fit:
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        if len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
