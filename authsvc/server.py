"""The production server: Granian, one worker process for each core, each with its own threads.

Granian, because its cost per request was measured at a tenth of gunicorn's (docs/performance.md).
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from granian import Granian
from granian.constants import Interfaces

# Loaded here, once: worker processes are forked from this one.
from authsvc import wsgi
from authsvc.errors import Conflict
from authsvc.metrics.exchange import new_word
from authsvc.metrics.listener import telling
from authsvc.services import connect_services
from authsvc.settings import Settings

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A request under way at a stop has this long to finish; longer than any wait the service allows itself.
STOP_SECONDS = 30


class AddressTaken(Conflict):
    """Something listens on the address already."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Raises `AddressTaken`, `DatabaseUnavailable`, `SchemaOutdated` or `WrongEncryptionKey` instead of starting to fail.
    """
    _ensure_free(settings.host, settings.port)
    services = connect_services(settings)
    try:
        services.database.ensure_schema()
        services.key_rotation.ensure_one()
        services.signing_keys.signing_key()
    finally:
        services.close()
    server = Granian(
        f"{wsgi.__name__}:worker",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads,
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_private_key,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=False,
    )
    if settings.tells_metrics:
        new_word()
    logging.getLogger("_granian").addFilter(_is_news)
    # Granian's word for "once its own signal handlers are set, and before there are workers".
    server.on_startup(_stop_once)
    with _metrics(settings):
        server.serve()


@contextmanager
def _metrics(settings: Settings) -> Iterator[None]:
    """Tell the metrics on an address of their own, if one is set."""
    if settings.metrics_listen is None:
        yield
        return
    host, _, port = settings.metrics_listen.rpartition(":")
    token = settings.metrics_token
    with ExitStack() as running:
        try:
            running.enter_context(
                telling((host.strip("[]"), int(port)), token.get_secret_value() if token else None)
            )
        except OSError as refused:
            raise AddressTaken(
                f"AUTHSVC_METRICS_LISTEN {settings.metrics_listen} cannot be listened on ({refused.strerror})."
            ) from refused
        yield


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out the warning of more threads than cores: most of ours wait for a hash (`Settings.threads`)."""
    return not record.getMessage().startswith("Configuration allows spawning up to")


def _stop_once() -> None:
    """Hear of one stop signal only: Granian's handler hangs when a second one interrupts it."""
    stop = signal.getsignal(signal.SIGTERM)

    def stop_once(number: int, frame: FrameType | None) -> None:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if callable(stop):
            stop(number, frame)

    for number in STOP_SIGNALS:
        signal.signal(number, stop_once)


def _ensure_free(host: str, port: int) -> None:
    """Refuse an address that is in use: Granian's workers would share it, and its visitors, with whoever is there."""
    try:
        where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(where[0]) as probe:
            # Connections that a server before us has closed are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where[4])
            probe.listen()
    except OSError as refused:
        raise AddressTaken(
            f"Port {port} of {host} cannot be listened on ({refused.strerror}): stop what is there, "
            "or choose another with AUTHSVC_PORT and AUTHSVC_HOST."
        ) from refused
