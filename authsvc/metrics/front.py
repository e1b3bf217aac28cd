"""`GET /metrics`: closed unless somebody was let in by a setting, and told to nobody else."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST

from authsvc.metrics.exposition import text
from authsvc.metrics.worker_figures import Figures
from authsvc.web.security_headers import with_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/metrics"
_SCHEME = "Bearer "


class MetricsFront:
    """A WSGI layer that tells the metrics to whoever shows the token, and leaves the rest to the layer behind it."""

    def __init__(
        self,
        behind: WSGIApplication,
        workers: Callable[[], Mapping[str, Figures | None]],
        token: str | None,
    ) -> None:
        """Tell what `workers` says; without `token` to whoever can reach this."""
        self._behind = behind
        self._workers = workers
        self._expected = None if token is None else (_SCHEME + token).encode()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "GET":
            return self._behind(environ, start_response)
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if self._expected is not None and not hmac.compare_digest(shown, self._expected):
            refusal = [("WWW-Authenticate", "Bearer"), ("Content-Length", "0")]
            start_response("401 Unauthorized", with_security_headers(refusal))
            return []
        body = text(self._workers())
        headers = [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))]
        start_response("200 OK", with_security_headers(headers))
        return [body]


def nothing(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer that there is nothing: what stands behind metrics on an address of their own."""
    start_response("404 Not Found", with_security_headers([("Content-Length", "0")]))
    return []
