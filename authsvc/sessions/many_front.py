"""`POST /sessions/check` in front of Flask, whose way to an answer costs more than a hundred checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from time import perf_counter_ns
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars, clear_contextvars

from authsvc.sessions.many_answer import Questions
from authsvc.web.access_log import log_request
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.correlation import CORRELATION_HEADER, correlation_id
from authsvc.web.parsing import LARGEST_BODY_BYTES, Reader
from authsvc.web.security_headers import with_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/sessions/check"
ANSWERED = "200 OK"


class ManyFront:
    """A WSGI layer that answers calls of many checks and leaves everything else to the layer behind it."""

    def __init__(
        self,
        behind: WSGIApplication,
        answer: Callable[[Questions, WSGIEnvironment], bytes],
    ) -> None:
        """Let `answer` write the body of an answer; whatever it raises, Flask meets again and tells."""
        self._behind = behind
        self._answer = answer
        self._reader: Reader[Questions] = Reader(Questions, "body")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._behind(environ, start_response)
        started_ns = perf_counter_ns()
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > LARGEST_BODY_BYTES:
            return self._behind(environ, start_response)
        content = environ["wsgi.input"].read(int(length))
        try:
            body = self._answer(self._reader.json(content), environ)
        except Exception:  # noqa: BLE001  it happens again where it is answered, and logged if it is a bug
            environ["wsgi.input"] = BytesIO(content)
            return self._behind(environ, start_response)
        correlation = correlation_id(environ)
        headers = [
            ("Content-Type", JSON_CONTENT_TYPE),
            ("Content-Length", str(len(body))),
            (CORRELATION_HEADER, correlation),
        ]
        start_response(ANSWERED, with_security_headers(headers))
        clear_contextvars()
        bind_contextvars(correlation_id=correlation)
        log_request("POST", PATH, ANSWERED, started_ns)
        return [body]
