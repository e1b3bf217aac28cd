"""What a request shows of who is calling and of the shopper's device, read from WSGI and Flask for `identification`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wsgi import get_host

from authsvc import tokens
from authsvc.callers import ShownDevice
from authsvc.devices.rules import LONGEST_USER_AGENT, handed_token
from authsvc.identification import SHOPPER_HEADER, Shown
from authsvc.sessions.browser_cookie import shown_token
from authsvc.tokens import Audience
from authsvc.web.correlation import correlation_id
from authsvc.web.environ_headers import EnvironHeaders
from authsvc.web.form_origin import comes_from

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request


def asked(environ: WSGIEnvironment) -> Shown:
    """Return what `shown` does for a check; making a request of it would cost as much as the check."""
    return Shown(
        EnvironHeaders(environ),
        environ.get("HTTP_HOST") or get_host(environ),
        None,
        None,
        shown_token(environ),
    )


def shown(request: Request) -> Shown:
    """Return what of a request decides about its caller."""
    return Shown(
        request.headers,
        request.host,
        request.remote_addr,
        correlation_id(request.environ),
        shown_token(request.environ),
        comes_from(
            request.headers.get("Origin", ""),
            request.headers.get("Sec-Fetch-Site", ""),
            (f"{request.scheme}://{request.host}".lower(),),
        ),
    )


def limited_ticket(request: Request) -> str:
    """Return the limited ticket that comes where a shopper's would, for a sign-in that is not complete."""
    shown = request.headers.get(SHOPPER_HEADER, "")
    return shown if tokens.reference(shown, Audience.PENDING) else ""


def device_of(environ: WSGIEnvironment) -> ShownDevice | None:
    """Return what an application says of its shopper's device, None if nothing; raises `Invalid` for a bad token."""
    token = environ.get("HTTP_X_AUTH_DEVICE", "")
    user_agent = environ.get("HTTP_X_AUTH_DEVICE_USER_AGENT", "")
    address = environ.get("HTTP_X_AUTH_DEVICE_ADDRESS")
    if not (token or user_agent or address):
        return None
    return ShownDevice(
        handed_token(token) if token else "",
        user_agent=user_agent[:LONGEST_USER_AGENT],
        address=address,
    )
