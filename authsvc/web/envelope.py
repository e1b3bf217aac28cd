"""The one shape of every refusal, and which HTTP status each kind of error has ([K] 3.6).

Statuses outside of the vendor's list (200, 400, 401, 403, 404, 405, 409, 429, 500, 503) are 501 for calls that
this release does not answer yet, and 413 for a body that is too large, as proxies and clients know it.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from authsvc.errors import (
    AuthsvcError,
    Conflict,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
    NotOffered,
    TooMany,
    Unavailable,
)
from authsvc.web.answers import json_answer
from authsvc.web.correlation import correlation_id
from authsvc.web.wire import Wire

UNEXPECTED = 500
DEFAULT_RETRY_AFTER_SECONDS = 5  # outlives a restart of a store; shorter than anybody's patience
CUSTOMER_APPLICATION = "Customer"  # what the vendor signs account errors with ([K] 3.3)

STATUS: Mapping[type[AuthsvcError], int] = {
    Invalid: 400,
    NotAuthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooMany: 429,
    NotOffered: 501,
    Unavailable: 503,
}

_HTTP_ERRORS: Mapping[int, tuple[str, str]] = {
    400: (Invalid.error_code, "The request is not well-formed HTTP."),
    404: (NotFound.error_code, "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address knows other methods only; the Allow header lists them."),
    413: ("REQUEST_TOO_LARGE", "The body is larger than this service reads."),
}  # fmt: skip

log = structlog.stdlib.get_logger(__name__)


class ErrorDatum(Wire):
    """A named detail of an error."""

    name: str
    value: str


class ErrorItem(Wire):
    """What is wrong with one part of a request."""

    application_name: str
    error_code: str
    message: str
    additional_error_data: list[ErrorDatum]


class Error(ErrorItem):
    """What every answer looks like that is not a success. Branch on `errorCode`; quote `correlationId`."""

    correlation_id: str
    items: list[ErrorItem]


def status_of(kind: type[AuthsvcError]) -> int:
    """Return the HTTP status of a kind of error, or of any error derived from it."""
    return next((STATUS[parent] for parent in kind.__mro__ if parent in STATUS), UNEXPECTED)


class Envelope:
    """Turns whatever went wrong into an answer.

    `application_names`: path prefix → the `applicationName` to sign errors below it with.
    """

    def __init__(self, application_names: Mapping[str, str] | None = None) -> None:
        self._application_names = dict(application_names or {})

    def install(self, app: Flask) -> None:
        """Answer every exception of `app` in the envelope."""
        app.register_error_handler(AuthsvcError, self.refusal)
        app.register_error_handler(HTTPException, self.http_error)
        app.register_error_handler(Exception, self.unexpected)

    def refusal(self, error: AuthsvcError) -> Response:
        """Answer with a refusal that was meant."""
        status = status_of(type(error))
        if status == UNEXPECTED:
            return self.unexpected(error)
        headers = {}
        if status == STATUS[NotAuthenticated]:
            headers["WWW-Authenticate"] = "Bearer"
        elif status in (STATUS[TooMany], STATUS[Unavailable]):
            seconds = error.retry_after_seconds
            headers["Retry-After"] = str(seconds or DEFAULT_RETRY_AFTER_SECONDS)
        item = self._item(error)
        return self._answer(status, item, [self._item(part) for part in error.items], headers)

    def http_error(self, error: HTTPException) -> Response | WerkzeugResponse:
        """Answer with what Flask or Werkzeug refused before or beside an operation."""
        if error.response is not None or error.code is None or error.code < 400:
            return Response.force_type(error.get_response(request.environ), request.environ)
        if error.code == UNEXPECTED:
            return self.unexpected(getattr(error, "original_exception", None) or error)
        code, message = _HTTP_ERRORS.get(
            error.code, (error.name.upper().replace(" ", "_"), f"{error.name}.")
        )
        # Allow, Retry-After and the like; the content type is ours.
        headers = {
            name: value
            for name, value in error.get_headers(request.environ)
            if name.lower() != "content-type"
        }
        return self._answer(error.code, self._plain_item(code, message), [], headers)

    def unexpected(self, error: BaseException) -> Response:
        """Answer a bug or a break-down, telling the log what happened and the caller only where to ask."""
        correlation = correlation_id(request.environ)
        log.error("unexpected error", correlation_id=correlation, exc_info=error)
        message = "An unexpected error has occurred; quote the correlation id when you report it."
        item = self._plain_item(AuthsvcError.error_code, message)
        return self._answer(UNEXPECTED, item, [], {})

    def _application_name(self) -> str:
        path = request.path
        for prefix, name in self._application_names.items():
            if path.startswith(prefix):
                return name
        return CUSTOMER_APPLICATION

    def _plain_item(self, error_code: str, message: str) -> ErrorItem:
        return ErrorItem(
            application_name=self._application_name(),
            error_code=error_code,
            message=message,
            additional_error_data=[],
        )

    def _item(self, error: AuthsvcError) -> ErrorItem:
        return ErrorItem(
            application_name=self._application_name(),
            error_code=error.error_code,
            message=error.message,
            additional_error_data=[
                ErrorDatum(name=name, value=value) for name, value in error.data
            ],
        )

    def _answer(
        self, status: int, item: ErrorItem, items: list[ErrorItem], headers: Mapping[str, str]
    ) -> Response:
        body = Error(
            application_name=item.application_name,
            error_code=item.error_code,
            message=item.message,
            additional_error_data=item.additional_error_data,
            correlation_id=correlation_id(request.environ),
            items=items,
        )
        return json_answer(body, status, headers)
