"""One line per request: what was asked for, what was answered, how long it took.

The route's template stands for the path, which may hold a refresh token; of query, body, cookies and headers
nothing is written. `correlation_id`, and `tenant_id` once `note_tenant` was called, come from the context.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from time import perf_counter_ns
from typing import Any

import structlog

NO_ROUTE = "-"
HEALTH_ROUTES = frozenset({"/healthz", "/readyz"})  # asked every second; of interest to nobody

log = structlog.stdlib.get_logger("authsvc.access")


def note_tenant(tenant_id: int) -> None:
    """Add the tenant to every further log line of the current request."""
    structlog.contextvars.bind_contextvars(tenant_id=tenant_id)


def log_request(environ: Mapping[str, Any], status: str, started_ns: int) -> None:
    """Write the line of a request.

    `status`: the WSGI status line. `started_ns`: `perf_counter_ns` when it came in; for a streamed answer the
    time is that until its first byte.
    """
    request = environ.get("werkzeug.request")
    rule = (
        request.url_rule.rule if request is not None and request.url_rule is not None else NO_ROUTE
    )
    write = log.debug if rule in HEALTH_ROUTES else log.info
    # A full disk or a closed terminal under the log must not fail a request that has been served.
    with contextlib.suppress(OSError, ValueError):
        write(
            "request",
            method=environ.get("REQUEST_METHOD"),
            route=rule,
            status=int(status[:3]),
            duration_ms=round((perf_counter_ns() - started_ns) / 1_000_000, 3),
        )
