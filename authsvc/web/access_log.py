"""One line per request: what was asked for, what was answered, how long it took.

The route's template stands for the path, which may hold a refresh token; of query, body, cookies and headers
nothing is written. `correlation_id`, and `tenant_id` once `note_tenant` was called, come from the context.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Any

import structlog

from authsvc.web.request_figures import REQUESTS

NO_ROUTE = "-"
REQUEST = "request"
# Asked every second, or several times by each service that keeps answers; of interest to nobody.
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/sessions/invalidations"})

log = structlog.stdlib.get_logger("authsvc.access")


def note_tenant(tenant_id: int) -> None:
    """Add the tenant to every further log line of the current request."""
    structlog.contextvars.bind_contextvars(tenant_id=tenant_id)


def route_of(environ: Mapping[str, Any]) -> str:
    """Return the template of the route that Flask found; ask while Flask answers, it tidies up afterwards."""
    request = environ.get("werkzeug.request")
    if request is None or request.url_rule is None:
        return NO_ROUTE
    return str(request.url_rule.rule)


def log_answered_in_front(
    method: str, route: str, status: str, started_ns: int, correlation: str, tenant_id: int
) -> None:
    """Write the line of a request that a layer in front of Flask has answered; arguments as `log_request`'s.

    What the context says is of an earlier request that its thread served. As JSON, the line is written without the
    rest of structlog's steps, which cost more than finding the answer: nothing here is a secret or a failure.
    """
    said = {"correlation_id": correlation, "tenant_id": tenant_id}
    configured = structlog.get_config()
    render = configured["processors"][-1]
    if not isinstance(render, structlog.processors.JSONRenderer):
        log_request(method, route, status, started_ns, **said)
        return
    line = {
        **_said(method, route, status, started_ns),
        **said,
        "event": REQUEST,
        "level": "info",
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    with contextlib.suppress(OSError, ValueError):
        configured["logger_factory"]().info(render(None, "info", line))


def log_request(method: str, route: str, status: str, started_ns: int, **context: object) -> None:
    """Write the line of a request, and count it.

    `status`: the WSGI status line. `started_ns`: `perf_counter_ns` when it came in; for a streamed answer the
    time is that until its first byte. `context`: what stands in place of what the context says.
    """
    line = _said(method, route, status, started_ns)
    write = log.debug if route in QUIET_ROUTES else log.info
    # A full disk or a closed terminal under the log must not fail a request that has been served.
    with contextlib.suppress(OSError, ValueError):
        write(REQUEST, **line, **context)


def _said(method: str, route: str, status: str, started_ns: int) -> dict[str, Any]:
    took_ns = perf_counter_ns() - started_ns
    REQUESTS.note(method, route, status, took_ns)
    return {
        "method": method,
        "route": route,
        "status": int(status[:3]),
        "duration_ms": round(took_ns / 1_000_000, 3),
    }
