"""What an operation returns → the bytes and headers of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response
from pydantic import BaseModel, TypeAdapter

from authsvc.web.wire import Json, TypeExpression

JSON_CONTENT_TYPE = "application/json; charset=utf-8"  # [K] A4


def json_answer(
    model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a model and headers of one's own, for operations that need more than a return value."""
    body = model.__pydantic_serializer__.to_json(model, by_alias=True)
    return Response(body, status, headers, content_type=JSON_CONTENT_TYPE)


def empty_answer(status: int) -> Response:
    """Answer without a body, and so without a content type: the vendor's clients would try to parse it."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def serializer(answers: TypeExpression) -> Callable[[Json], bytes]:
    """Prepare the writing of values of one declared type as JSON."""
    to_json = TypeAdapter(answers).serializer.to_json
    return lambda value: to_json(value, by_alias=True)
