"""Whether the process lives and whether it can serve, for whoever restarts and balances it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import structlog

from authsvc.errors import Unavailable
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

log = structlog.stdlib.get_logger(__name__)


class Health(Wire):
    """A good word; the absence of it is an error."""

    status: Literal["ok"] = "ok"


class NotReady(Unavailable):
    """A backing service does not answer; `additionalErrorData` names each that does not."""


def health_routes(pings: Mapping[str, Callable[[], object]]) -> Routes:
    """Declare `/healthz` and `/readyz`.

    `pings`: name of a backing service → a call that raises when it does not answer. Each brings its own timeout.
    """
    routes = Routes("health", prefix="", tag="Health")

    @routes.get("/healthz", requires=None, answers=Health)
    def alive() -> Health:
        """Tell that the process lives.

        Asks nothing else, so that a store's failure does not get the process restarted.
        """
        return Health()

    @routes.get("/readyz", requires=None, answers=Health, refuses=[NotReady])
    def ready() -> Health:
        """Tell whether requests can be served: every backing service answers."""
        silent = [name for name, ping in pings.items() if not _answers(name, ping)]
        if silent:
            raise NotReady(
                f"Not ready: no answer from {', '.join(silent)}. Ask again later.",
                data=[(name, "no answer") for name in silent],
            )
        return Health()

    return routes


def _answers(name: str, ping: Callable[[], object]) -> bool:
    try:
        ping()
    except Exception:
        log.warning("backing service does not answer", service=name, exc_info=True)
        return False
    return True
