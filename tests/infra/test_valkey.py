"""Valkey is asked only while it answers, and every command reaches the run of the server it was made for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.valkey import EmbeddedValkey
from authsvc.infra.valkey import (
    AWAY_SECONDS,
    TIMEOUT_SECONDS,
    Valkey,
    ValkeyAway,
    ValkeyUnavailable,
)

ASKED_AND_REFUSED_SECONDS = TIMEOUT_SECONDS / 5


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A server of the test's own."""
    with DataFolder(tmp_path) as folder:
        server = EmbeddedValkey(folder)
        server.start()
        try:
            yield server
        finally:
            if server.is_running():
                os.kill(server.pid, signal.SIGCONT)
            server.stop()


@pytest.fixture(name="valkey")
def _valkey(server: EmbeddedValkey) -> Iterator[Valkey]:
    """A client of it."""
    valkey = Valkey(server.url)
    yield valkey
    valkey.close()


def ping(valkey: Valkey) -> object:
    return valkey.ask(lambda _: [("PING",)])[0]


def test_replies_come_in_order_and_a_refusal_does_not_shift_them(valkey: Valkey) -> None:
    assert valkey.ask(lambda _: [("SET", "a", 1), ("GET", "a"), ("GET", "b")]) == [
        b"OK",
        b"1",
        None,
    ]
    with pytest.raises(redis.ResponseError):
        valkey.ask(lambda _: [("SET", "a", 2), ("INCR",), ("GET", "a")])
    assert valkey.ask(lambda _: [("GET", "a")]) == [b"2"]
    assert valkey.ask(lambda _: []) == []


def test_commands_are_made_for_the_run_they_reach(server: EmbeddedValkey, valkey: Valkey) -> None:
    before = valkey.look()
    assert valkey.ask(lambda run: [("ECHO", run)]) == [before]
    server.kill()
    server.start()
    (after,) = valkey.ask(lambda run: [("ECHO", run)])
    assert after != before
    assert valkey.look() == after


def test_a_server_that_hangs_costs_one_time_out_until_it_is_heard_from(
    server: EmbeddedValkey, valkey: Valkey
) -> None:
    assert ping(valkey) == b"PONG"
    os.kill(server.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(redis.TimeoutError):
        ping(valkey)
    assert time.monotonic() - began < 2 * TIMEOUT_SECONDS
    began = time.monotonic()
    with pytest.raises(ValkeyAway):
        ping(valkey)
    assert time.monotonic() - began < ASKED_AND_REFUSED_SECONDS
    with pytest.raises(ValkeyUnavailable):
        valkey.look()
    os.kill(server.pid, signal.SIGCONT)
    with pytest.raises(ValkeyAway):
        ping(valkey)
    valkey.look()
    assert ping(valkey) == b"PONG"


def test_without_a_follower_a_server_that_is_back_is_found_after_a_while(
    server: EmbeddedValkey, valkey: Valkey
) -> None:
    server.kill()
    with pytest.raises(ValkeyUnavailable):
        ping(valkey)
    server.start()
    deadline = time.monotonic() + 2 * AWAY_SECONDS
    while True:
        try:
            assert ping(valkey) == b"PONG"
        except ValkeyAway:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            break


def test_connections_that_a_restart_has_cut_are_replaced_unnoticed(
    server: EmbeddedValkey, valkey: Valkey
) -> None:
    assert ping(valkey) == b"PONG"
    server.stop()
    server.start()
    assert ping(valkey) == b"PONG"
