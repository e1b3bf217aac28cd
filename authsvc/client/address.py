"""Where the server is, how patiently it is asked, and the clock that all waiting and trusting goes by."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from authsvc.client.errors import Misconfigured

# How long one try may take: checks take milliseconds, and a page that waits for longer is lost anyway.
TIMEOUT_SECONDS = 1.0
# A question that got no answer, or a proxy's word that nobody gave one, is asked once more: all of them only read.
TRIES = 2
ASKED_AGAIN = frozenset({502, 504})
# Balancers forget connections that are idle for longer, and some say nothing about it.
IDLE_SECONDS = 30.0
# Connections kept open; more may be open while more threads ask.
MOST_IDLE = 64
READ_BYTES = 64 * 1024


def _ticking() -> Callable[[], float]:
    """Choose a clock that never jumps, and that goes on while the machine sleeps where there is one (Linux)."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    if boottime is None:
        return time.monotonic
    read = time.clock_gettime
    return lambda: read(boottime)


ticks = _ticking()


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address, taken apart; `prefix`: path that its own paths are below. `tls`: None for plain http."""

    host: str
    port: int
    prefix: str
    host_header: str
    tls: ssl.SSLContext | None

    @classmethod
    def of(cls, url: str, tls: ssl.SSLContext | None = None) -> Address:
        """Take `https://auth.example.com` apart; `tls` in place of the machine's own trust. Raises `Misconfigured`."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = 0
        is_https = parts.scheme == "https"
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or port == 0
            or "@" in parts.netloc
            or parts.query
            or parts.fragment
        ):
            raise Misconfigured("Give the server's address like this: https://auth.example.com")
        context = (tls or ssl.create_default_context()) if is_https else None
        return cls(
            parts.hostname,
            port or (443 if is_https else 80),
            parts.path.rstrip("/"),
            parts.netloc,
            context,
        )
