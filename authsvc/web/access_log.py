"""One line per request: what was asked for, what was answered, how long it took.

The route's template stands for the path, which may hold a refresh token; of query, body, cookies and headers
nothing is written. `correlation_id`, and `tenant_id` once `note_tenant` was called, come from the context.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from time import perf_counter_ns, time
from typing import Any

import structlog

from authsvc.web.gathered_lines import GatheredLines
from authsvc.web.request_figures import REQUESTS

NO_ROUTE = "-"
REQUEST = "request"
# Asked every second, or several times by each service that keeps answers; of interest to nobody.
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/sessions/invalidations"})

log = structlog.stdlib.get_logger("authsvc.access")

# Method, route's template, status line, nanoseconds it took, correlation id, tenant and when (seconds since 1970).
_InFront = tuple[str, str, str, int, str, int, float]


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

    What the context says is of an earlier request that its thread served. The line is written a moment later, with
    others like it (`gathered_lines`).
    """
    took_ns = perf_counter_ns() - started_ns
    REQUESTS.note(method, route, status, took_ns)
    IN_FRONT.add((method, route, status, took_ns, correlation, tenant_id, time()))


def _write_in_front(lines: Iterable[_InFront], lost: int) -> None:
    """Write lines of answers given in front of Flask.

    As JSON, without the rest of structlog's steps, which cost more than finding the answer: nothing here is a secret
    or a failure.
    """
    configured = structlog.get_config()
    render = configured["processors"][-1]
    as_json = isinstance(render, structlog.processors.JSONRenderer)
    written: list[str] = []
    with contextlib.suppress(OSError, ValueError):
        for method, route, status, took_ns, correlation, tenant_id, at in lines:
            said = _line(method, route, status, took_ns) | {
                "correlation_id": correlation,
                "tenant_id": tenant_id,
            }
            if as_json:
                when = datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
                level = {"event": REQUEST, "level": "info", "timestamp": when}
                written.append(render(None, "info", said | level))
            else:
                log.info(REQUEST, **said)
        if written:
            configured["logger_factory"]().info("\n".join(written))
        if lost:
            log.warning("lines_lost", lines=lost)


IN_FRONT = GatheredLines(_write_in_front)


def log_request(method: str, route: str, status: str, started_ns: int, **context: object) -> None:
    """Write the line of a request, and count it.

    `status`: the WSGI status line. `started_ns`: `perf_counter_ns` when it came in; for a streamed answer the
    time is that until its first byte. `context`: what stands in place of what the context says.
    """
    took_ns = perf_counter_ns() - started_ns
    REQUESTS.note(method, route, status, took_ns)
    line = _line(method, route, status, took_ns)
    write = log.debug if route in QUIET_ROUTES else log.info
    # A full disk or a closed terminal under the log must not fail a request that has been served.
    with contextlib.suppress(OSError, ValueError):
        write(REQUEST, **line, **context)


def _line(method: str, route: str, status: str, took_ns: int) -> dict[str, Any]:
    return {
        "method": method,
        "route": route,
        "status": int(status[:3]),
        "duration_ms": round(took_ns / 1_000_000, 3),
    }
