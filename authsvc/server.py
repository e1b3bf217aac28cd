"""The production server: Granian, one worker process for each core, each with its own threads.

Granian, because its cost per request was measured at a tenth of gunicorn's (docs/performance.md).
"""

from __future__ import annotations

from granian import Granian
from granian.constants import Interfaces

from authsvc.app import connect_services
from authsvc.settings import Settings

# A request under way at a stop has this long to finish; longer than any wait the service allows itself.
STOP_SECONDS = 30


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Raises `DatabaseUnavailable`, `SchemaOutdated` or `WrongEncryptionKey` instead of starting to fail.
    """
    services = connect_services(settings)
    try:
        services.database.ensure_schema()
        services.signing_keys.ensure_one()
        services.signing_keys.signing_key()
    finally:
        services.close()
    Granian(
        "authsvc.wsgi:worker",
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
    ).serve()
