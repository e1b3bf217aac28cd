"""What happens around every request, whoever answers it: one WSGI layer for the whole application.

It stands in front of Flask rather than in its hooks because it must hold for every answer, and because it costs
a quarter of what `before_request` and `after_request` functions would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter_ns
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars, clear_contextvars

from authsvc.web.access_log import NO_ROUTE, log_request, route_of
from authsvc.web.correlation import CORRELATION_HEADER, ENVIRON_KEY, correlation_id
from authsvc.web.paths import ApiPaths
from authsvc.web.security_headers import with_security_headers

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Headers = list[tuple[str, str]]
    Written = Callable[[bytes], object]


class Edge:
    """Gives a request its correlation id and one spelling of its path; its answer, headers and a log line.

    `rules` names all paths of the URL map; it is asked at the first request, when all are registered.
    """

    def __init__(self, answer: WSGIApplication, rules: Callable[[], Iterable[str]]) -> None:
        self._answer = answer
        self._rules = rules
        self._paths: ApiPaths | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        started_ns = perf_counter_ns()
        if self._paths is None:
            self._paths = ApiPaths(self._rules())
        environ["PATH_INFO"] = self._paths.canonical(environ.get("PATH_INFO", ""))
        correlation = environ[ENVIRON_KEY] = correlation_id(environ)
        # Worker threads serve one request after another in the same context.
        clear_contextvars()
        bind_contextvars(correlation_id=correlation)
        sent, route = "500", NO_ROUTE

        def start(status: str, headers: Headers, exc_info: OptExcInfo | None = None) -> Written:
            nonlocal sent, route
            sent, route = status, route_of(environ)
            headers = with_security_headers(headers)
            headers.append((CORRELATION_HEADER, correlation))
            return start_response(status, headers, exc_info)

        try:
            return self._answer(environ, start)
        finally:
            log_request(environ["REQUEST_METHOD"], route, sent, started_ns)
