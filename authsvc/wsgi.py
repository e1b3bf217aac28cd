"""What the production server loads into each of its worker processes."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

from authsvc.app import create_app
from authsvc.infra.logging import configure_logging
from authsvc.metrics.exchange import start_telling
from authsvc.metrics.worker_figures import figures_of
from authsvc.services import connect_services, start_follower
from authsvc.sessions.uses import start_writing
from authsvc.settings import load_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# prctl(2): the signal the kernel sends a process whose parent is gone.
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# How long the first process may take to pass on a stop signal that every process got.
PASSED_ON_SECONDS = 1.0
# New objects before the youngest, and rounds before the older ones, are searched for garbage. Python's 700, 10 and 10
# let a worker that remembers 100,000 sessions stop for a tenth of a second every few seconds.
GARBAGE_THRESHOLDS = (10_000, 20, 50)


def worker() -> WSGIApplication:
    """Build the application for one worker process, from the settings in the environment."""
    _end_with_the_server()
    _stop_once()
    settings = load_settings()
    configure_logging(as_json=settings.log_format == "json")
    services = connect_services(settings)
    start_follower(services)
    start_writing(services.sessions.uses)
    application = create_app(services)
    start_telling(lambda: figures_of(services, application))
    _answer_steadily()
    return application


def _answer_steadily() -> None:
    """Let no check wait long for the search for garbage."""
    gc.collect()
    # What is there now stays for as long as the worker.
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def _end_with_the_server() -> None:
    """Leave no worker behind when the server's first process is killed outright."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    server = multiprocessing.parent_process()
    if server is not None and os.getppid() != server.pid:
        # It was gone before the kernel was told.
        os.kill(os.getpid(), signal.SIGKILL)


def _stop_once() -> None:
    """Let this worker hear of one stop signal and of no other.

    Ctrl-C in a terminal, and systemd, signal every process of a service, and the server's first process then signals
    its workers once more. Granian's handler, interrupted by itself, waits for its own lock until it is killed.
    """
    for number in STOP_SIGNALS:
        # Inherited from the first process, whose handler means nothing here.
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    threading.Thread(target=_hand_on_one, name="stop", daemon=True).start()


def _hand_on_one() -> None:
    sender = signal.sigwaitinfo(STOP_SIGNALS).si_pid
    if sender != os.getppid():
        # The first process has it too and is about to pass it on; a worker that goes before counts as crashed.
        signal.sigtimedwait(STOP_SIGNALS, PASSED_ON_SECONDS)
    stop = signal.getsignal(signal.SIGTERM)
    if callable(stop):
        stop(signal.SIGTERM, None)
    else:
        # Granian has not begun to serve, so nothing is under way.
        os._exit(0)
