"""Connections of one event loop to the server, kept open and used again: `connections`, for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque

from authsvc.client.address import (
    ASKED_AGAIN,
    IDLE_SECONDS,
    MOST_IDLE,
    TRIES,
    Address,
    ticks,
)
from authsvc.client.connections import ClosedMeanwhile
from authsvc.client.errors import CannotTell
from authsvc.client.http1 import BrokenAnswer, Request, Response, ResponseReader, encoded


class AsyncConnection(asyncio.Protocol):
    """One connection; for one task at a time."""

    def __init__(self) -> None:
        """Wait for `connection_made`."""
        self._transport: asyncio.Transport | None = None
        self._reader = ResponseReader()
        self._answer: asyncio.Future[Response] | None = None
        self._was_used = False
        self.idle_since = 0.0

    @classmethod
    async def open(cls, address: Address) -> AsyncConnection:
        """Open one; raises `OSError`."""
        _, connection = await asyncio.get_running_loop().create_connection(
            cls,
            address.host,
            address.port,
            ssl=address.tls,
            server_hostname=address.host if address.tls else None,
        )
        return connection

    async def exchange(self, question: bytes, timeout: float) -> Response:
        """Ask, and return the answer within `timeout` seconds.

        The connection is closed if there is none, also when the task is cancelled.

        Raises `OSError`, `BrokenAnswer`, `ClosedMeanwhile`.
        """
        if self._transport is None:
            raise ClosedMeanwhile
        self._reader = ResponseReader()
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        timer = loop.call_later(timeout, self._give_up)
        try:
            self._transport.write(question)
            response = await self._answer
        except BaseException:
            # Whoever came next would get the answer to this question.
            self.close()
            raise
        finally:
            timer.cancel()
            self._answer = None
        self._was_used = True
        self.idle_since = ticks()
        if not response.reusable:
            self.close()
        return response

    @property
    def is_open(self) -> bool:
        """Tell whether it was left open."""
        return self._transport is not None

    def close(self) -> None:
        """Close it, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _give_up(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(TimeoutError())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (asyncio calls this)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  asyncio's promise for streams
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came (asyncio calls this); what nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        try:
            response = self._reader.feed(data)
        except BrokenAnswer as broken:
            self._answer.set_exception(broken)
            return
        if response is not None:
            self._answer.set_result(response)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits (asyncio calls this)."""
        self._transport = None
        if self._answer is None or self._answer.done():
            return
        if self._was_used and not self._reader.has_begun:
            self._answer.set_exception(ClosedMeanwhile())
            return
        try:
            response = None if exc is not None else self._reader.feed(b"")
        except BrokenAnswer as broken:
            self._answer.set_exception(broken)
            return
        if response is None:
            self._answer.set_exception(exc or BrokenAnswer("the connection was closed"))
        else:
            self._answer.set_result(response)


class AsyncConnections:
    """As many as tasks ask at once."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Connect to `address` when something is asked; a try takes `timeout` seconds at the most."""
        self._address = address
        self._timeout = timeout
        self._idle: deque[AsyncConnection] = deque()

    async def ask(self, request: Request) -> Response:
        """Return the server's answer to a question that may be asked twice; raises `CannotTell`."""
        question = encoded(request, self._address.host_header, self._address.prefix)
        left = TRIES
        while True:
            left -= 1
            try:
                connection = self._taken() or await self._opened()
                response = await connection.exchange(question, self._timeout)
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

    async def _opened(self) -> AsyncConnection:
        async with asyncio.timeout(self._timeout):
            return await AsyncConnection.open(self._address)

    def _taken(self) -> AsyncConnection | None:
        while self._idle:
            # The last used: the others may become idle for long, and are closed then.
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since + IDLE_SECONDS > ticks():
                return connection
            connection.close()
        return None

    def _give_back(self, connection: AsyncConnection) -> None:
        if len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
