"""Serving the API's description: as a document at `/api/openapi.json`, as a page at `/api/docs`.

The page is ours, rendered on the server without JavaScript: Swagger UI, Redoc and Scalar, as packaged for Flask,
weigh 1.5 to 4 MB, need scripts and inline styles that our content security policy refuses, and fall behind.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup, escape

from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.openapi import REF_TEMPLATE
from authsvc.web.wire import Json

_CODE = re.compile("`([^`]+)`")
_UNBOUNDED = 10**15  # numbers from here on only say what the database can hold

_TEMPLATES = Path(__file__).parent / "templates"
_REF_PREFIX = REF_TEMPLATE.partition("{")[0]


def api_docs(document: Mapping[str, Json]) -> Blueprint:
    """Build the blueprint that serves an OpenAPI `document`, which must not change any more."""
    blueprint = Blueprint("api_docs", __name__, template_folder=str(_TEMPLATES))
    as_json = orjson.dumps(document)
    style = (_TEMPLATES / "web" / "api_docs.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"

    @blueprint.get("/api/openapi.json")
    def openapi() -> Response:
        return _kept(Response(as_json, content_type=JSON_CONTENT_TYPE))

    @blueprint.get("/api/docs")
    def docs() -> Response:
        page = render_template(
            "web/api_docs.html",
            api=document,
            by_tag=_by_tag(document),
            style=style,
            spell=spell,
            prose=prose,
        )
        return _kept(Response(page, headers={"Content-Security-Policy": policy}))

    return blueprint


def _kept(response: Response) -> Response:
    """Let caches keep an answer as long as they ask whether it is still the same."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]  # it returns what it is called on


def _by_tag(document: Mapping[str, Json]) -> dict[str, list[Json]]:
    tags: dict[str, list[Json]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            described = {**operation, "path": path, "method": method.upper()}
            tags.setdefault(operation["tags"][0], []).append(described)
    return dict(sorted(tags.items()))


def prose(text: str) -> Markup:
    """Write a description as HTML: what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped before


def spell(schema: Mapping[str, Json]) -> Iterator[tuple[str, str | None]]:
    """Spell out a type in pieces: (text, name of the schema it stands for or None)."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF_PREFIX)
        yield name, name
        return
    for word in ("anyOf", "oneOf", "allOf"):
        for place, part in enumerate(schema.get(word, ())):
            if place:
                yield " or ", None
            yield from spell(part)
        if word in schema:
            return
    if schema.get("type") == "array":
        yield "array of ", None
        yield from spell(schema.get("items", {}))
        return
    yield _plain(schema), None


_LIMITS: Mapping[str, Callable[[Json], str]] = {
    "enum": lambda value: ", ".join(map(repr, value)),
    "const": repr,
    "minLength": lambda value: f"at least {value} characters",
    "maxLength": lambda value: f"at most {value} characters",
    "minimum": lambda value: f"from {value}",
    "maximum": lambda value: f"to {value}",
}


def _plain(schema: Mapping[str, Json]) -> str:
    kind = schema.get("type", "anything")
    name = " or ".join(kind) if isinstance(kind, list) else kind
    limits = [
        write(schema[word])
        for word, write in _LIMITS.items()
        if word in schema and not (isinstance(schema[word], int) and schema[word] >= _UNBOUNDED)
    ]
    return ", ".join([schema.get("format") or name, *limits])
