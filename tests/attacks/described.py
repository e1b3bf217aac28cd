"""The operations of the API as its OpenAPI description tells them: what each can be asked for, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.openapi.description import DESCRIPTION

Schema = Mapping[str, Any]
# A place in a request: ("path", "accountId"), ("query", "filter"), ("body", "account", "contacts", 0, "id").
Place = tuple[str | int, ...]
# Who calls, and where; tests give them to every request.
CONTEXT = {"x-vol-tenant", "x-vol-site"}


@dataclass(frozen=True)
class DescribedOperation:
    """One method on one path."""

    id: str
    method: str
    path: str
    parameters: Mapping[tuple[str, str], Schema]
    body: Schema | None

    @property
    def writes(self) -> bool:
        """Tell whether it may change anything."""
        return self.method != "GET"


def _operations() -> Iterator[DescribedOperation]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            yield DescribedOperation(
                said["operationId"],
                method.upper(),
                path,
                {
                    (each["in"], each["name"]): each["schema"]
                    for each in said.get("parameters", [])
                    if each["name"] not in CONTEXT
                },
                content.get("application/json", {}).get("schema"),
            )


OPERATIONS = {operation.id: operation for operation in _operations()}


def resolved(schema: Schema) -> Schema:
    """Return a schema without references and without null beside another type."""
    while True:
        if "$ref" in schema:
            schema = DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            continue
        kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        if len(kinds) != 1:
            return schema
        schema = kinds[0]


def fields(schema: Schema | None, place: Place = ("body",)) -> Iterator[tuple[Place, Schema]]:
    """Return every value that a body may hold, with its place; of a list the first entry."""
    if schema is None:
        return
    schema = resolved(schema)
    if "properties" in schema:
        for name, part in schema["properties"].items():
            yield from fields(part, (*place, name))
    elif schema.get("type") == "array":
        yield from fields(schema.get("items", {}), (*place, 0))
    else:
        yield place, schema


def all_fields(operation: DescribedOperation) -> Iterator[tuple[Place, Schema]]:
    """Return every value that a request may hold, with its place."""
    for (where, name), schema in operation.parameters.items():
        yield (where, name), resolved(schema)
    yield from fields(operation.body)


def name_of(place: Place) -> str:
    """Return what the value at a place is called; an entry of a list is called like the list."""
    return next((str(part) for part in reversed(place) if isinstance(part, str)), "")
