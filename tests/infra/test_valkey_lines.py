"""The quick way to read one key says what redis-py would, over whatever an address names."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import redis

from authsvc.demo.local_authority import server_certificate
from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.valkey import EmbeddedValkey
from authsvc.infra.valkey import TIMEOUT_SECONDS, Valkey, ValkeyAway

PASSWORD = "Mystic-2026"


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    with DataFolder(tmp_path_factory.mktemp("valkey")) as folder:
        server = EmbeddedValkey(folder)
        server.start()
        try:
            yield server
        finally:
            os.kill(server.pid, signal.SIGCONT)
            server.stop()


@pytest.fixture(name="valkey")
def _valkey(server: EmbeddedValkey) -> Iterator[Valkey]:
    with closing(Valkey(server.url)) as valkey:
        yield valkey


def get(valkey: Valkey, key: bytes) -> bytes | None:
    return valkey.get(lambda _: key)


def lines(valkey: Valkey) -> int:
    return len(valkey._lines._idle)


def test_it_says_what_redis_py_says(valkey: Valkey) -> None:
    values = {b"one": b"1", b"empty": b"", b"crlf": b"a\r\n$1\r\nb", b"long": b"x" * 100_000}
    valkey.ask(lambda _: [("SET", key, value) for key, value in values.items()])
    for key, value in values.items():
        assert get(valkey, key) == value
    assert get(valkey, b"missing") is None
    assert lines(valkey) == 1


def test_a_key_is_made_for_the_run_it_reaches(valkey: Valkey) -> None:
    run = valkey.look()
    valkey.ask(lambda its: [("SET", b"of:" + its, its)])
    assert valkey.get(lambda its: b"of:" + its) == run


def test_what_is_no_value_is_told_as_ever_and_shifts_no_reply(valkey: Valkey) -> None:
    valkey.ask(lambda _: [("DEL", "list"), ("RPUSH", "list", "a"), ("SET", "text", "b")])
    for _ in range(2):
        with pytest.raises(redis.ResponseError):
            get(valkey, b"list")
        assert get(valkey, b"text") == b"b"


def test_threads_never_get_each_others_values(valkey: Valkey) -> None:
    valkey.ask(lambda _: [("SET", f"key:{each}", each) for each in range(8)])

    def read(each: int) -> set[bytes | None]:
        return {get(valkey, b"key:%d" % each) for _ in range(100)}

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, range(8))) == [{b"%d" % each} for each in range(8)]
    assert 1 <= lines(valkey) <= 8


def test_a_reply_that_comes_too_late_is_nobodys(server: EmbeddedValkey, valkey: Valkey) -> None:
    valkey.ask(lambda _: [("SET", "late", "1"), ("SET", "next", "2")])
    assert get(valkey, b"late") == b"1"
    os.kill(server.pid, signal.SIGSTOP)
    with pytest.raises(redis.TimeoutError):
        get(valkey, b"late")
    with pytest.raises(ValkeyAway):
        get(valkey, b"late")
    os.kill(server.pid, signal.SIGCONT)
    valkey.look()
    assert get(valkey, b"next") == b"2"


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Hand on what comes until it ends."""
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def over_tls(folder: Path, server: EmbeddedValkey) -> Iterator[str]:
    """Answer TLS in front of the server until the block ends; gives the address for it."""
    files = server_certificate(folder, [], datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.certificate, files.private_key)
    with ExitStack() as opened:
        listening = opened.enter_context(socket.create_server(("127.0.0.1", 0)))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listening.accept()
                    outside = opened.enter_context(context.wrap_socket(plain, server_side=True))
                    inside = opened.enter_context(socket.socket(socket.AF_UNIX))
                    inside.connect(str(server.socket))
                    for ends in ((outside, inside), (inside, outside)):
                        threading.Thread(target=pump, args=ends, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        port = listening.getsockname()[1]
        yield f"rediss://localhost:{port}/0?ssl_ca_certs={quote(str(files.authority))}"
        listening.shutdown(socket.SHUT_RDWR)


def test_an_address_says_tls(server: EmbeddedValkey, valkey: Valkey, tmp_path: Path) -> None:
    valkey.ask(lambda _: [("SET", "through", "TLS " * 10_000)])
    with over_tls(tmp_path, server) as address, closing(Valkey(address)) as other:
        for _ in range(2):
            assert get(other, b"through") == b"TLS " * 10_000
        assert lines(other) == 1
        os.kill(server.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(redis.TimeoutError):
            get(other, b"through")
        assert time.monotonic() - began < 2 * TIMEOUT_SECONDS
        os.kill(server.pid, signal.SIGCONT)


def test_an_address_says_host_and_password(server: EmbeddedValkey, valkey: Valkey) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    valkey.ask(
        lambda _: [("CONFIG", "SET", "port", port), ("CONFIG", "SET", "requirepass", PASSWORD)]
    )
    try:
        with closing(Valkey(f"redis://:{PASSWORD}@127.0.0.1:{port}/1")) as other:
            other.ask(lambda _: [("SET", "where", "database 1")])
            assert get(other, b"where") == b"database 1"
            assert lines(other) == 1
            assert get(valkey, b"where") is None
    finally:
        valkey.ask(lambda _: [("CONFIG", "SET", "requirepass", "")])


def test_a_server_that_came_back_is_asked_anew(server: EmbeddedValkey, valkey: Valkey) -> None:
    """What was open to the run before is of no use; whoever asks notices nothing."""
    before = valkey.look()
    assert get(valkey, b"whatever") is None
    server.kill()
    server.start()
    runs: list[bytes] = []

    def key(run: bytes) -> bytes:
        runs.append(run)
        return b"whatever"

    assert valkey.get(key) is None
    assert valkey.get(key) is None
    assert runs[-1] == valkey.look() != before
    assert lines(valkey) == 1
