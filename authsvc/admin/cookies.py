"""The two cookies of the admin pages: the staff session's token, and what binds a form before anybody has signed in.

Both are gone when the browser closes. `SameSite=Lax` and not `Strict`: a link to a customer's page in a colleague's
message must open that page, not ask for the password, or staff learn to type it wherever a link leads. What Lax lets
through are page views, which change nothing; every change is a POST that proves its own origin (see `forms`).
"""

from __future__ import annotations

import re
import secrets

from flask import Request
from werkzeug.wrappers import Response

# The prefix makes browsers insist: Secure, Path=/ and no Domain, so that no sister host can plant one (RFC 6265bis).
_PREFIX = "__Host-"
SESSION = "authsvc-staff"
FORM = "authsvc-staff-form"

_FORM_BYTES = 32
# Names that never leave the machine; there, browsers take plain http for safe as well.
_LOOPBACK = re.compile(
    r"(localhost|([a-z0-9-]+\.)+localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?", re.IGNORECASE
)


def is_safe_transport(request: Request) -> bool:
    """Tell whether a password may be sent this way: by https, or without leaving the machine."""
    return request.is_secure or _LOOPBACK.fullmatch(request.host) is not None


def read(request: Request, name: str) -> str:
    """Return a cookie of ours, or an empty text; by https only the prefixed one counts."""
    return request.cookies.get(_full_name(request, name), "")


def keep(request: Request, response: Response, name: str, value: str) -> None:
    """Let the browser keep a cookie until it closes."""
    response.set_cookie(
        _full_name(request, name),
        value,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop(request: Request, response: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    response.delete_cookie(
        _full_name(request, name),
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def new_form_secret() -> str:
    """Return what a browser is known by before anybody has signed in on it."""
    return secrets.token_urlsafe(_FORM_BYTES)


def _full_name(request: Request, name: str) -> str:
    return f"{_PREFIX}{name}" if request.is_secure else name
