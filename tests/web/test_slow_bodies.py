"""Who may have a body read at the same time, who waits a moment for that, and who is refused."""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import ServiceUnavailable

from authsvc.web import slow_bodies
from authsvc.web.slow_bodies import SlowBodies
from tests.live.instances import wait_until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

THREADS = 16
OF_ONE, PATIENT = THREADS // 8, THREADS // 4
BODY = b'{"checks": []}'


class Arriving(io.BytesIO):
    """A body of which the rest comes when the event is set."""

    def __init__(self, rest: Event) -> None:
        super().__init__(BODY)
        self._rest = rest

    def read(self, size: int | None = -1) -> bytes:
        """Wait for the rest."""
        assert self._rest.wait(60)
        return super().read(size)


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def sent(layer: SlowBodies, address: str, rest: Event) -> bytes:
    """Send a body from an address; return what is answered, which is the body."""
    environ = {
        "REMOTE_ADDR": address,
        "CONTENT_LENGTH": str(len(BODY)),
        "wsgi.input": Arriving(rest),
    }
    return b"".join(layer(environ, lambda *_: lambda _: None))


def test_a_gateway_that_sends_by_many_connections_waits_for_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slow_bodies, "PATIENCE_SECONDS", 60.0)
    layer, rest, there = SlowBodies(echo, THREADS), Event(), Event()
    there.set()
    with ThreadPoolExecutor(OF_ONE + PATIENT) as threads:
        under_way = [
            threads.submit(sent, layer, "192.0.2.1", rest) for _ in range(OF_ONE + PATIENT)
        ]
        wait_until(lambda: layer.reading == OF_ONE and layer.patient == PATIENT, "all wait")
        # Nobody else's place is taken by that; one more of the same finds none.
        assert sent(layer, "192.0.2.2", there) == BODY
        with pytest.raises(ServiceUnavailable):
            sent(layer, "192.0.2.1", there)
        rest.set()
        assert [each.result(60) for each in under_way] == [BODY] * len(under_way)
    assert (layer.reading, layer.patient) == (0, 0)
    assert sent(layer, "192.0.2.1", there) == BODY


def test_whoever_waits_in_vain_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_bodies, "PATIENCE_SECONDS", 0.01)
    layer, rest = SlowBodies(echo, THREADS), Event()
    with ThreadPoolExecutor(OF_ONE) as threads:
        under_way = [threads.submit(sent, layer, "192.0.2.1", rest) for _ in range(OF_ONE)]
        wait_until(lambda: layer.reading == OF_ONE, "they are read")
        with pytest.raises(ServiceUnavailable):
            sent(layer, "192.0.2.1", rest)
        rest.set()
        assert [each.result(60) for each in under_way] == [BODY] * OF_ONE
