"""What went wrong, as a page; the API's envelope is for machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from authsvc.errors import AuthsvcError, Invalid, Unavailable
from authsvc.web.correlation import correlation_id
from authsvc.web.envelope import DEFAULT_RETRY_AFTER_SECONDS, UNEXPECTED, status_of

log = structlog.stdlib.get_logger(__name__)

TITLES = {
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
        # The vendor's words on a wrong password end with its name ([K] 3.3).
        return text[:1].upper() + text[1:] or f"The {parameter} is not right."
    return error.message


def retry_headers(error: AuthsvcError) -> dict[str, str]:
    """Return when to come back, as a header, where the error knows."""
    seconds = error.retry_after_seconds
    if seconds is None and isinstance(error, Unavailable):
        seconds = DEFAULT_RETRY_AFTER_SECONDS
    return {} if seconds is None else {"Retry-After": str(seconds)}


# (title, message, status, further headers) → the page that says what went wrong. It asks nobody who is looking: the
# database that would know may be what is missing.
ErrorPage = Callable[[str, str, int, Mapping[str, str]], Response]


def install_error_pages(blueprint: Blueprint, write: ErrorPage) -> None:
    """Answer everything that goes wrong in the views of `blueprint` with a page."""

    def page(status: int, message: str, more: Mapping[str, str] | None = None) -> Response:
        return write(TITLES.get(status, "Something went wrong"), message, status, more or {})

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

    blueprint.register_error_handler(AuthsvcError, refused)
    blueprint.register_error_handler(HTTPException, http_error)
    blueprint.register_error_handler(Exception, failed)
