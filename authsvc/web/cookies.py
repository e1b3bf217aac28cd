"""Cookies that only this host sees, sent back by https only, and read by no script.

`SameSite=Lax` and not `Strict`: a link to a page of ours in a message must open that page, not ask for the password,
or people learn to type it wherever a link leads. What Lax lets through are page views, which change nothing; every
change proves its own origin.
"""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Request
from werkzeug.wrappers import Response

from authsvc.errors import Forbidden

# The prefix makes browsers insist: Secure, Path=/ and no Domain, so that no sister host can plant one (RFC 6265bis).
_PREFIX = "__Host-"
# Names that never leave the machine; there, browsers take plain http for safe as well.
_LOOPBACK = re.compile(
    r"(localhost|([a-z0-9-]+\.)+localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?", re.IGNORECASE
)


class UnsafeTransport(Forbidden):
    """The page was asked for in a way that would give the password away."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "These pages need https. If a proxy in front ends it, set AUTHSVC_TRUSTED_PROXIES, so that what "
            "the proxy says is believed."
        )


def is_safe_transport(request: Request) -> bool:
    """Tell whether a password may be sent this way: by https, or without leaving the machine."""
    return request.is_secure or is_loopback(request.host)


def is_loopback(host: str) -> bool:
    """Tell whether a host name, perhaps with a port, never leaves the machine."""
    return _LOOPBACK.fullmatch(host) is not None


def read(request: Request, name: str) -> str:
    """Return a cookie of ours, or an empty text; by https only the prefixed one counts."""
    return request.cookies.get(full_name(request, name), "")


def keep(
    request: Request, response: Response, name: str, value: str, lasting: timedelta | None = None
) -> None:
    """Let the browser keep a cookie until it closes, or as long as `lasting` says."""
    response.set_cookie(
        full_name(request, name),
        value,
        max_age=lasting,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(
        full_name(request, name),
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def full_name(request: Request, name: str) -> str:
    """Return what a cookie is called in this request and its answer."""
    return prefixed(name) if request.is_secure else name


def prefixed(name: str) -> str:
    """Return what a cookie is called that came by https."""
    return f"{_PREFIX}{name}"
