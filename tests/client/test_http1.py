"""RFC 9112 as far as checks need it: answers are read whole however they arrive, and what is not one is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.client.http1 import BrokenAnswer, Request, Response, ResponseReader, encoded

BODY = b'{"asOf":"2026-11-22T12:00:00.000Z"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
HEAD = b"HTTP/1.1 200 OK\r\nX-One: 1\r\nx-one: 2\r\n"
CHUNKS = b"5;x=y\r\n%s\r\n%X\r\n%s\r\n0\r\nTrailer: t\r\n\r\n" % (
    BODY[:5],
    len(BODY) - 5,
    BODY[5:],
)
FORMS = {
    "by length": HEAD + LENGTH + b"\r\n" + BODY,
    "in chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "after a 103": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEAD + LENGTH + b"\r\n" + BODY,
}


def read(data: bytes, cuts: list[int]) -> Response:
    """Read an answer that arrives in pieces."""
    reader = ResponseReader()
    places = [0, *sorted(cut % len(data) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places) if a < b]
    for at, piece in enumerate(pieces):
        response = reader.feed(piece)
        assert (response is None) == (at + 1 < len(pieces))
        if response is not None:
            return response
    pytest.fail("no answer")


@pytest.mark.parametrize("form", FORMS)
@given(st.lists(st.integers(0, 500), max_size=8))
def test_an_answer_is_the_same_however_it_arrives(form: str, cuts: list[int]) -> None:
    response = read(FORMS[form], cuts)
    assert (response.status, response.body, response.reusable) == (200, BODY, True)
    assert response.headers["x-one"] == "1, 2"


def test_a_connection_is_not_used_again_when_the_server_says_so_or_says_too_much() -> None:
    closes = HEAD + LENGTH + b"Connection: close\r\n\r\n" + BODY
    old = HEAD.replace(b"/1.1", b"/1.0") + LENGTH + b"\r\n" + BODY
    more = FORMS["by length"] + b"HTTP/1.1 200 OK\r\n"
    for data in (closes, old, more):
        assert read(data, []).reusable is False
    # Without a length the end of the connection is the end of the body.
    reader = ResponseReader()
    assert reader.feed(HEAD + b"\r\n" + BODY) is None
    response = reader.feed(b"")
    assert response is not None
    assert (response.body, response.reusable) == (BODY, False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FORMS["by length"][:-1],
        FORMS["in chunks"][:-1],
        b"SSH-2.0-OpenSSH\r\n\r\n",
        HEAD + LENGTH + LENGTH + b"\r\n" + BODY,
        HEAD + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 99999999999\r\n\r\n",
        HEAD + b" folded\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        HEAD + b"X: " + b"x" * 70_000,
    ],
)
def test_what_is_no_whole_answer_is_refused(data: bytes) -> None:
    def read_to_its_end() -> None:
        reader = ResponseReader()
        if reader.feed(data) is None:
            reader.feed(b"")

    with pytest.raises(BrokenAnswer):
        read_to_its_end()


def test_no_header_can_bring_another_request_along() -> None:
    with pytest.raises(ValueError, match="line break"):
        encoded(Request("GET", "/session", {"Authorization": "Bearer x\r\nHost: evil"}), "h", "")
    assert encoded(Request("GET", "/session", {"A": "b"}), "h:1", "/auth") == (
        b"GET /auth/session HTTP/1.1\r\nHost: h:1\r\nA: b\r\n\r\n"
    )
