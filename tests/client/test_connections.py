"""Connections that stay open: what is asked once more, what is given up, and that no answer is taken for another's."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from authsvc.client import AsyncClient, CannotTell, Client
from tests.client.answers import STACY

TIMEOUT_SECONDS = 0.3
SILENCE = b""
LAST = b"close"


def answer(status: int, account_id: int = 7) -> bytes:
    """Write an answer about an account."""
    body = json.dumps(
        {
            "asOf": "2026-11-22T12:00:00.000Z",
            "signedInAt": "2026-11-22T11:00:00.000Z",
            "expiresAt": "2026-11-22T13:00:00.000Z",
            "accountId": account_id,
            "userId": "u",
            "customerSet": "b2c",
            "siteId": 101,
            "tenantId": 1001,
            "methods": [],
        }
    ).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@contextmanager
def server(*connections: Sequence[bytes]) -> Iterator[tuple[str, list[int]]]:
    """Serve connections as scripted, each a list of answers; returns the address, and how much each was asked.

    `LAST` closes the connection in place of an answer, `SILENCE` says nothing until the end.
    """
    asked: list[int] = []
    done = threading.Event()

    def serve(connection: socket.socket, answers: Sequence[bytes], number: int) -> None:
        with connection:
            for each in answers:
                if each is not LAST and not connection.recv(65_536):
                    return
                if each is LAST:
                    return
                asked[number] += 1
                if each is SILENCE:
                    done.wait()
                connection.sendall(each)
            done.wait()

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            threads = []
            for number, answers in enumerate(connections):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    break
                asked.append(0)
                thread = threading.Thread(target=serve, args=(connection, answers, number))
                thread.start()
                threads.append(thread)
            for thread in threads:
                thread.join()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        finally:
            done.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()


Outcome = int | type[CannotTell] | None
Check = Callable[[str, int], list[Outcome]]


def by_threads(url: str, times: int) -> list[Outcome]:
    """Check so many times."""
    found: list[Outcome] = []
    with Client(url, timeout_seconds=TIMEOUT_SECONDS) as client:
        for _ in range(times):
            try:
                found.append(client.check(STACY).account_id)
            except CannotTell:
                found.append(CannotTell)
            # What the server does meanwhile has arrived.
            threading.Event().wait(0.05)
    return found


def on_asyncio(url: str, times: int) -> list[Outcome]:
    """Check so many times."""

    async def run() -> list[Outcome]:
        found: list[Outcome] = []
        async with AsyncClient(url, timeout_seconds=TIMEOUT_SECONDS) as client:
            for _ in range(times):
                try:
                    found.append((await client.check(STACY)).account_id)
                except CannotTell:
                    found.append(CannotTell)
                await asyncio.sleep(0.05)
        return found

    return asyncio.run(run())


@pytest.mark.parametrize("check", [by_threads, on_asyncio])
@pytest.mark.parametrize(
    ("connections", "outcomes", "asked"),
    [
        # One connection for all.
        ([[answer(200)] * 3], [7, 7, 7], [3]),
        # Closed while it was idle: another is opened, and nobody notices.
        ([[answer(200), LAST], [answer(200)]], [7, 7], [1, 1]),
        # A proxy that could not reach the server is asked once more, and only once.
        ([[answer(502), answer(200)]], [7], [2]),
        ([[answer(504), answer(504)]], [CannotTell], [2]),
        # The server has said that it cannot tell.
        ([[answer(503)]], [CannotTell], [1]),
        # Silence is borne twice, and what comes of it later is nobody's answer.
        ([[SILENCE], [SILENCE]], [CannotTell], [1, 1]),
        ([[SILENCE], [answer(200)]], [7], [1, 1]),
        # What nobody asked for is no answer to the next question.
        ([[answer(200) + answer(200, 8)], [answer(200, 9)]], [7, 9], [1, 1]),
        # An answer that breaks off.
        ([[answer(200)[:-5], LAST], [answer(200)]], [7], [1, 1]),
    ],
)
def test_a_connection_is_used_again_and_a_failure_asked_about_once_more(
    check: Check, connections: list[list[bytes]], outcomes: list[Outcome], asked: list[int]
) -> None:
    with server(*connections) as (url, counted):
        assert check(url, len(outcomes)) == outcomes
        assert counted == asked
