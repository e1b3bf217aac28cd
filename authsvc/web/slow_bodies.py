"""Senders who dribble their bodies hold up a part of a worker's threads, and leave the others to everybody else.

The server reads the head of a request without a thread of ours, and gives it half a minute. A body is read by the
thread that serves the request, which a sender can make wait as long as the connection lasts: Granian 2.8 knows no
limit, and waits itself where a request is answered while another thread still reads its body. So only so many are read
at a time, in all and from one address. Some who come on top of them wait a moment for a place, as a gateway's large
bodies on many connections have to, and who finds none is refused without being read. Checks and pages go on;
docs/threat_model.md says what that leaves to the proxy in front.

Where the connection ends before the body does, Granian returns what had come: a part of a form is no form, and refused.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NoReturn

from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable

from authsvc.web.parsing import LARGEST_BODY_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A body that came along with its head, as a shopper's does, is read in microseconds: a place is soon free again.
PATIENCE_SECONDS = 0.5
RETRY_AFTER_SECONDS = 1


class SlowBodies:
    """A WSGI layer in front of all others that read the bodies of requests."""

    def __init__(self, behind: WSGIApplication, threads: int) -> None:
        """Stand in front of `behind` in a worker of so many `threads`."""
        self._behind = behind
        self._most = max(2, threads // 2)
        self._most_of_one = max(1, threads // 8)
        self._most_patient = threads // 4
        # Both are changed under the lock of `_changed`.
        self._reading: Counter[str] = Counter()
        self.patient = 0
        self._changed = threading.Condition()

    @property
    def reading(self) -> int:
        """How many bodies are being read; beside them `patient` wait for a place."""
        return self._reading.total()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request, whose body is there or is refused to whoever reads it."""
        length = _length(environ)
        if length:
            try:
                with self._place(environ.get("REMOTE_ADDR") or ""):
                    body = environ["wsgi.input"].read(length)
                if environ.get("CONTENT_LENGTH") and len(body) < length:
                    raise BadRequest("The connection ended before the body did. Send it again.")
                environ["wsgi.input"] = BytesIO(body)
            except HTTPException as refusal:
                # Without a length nobody reads it but Flask, which answers with the refusal as with any other.
                environ["CONTENT_LENGTH"] = ""
                environ["wsgi.input"] = _Refused(refusal)
            environ["wsgi.input_terminated"] = True
        return self._behind(environ, start_response)

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        """Read in one of the places; raises `ServiceUnavailable` where there is none."""
        with self._changed:
            if not self._is_free(address) and not self._awaits(address):
                raise ServiceUnavailable(retry_after=RETRY_AFTER_SECONDS)
            self._reading[address] += 1
        try:
            yield
        finally:
            with self._changed:
                self._reading[address] -= 1
                if not self._reading[address]:
                    del self._reading[address]
                if self.patient:
                    self._changed.notify_all()

    def _is_free(self, address: str) -> bool:
        return self.reading < self._most and self._reading[address] < self._most_of_one

    def _awaits(self, address: str) -> bool:
        """Wait for a place, if not too many do already; tell whether there is one now."""
        if self.patient >= self._most_patient:
            return False
        self.patient += 1
        try:
            return self._changed.wait_for(lambda: self._is_free(address), PATIENCE_SECONDS)
        finally:
            self.patient -= 1


class _Refused:
    """Stands in place of a body that is not read."""

    def __init__(self, refusal: HTTPException) -> None:
        self._refusal = refusal

    def read(self, size: int = -1) -> NoReturn:  # noqa: ARG002  as files do
        """Refuse."""
        raise self._refusal


def _length(environ: WSGIEnvironment) -> int:
    """Return how many bytes to read of a request's body: none where there is none, or one too large to be served."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced.isdecimal():
        length = int(announced)
        return length if length <= LARGEST_BODY_BYTES else 0
    # As many as show that it is too large.
    return LARGEST_BODY_BYTES + 1 if environ.get("HTTP_TRANSFER_ENCODING") else 0
