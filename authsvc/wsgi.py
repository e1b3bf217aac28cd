"""What the production server loads into each of its worker processes."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING

from authsvc.app import connect_services, create_app, start_follower
from authsvc.infra.logging import configure_logging
from authsvc.settings import load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# prctl(2): the signal the kernel sends a process whose parent is gone.
PR_SET_PDEATHSIG = 1


def worker() -> WSGIApplication:
    """Build the application for one worker process, from the settings in the environment."""
    _end_with_the_server()
    settings = load_settings()
    configure_logging(as_json=settings.log_format == "json")
    services = connect_services(settings)
    start_follower(services)
    return create_app(services)


def _end_with_the_server() -> None:
    """Leave no worker behind when the server's first process is killed outright."""
    # Forked with Granian's own handlers, which would swallow a stop that comes while the worker still starts;
    # Granian would then wait STOP_SECONDS for it. It sets its handlers for workers once the application is built.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
