"""Running an operation for a request: authenticate, read, call, answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from flask import Request, Response
from flask.globals import request_ctx

from authsvc.errors import NotFound
from authsvc.web.answers import JSON_CONTENT_TYPE, empty_answer, serializer
from authsvc.web.correlation import correlation_id
from authsvc.web.response_fields import Selection, selection, trimmed
from authsvc.web.wire import Json

if TYPE_CHECKING:
    from authsvc.web.operations import Operation

FORM_CONTENT_TYPE = "application/x-www-form-urlencoded"
RESPONSE_FIELDS = "response_fields"

Authenticate = Callable[[Any], Any]
"""Takes an operation's `requires`; returns the caller, or raises `NotAuthenticated` or `Forbidden`."""


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """What an operation may know of the request beyond its typed inputs."""

    remote_address: str
    host: str
    user_agent: str
    correlation_id: str


class Endpoint:
    """The Flask view of one operation; all that can be found out before a request comes in is."""

    def __init__(self, operation: Operation, authenticate: Authenticate) -> None:
        self._authenticate = authenticate
        self._view = operation.view
        self._requires = operation.requires
        self._query = operation.query
        self._body = operation.body
        self._form = operation.form
        self._status = operation.status
        self._to_json = None if operation.answers is None else serializer(operation.answers)
        self._trims = has_response_fields(operation)
        self._takes_caller = "caller" in operation.arguments
        self._takes_request_info = "request_info" in operation.arguments

    def __call__(self, **arguments: Json) -> Response:
        """Run the operation for the current request; `arguments` come from its path."""
        request = request_ctx.request
        for value in arguments.values():
            if type(value) is str and "\0" in value:
                # No store can hold such a name.
                raise NotFound("There is nothing at this address.")
        if self._requires is not None:
            caller = self._authenticate(self._requires)
            if self._takes_caller:
                arguments["caller"] = caller
        wanted = self._read(request, arguments)
        return self._answer(self._view(**arguments), wanted)

    def _read(self, request: Request, arguments: dict[str, Any]) -> Selection | None:
        """Add what the operation takes to `arguments`; return what the caller wants of its answer."""
        wanted = None
        if self._query is not None:
            query = self._query.pairs(request.environ.get("QUERY_STRING", ""))
            arguments["query"] = query
            if self._trims and query.response_fields is not None:
                # Read before the call: no change may be made and then be answered with a refusal.
                wanted = selection(query.response_fields)
        if self._body is not None:
            content = body_of(request)
            if self._form and request.mimetype == FORM_CONTENT_TYPE:
                arguments["body"] = self._body.pairs(content.decode(errors="replace"))
            else:
                arguments["body"] = self._body.json(content)
        if self._takes_request_info:
            arguments["request_info"] = request_info(request)
        return wanted

    def _answer(self, result: Json, wanted: Selection | None) -> Response:
        if isinstance(result, Response):
            return result
        if self._to_json is None:
            return empty_answer(self._status)
        content = self._to_json(result)
        if wanted is not None:
            content = orjson.dumps(trimmed(orjson.loads(content), wanted))
        return Response(content, self._status, content_type=JSON_CONTENT_TYPE)


def body_of(request: Request) -> bytes:
    """Read the whole body. Raises Werkzeug's `RequestEntityTooLarge`, also where no length was announced."""
    content = request.get_data(cache=False)
    limit = request.max_content_length
    if limit is not None and len(content) >= limit:
        # Of a chunked body Werkzeug hands out what fits, and only complains to who asks for more.
        request.stream.read(1)
    return content


def has_response_fields(operation: Operation) -> bool:
    """Tell whether the caller may trim an answer: the operation's query declares `response_fields`."""
    declared = operation.query.declared if operation.query else None
    return RESPONSE_FIELDS in getattr(declared, "model_fields", {})


def request_info(request: Request) -> RequestInfo:
    """Collect what is known of a request."""
    return RequestInfo(
        remote_address=request.remote_addr or "",
        host=request.host,
        user_agent=request.headers.get("User-Agent", ""),
        correlation_id=correlation_id(request.environ),
    )
