"""What went wrong, as a page; the API's envelope is for machines."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Blueprint, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from authsvc.errors import AuthsvcError, Invalid, Unavailable
from authsvc.web.correlation import correlation_id
from authsvc.web.envelope import DEFAULT_RETRY_AFTER_SECONDS, UNEXPECTED, status_of

# RFC 9110 §9.1, RFC 5789; HEAD goes with GET.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

_MISSING = "missing"

log = structlog.stdlib.get_logger(__name__)

_TITLES = {
    400: "That did not work",
    401: "Sign in first",
    403: "You may not do this",
    404: "Page not found",
    405: "That did not work",
    409: "Something has changed",
    429: "Too many attempts",
    503: "Not available just now",
}


def sentence(error: AuthsvcError) -> str:
    """Return what to tell a person: for an invalid field without the API's name for it."""
    if isinstance(error, Invalid) and error.data:
        _, parameter = error.data[0]
        text = error.message.removeprefix(f"Missing or invalid parameter: {parameter} ").strip()
        return text[:1].upper() + text[1:]
    return error.message


def retry_headers(error: AuthsvcError) -> dict[str, str]:
    """Return when to come back, as a header, where the error knows."""
    seconds = error.retry_after_seconds
    if seconds is None and isinstance(error, Unavailable):
        seconds = DEFAULT_RETRY_AFTER_SECONDS
    return {} if seconds is None else {"Retry-After": str(seconds)}


def install_error_pages(
    blueprint: Blueprint, style_address: str, icon_address: str, headers: Mapping[str, str]
) -> None:
    """Answer everything that goes wrong below `blueprint` with a page.

    The page asks nobody who is looking: the database that would know may be what is missing.
    """

    def page(status: int, message: str, more: Mapping[str, str] | None = None) -> Response:
        text = render_template(
            "admin/error.html",
            title=_TITLES.get(status, "Something went wrong"),
            message=message,
            correlation_id=correlation_id(request.environ),
            style_address=style_address,
            icon_address=icon_address,
        )
        return make_response(text, status, {**headers, **(more or {})})

    def refused(error: AuthsvcError) -> Response:
        status = status_of(type(error))
        if status == UNEXPECTED:
            return failed(error)
        return page(status, sentence(error), retry_headers(error))

    def http_error(error: HTTPException) -> Response:
        allowed = {}
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            allowed = {"Allow": ", ".join(error.valid_methods)}
        return page(error.code or UNEXPECTED, error.description or error.name, allowed)

    def failed(error: Exception) -> Response:
        log.error(
            "unexpected error", correlation_id=correlation_id(request.environ), exc_info=error
        )
        return page(UNEXPECTED, "An unexpected error has occurred. It has been written to the log.")

    def missing(anything: str = "") -> Response:  # noqa: ARG001  whatever else stands below /admin
        methods = _methods_of(request.path)
        if methods:
            raise MethodNotAllowed(methods, "There is nothing to be done this way at this address.")
        raise NotFound("There is no page at this address.")

    blueprint.register_error_handler(AuthsvcError, refused)
    blueprint.register_error_handler(HTTPException, http_error)
    blueprint.register_error_handler(Exception, failed)
    # Every method, so that also one that a page does not know is answered here and not by the API.
    blueprint.add_url_rule("/<path:anything>", _MISSING, missing, methods=_METHODS)
    blueprint.add_url_rule("/", _MISSING, missing, methods=[m for m in _METHODS if m != "GET"])


def _methods_of(path: str) -> list[str]:
    """List the methods that some page at `path` knows."""
    addresses = current_app.url_map.bind("")
    found = []
    for method in ("GET", "POST"):
        endpoint, _ = addresses.match(path, method)  # `missing` itself, where no page does
        if not endpoint.endswith(f".{_MISSING}"):
            found.append(method)
    return found
