"""The API's description, OpenAPI 3.1, made from the same declarations that run it.

What it cannot say: names in bodies and queries match without case, and an empty query value counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from authsvc.errors import AuthsvcError, Forbidden, Invalid, NotAuthenticated, NotFound, Unavailable
from authsvc.web.correlation import CORRELATION_HEADER
from authsvc.web.envelope import UNEXPECTED, Error, status_of
from authsvc.web.operations import Operation, Routes
from authsvc.web.running import FORM_CONTENT_TYPE, has_response_fields
from authsvc.web.wire import MOST_ID_DIGITS, Json

REF_TEMPLATE = "#/components/schemas/{model}"
JSON_TYPE = "application/json"

_PATH_SCHEMAS: Mapping[str, JsonSchemaValue] = {
    "int": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 10**MOST_ID_DIGITS - 1},
    "default": {"type": "string", "minLength": 1},
    "path": {"type": "string", "minLength": 1},
}

_GENERIC = re.compile(r"^(?P<generic>\w+)\[(?P<item>\w+)\]$")

_CORRELATION = {
    "description": "Ties answer, log lines and support calls together.",
    "schema": {"type": "string"},
}


class SchemaGenerator(GenerateJsonSchema):
    """Pydantic's schemas without a title on every property, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002  as pydantic has it
        """Set none."""
        return False

    def normalize_name(self, name: str) -> str:
        """Name a collection after what it holds: `CustomerSetCollection`."""
        return super().normalize_name(_GENERIC.sub(r"\g<item>\g<generic>", name))


@dataclass(slots=True)
class _Schemas:
    """The schemas of all inputs and answers: `of` by operation and role, `components` by name."""

    of: dict[tuple[str, str], JsonSchemaValue] = field(default_factory=dict)
    components: dict[str, JsonSchemaValue] = field(default_factory=dict)


def document(
    routes: Iterable[Routes],
    *,
    title: str,
    version: str,
    description: str = "",
    security_schemes: Mapping[str, Json] | None = None,
    context_parameters: Sequence[Mapping[str, Json]] = (),
) -> dict[str, Json]:
    """Describe all operations.

    `security_schemes`: what the names in each `requires.security` mean. `context_parameters`: headers that every
    operation reads that requires a caller. Raises `ValueError` when two operations share an id or an address.
    """
    operations = [operation for part in routes for operation in part.operations]
    schemas = _schemas(operations)
    paths: dict[str, dict[str, Json]] = {}
    ids: set[str] = set()
    for operation in operations:
        path, method = _path(operation), operation.method.lower()
        if operation.operation_id in ids or method in paths.get(path, {}):
            raise ValueError(f"{operation.operation_id}: declared twice, or its address is taken")
        ids.add(operation.operation_id)
        paths.setdefault(path, {})[method] = _operation(operation, schemas, context_parameters)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "headers": {"Correlation": _CORRELATION},
            "securitySchemes": dict(security_schemes or {}),
        },
    }


def _path(operation: Operation) -> str:
    return re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda part: f"{{{to_camel(part[1])}}}", operation.rule)


def _schemas(operations: Sequence[Operation]) -> _Schemas:
    """Make all schemas in one go, so that a model used twice is described once."""
    inputs: list[tuple[tuple[str, str], Any, TypeAdapter[Any]]] = [
        (("", "error"), "serialization", TypeAdapter(Error))
    ]
    for operation in operations:
        name = operation.operation_id
        if operation.body is not None:
            inputs.append(((name, "body"), "validation", operation.body.adapter))
        if operation.answers is not None:
            inputs.append(((name, "answer"), "serialization", TypeAdapter(operation.answers)))
    of, definitions = TypeAdapter.json_schemas(
        inputs, ref_template=REF_TEMPLATE, schema_generator=SchemaGenerator
    )
    schemas = _Schemas(
        {key: schema for (key, _), schema in of.items()}, definitions.get("$defs", {})
    )
    for operation in operations:
        if operation.query is not None:
            schema = operation.query.adapter.json_schema(
                ref_template=REF_TEMPLATE, schema_generator=SchemaGenerator
            )
            schemas.components.update(schema.pop("$defs", {}))
            schemas.of[operation.operation_id, "query"] = schema
    for operation in operations:
        if has_response_fields(operation) and operation.answers is not None:
            _require_nothing(
                schemas.of[operation.operation_id, "answer"], schemas.components, set()
            )
    return schemas


def _require_nothing(schema: Json, components: Mapping[str, Json], seen: set[str]) -> None:
    """Make every property optional below `schema`: `responseFields` can leave out any of them."""
    if isinstance(schema, list):
        for part in schema:
            _require_nothing(part, components, seen)
    if not isinstance(schema, dict):
        return
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        components[name].pop("required", None)
        _require_nothing(components[name], components, seen)
    for part in schema.values():
        _require_nothing(part, components, seen)


def _operation(
    operation: Operation, schemas: _Schemas, context_parameters: Sequence[Mapping[str, Json]]
) -> dict[str, Json]:
    requires = operation.requires
    paragraphs = [operation.description, requires.description if requires else ""]
    described: dict[str, Json] = {
        "operationId": operation.operation_id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": "\n\n".join(text for text in paragraphs if text),
        "parameters": [
            *_parameters(operation, schemas),
            *(context_parameters if requires else ()),
        ],
        "responses": _responses(operation, schemas),
        "security": [dict(way) for way in requires.security] if requires else [],
    }
    if operation.body is not None:
        content = {"schema": schemas.of[operation.operation_id, "body"]}
        described["requestBody"] = {
            "required": not operation.body.may_be_empty,
            "content": {JSON_TYPE: content}
            | ({FORM_CONTENT_TYPE: content} if operation.form else {}),
        }
    return described


def _parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Json]]:
    parameters: list[dict[str, Json]] = [
        {
            "name": to_camel(name),
            "in": "path",
            "required": True,
            "schema": _PATH_SCHEMAS.get(converter, _PATH_SCHEMAS["default"]),
        }
        for name, converter in operation.path_parameters
    ]
    query = schemas.of.get((operation.operation_id, "query"), {})
    required = query.get("required", ())
    for name, schema in query.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "required": name in required}
        parameter["schema"] = _without_null(schema)
        if "description" in parameter["schema"]:
            parameter["description"] = parameter["schema"].pop("description")
        parameters.append(parameter)
    for name, description in operation.headers.items():
        header = {"name": name, "in": "header", "required": False, "description": description}
        parameters.append({**header, "schema": {"type": "string"}})
    return parameters


def _without_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Drop null from a query parameter's type: a query cannot say it."""
    kept = {name: value for name, value in schema.items() if (name, value) != ("default", None)}
    types = [part for part in kept.pop("anyOf", ()) if part != {"type": "null"}]
    if len(types) == 1:
        return {**types[0], **kept}
    return {**kept, "anyOf": types} if types else kept


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Json]:
    success: dict[str, Json] = {"description": HTTPStatus(operation.status).phrase}
    answer = schemas.of.get((operation.operation_id, "answer"))
    if answer is not None:
        success["content"] = {JSON_TYPE: {"schema": answer}}
    responses = {operation.status: success}
    envelope = {JSON_TYPE: {"schema": schemas.of["", "error"]}}
    for status, reasons in sorted(_refusals(operation).items()):
        responses[status] = {"description": "\n\n".join(reasons), "content": envelope}
    for response in responses.values():
        response["headers"] = {CORRELATION_HEADER: {"$ref": "#/components/headers/Correlation"}}
    return {str(status): response for status, response in responses.items()}


def _refusals(operation: Operation) -> dict[int, list[str]]:
    """Return the reasons for each status: the operation's own refusals and those of the layers around it."""
    kinds: list[type[AuthsvcError]] = [Unavailable]
    if operation.requires is not None:
        kinds += [NotAuthenticated, Forbidden]
    if operation.query is not None or operation.body is not None or operation.requires is not None:
        kinds.append(Invalid)
    if operation.path_parameters:
        kinds.append(NotFound)
    own = operation.refuses
    # An operation's own words on a code say more than the general ones.
    general = [kind for kind in kinds if kind.error_code not in {each.error_code for each in own}]
    refusals: dict[int, list[str]] = {}
    for kind in dict.fromkeys([*own, *general]):
        reason = (getdoc(kind) or "").partition("\n")[0]
        refusals.setdefault(status_of(kind), []).append(f"`{kind.error_code}`: {reason}")
    refusals[UNEXPECTED] = [f"`{AuthsvcError.error_code}`: Nobody foresaw this; the log says more."]
    if operation.body is not None:
        refusals[413] = ["`REQUEST_TOO_LARGE`: The body is larger than the service reads."]
    return refusals
