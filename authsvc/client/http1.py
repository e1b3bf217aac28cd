"""HTTP/1.1 as far as a check needs it: bytes of a request, and bytes → an answer. No sockets in here.

Why not a library: a check is one small GET over a connection that stays open, and costs httpx ten times what it costs
here (bench/client.py); http.client knows no asyncio, and a service should not have to agree with us on the version of
one. So both clients share this reader, which takes what RFC 9112 says a server may send, and drops the connection over
anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# A thousand answers of `POST /sessions/check` are about 400 kB.
LARGEST_BODY_BYTES = 8 * 1024 * 1024
LARGEST_HEAD_BYTES = 64 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_NO_BODY = frozenset({204, 304})


class BrokenAnswer(Exception):
    """What came is not an answer by RFC 9112, or ended too early."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, without what every request to the server has in common; it may hold a token, and so has no repr."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; names of headers in lower case. `reusable`: another request may follow on the connection."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    reusable: bool


def encoded(request: Request, host: str, prefix: str) -> bytes:
    """Write a request to `host`, below the path `prefix`; raises `ValueError` for what no header may hold."""
    lines = [f"{request.method} {prefix}{request.target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    if request.body:
        lines.append(f"Content-Length: {len(request.body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or "\0" in head:
        raise ValueError("a header holds a line break")
    return head.encode("latin-1") + _END_OF_HEAD + request.body


class ResponseReader:
    """Reads one answer from the bytes of a connection; `feed` it until it returns one."""

    def __init__(self) -> None:
        """Wait for the first byte."""
        self._bytes = bytearray()
        self._head: tuple[int, dict[str, str], bool] | None = None

    @property
    def has_begun(self) -> bool:
        """Tell whether anything came."""
        return self._head is not None or bool(self._bytes)

    def feed(self, data: bytes) -> Response | None:
        """Take what came (nothing: the server closed) and return the answer once it is whole; raises `BrokenAnswer`."""
        self._bytes += data
        while self._head is None:
            end = self._bytes.find(_END_OF_HEAD)
            if max(end, 0 if end >= 0 else len(self._bytes)) > LARGEST_HEAD_BYTES:
                raise BrokenAnswer("the head is too large")
            if end < 0:
                if not data:
                    raise BrokenAnswer("the connection was closed")
                return None
            head = _read_head(bytes(self._bytes[:end]))
            del self._bytes[: end + len(_END_OF_HEAD)]
            # 1xx only announces the answer.
            self._head = None if head[0] < 200 else head
        return self._whole(self._head, closed=not data)

    def _whole(self, head: tuple[int, dict[str, str], bool], *, closed: bool) -> Response | None:
        status, headers, stays_open = head
        coding = headers.get("transfer-encoding")
        length = headers.get("content-length")
        if status in _NO_BODY:
            body: bytes | None = b""
            rest = len(self._bytes)
        elif coding is not None:
            if coding.lower() != "chunked" or length is not None:
                raise BrokenAnswer("how long the body is cannot be told")
            body, rest = _unchunked(self._bytes)
        elif length is not None:
            if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_BODY_BYTES:
                raise BrokenAnswer("the body's length is no length")
            size = int(length)
            body = bytes(self._bytes[:size]) if len(self._bytes) >= size else None
            rest = len(self._bytes) - size
        else:
            stays_open = False
            body, rest = (bytes(self._bytes), 0) if closed else (None, 0)
        if body is None:
            if closed:
                raise BrokenAnswer("the connection was closed")
            if len(self._bytes) > 2 * LARGEST_BODY_BYTES:
                raise BrokenAnswer("the body is too large")
            return None
        # Whatever follows answers a question that nobody has asked.
        return Response(status, headers, body, stays_open and not rest and not closed)


def _read_head(head: bytes) -> tuple[int, dict[str, str], bool]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    status = rest[:3]
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (status.isascii() and status.isdigit()):
        raise BrokenAnswer("that is not HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name.strip() != name:
            raise BrokenAnswer("a header cannot be read")
        name, value = name.lower(), value.strip(" \t")
        if name in headers:
            if name in ("content-length", "transfer-encoding"):
                raise BrokenAnswer("how long the body is cannot be told")
            value = f"{headers[name]}, {value}"
        headers[name] = value
    closes = "close" in headers.get("connection", "").lower()
    return int(status), headers, version == "HTTP/1.1" and not closes


def _unchunked(data: bytearray) -> tuple[bytes | None, int]:
    """Return the whole body and how many bytes follow it, or None while chunks are missing."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None, 0
        number = bytes(data[at:end]).partition(b";")[0].strip()
        try:
            size = int(number, 16) if number.isalnum() else -1
        except ValueError:
            size = -1
        if not 0 <= size <= LARGEST_BODY_BYTES:
            raise BrokenAnswer("a chunk has no length")
        at = end + 2
        if size == 0:
            break
        if len(data) < at + size + 2:
            return None, 0
        parts.append(bytes(data[at : at + size]))
        if data[at + size : at + size + 2] != b"\r\n":
            raise BrokenAnswer("a chunk has another length")
        at += size + 2
    # Trailers end with an empty line.
    while (end := data.find(b"\r\n", at)) > at:
        at = end + 2
    return (None, 0) if end < 0 else (b"".join(parts), len(data) - end - 2)
