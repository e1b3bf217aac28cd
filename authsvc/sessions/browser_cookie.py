"""The cookie that shows a shopper's session on a site's own host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.http import parse_cookie

from authsvc.web.cookies import is_loopback, prefixed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NAME = "authsvc-session"
_PREFIXED = prefixed(NAME)


def shown_token(environ: WSGIEnvironment) -> str:
    """Return the token a request's cookie shows, or an empty text.

    The prefixed cookie counts however the request came: a proxy may ask over plain http for a browser that came by
    https. The plain one, which a sister host could have planted, counts only on this machine itself.
    """
    header = environ.get("HTTP_COOKIE", "")
    if NAME not in header:
        return ""
    cookies = parse_cookie(header)
    token = cookies.get(_PREFIXED, "")
    if (
        not token
        and environ["wsgi.url_scheme"] == "http"
        and is_loopback(environ.get("HTTP_HOST", ""))
    ):
        token = cookies.get(NAME, "")
    return token
