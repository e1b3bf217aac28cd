"""Operations: a typed function, how it is reached, and what it may answer.

A feature declares its operations on a `Routes`; `Routes.blueprint` makes them a Flask blueprint, and
`authsvc.web.openapi` describes them, from the same declarations.

Why a layer of our own (judged in November 2026, CPU per request over a bare Flask view of about 50 µs):
APIFlask 3.1 (+33 µs) needs marshmallow, webargs and Flask-HTTPAuth beside pydantic, takes null for an empty
object, copies nested models under the name of every parent into OpenAPI and hides failures to describe a model;
spectree 3.0 (+47 µs) answers in pydantic's own error format and validates each answer again;
flask-openapi3 4.3 builds JSON schemas on every request. apispec would assemble dictionaries that are as
short written out. None knows names without case, `responseFields` or what the vendor calls a body. This layer
costs +15 µs measured the same way, and as much again for the line in the log.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, Required, TypedDict, TypeVar, Unpack, get_type_hints

from flask import Blueprint

from authsvc.errors import AuthsvcError
from authsvc.web.parsing import Reader
from authsvc.web.running import Authenticate, Endpoint
from authsvc.web.wire import TypeExpression

QUERY, BODY, CALLER, REQUEST_INFO = "query", "body", "caller", "request_info"
_NOT_FROM_PATH = frozenset({QUERY, BODY, CALLER, REQUEST_INFO})

_PATH_PARAMETER = re.compile(r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")

View = TypeVar("View", bound=Callable[..., Any])


class Requirement(Protocol):
    """What OpenAPI needs to know of a `requires`; to everything else here it is opaque."""

    @property
    def security(self) -> Sequence[Mapping[str, Sequence[str]]]:
        """OpenAPI security requirements, any one of which is enough: `[{"applicationToken": []}]`."""

    @property
    def description(self) -> str:
        """One sentence on who may call, added to the operation's description."""


class Options(TypedDict, total=False):
    """What an operation declares beside its function."""

    requires: Required[Requirement | None]
    """Who may call: handed to `authenticate` before anything is read. None: anybody may."""
    answers: TypeExpression
    """Type of a success: a wire model, a collection, a list. Absent or None: nothing, an empty body."""
    status: int
    """Status of a success; absent: 200 with an answer and 204 without."""
    refuses: Sequence[type[AuthsvcError]]
    """Refusals of its own, for OpenAPI; what the layer itself can refuse is added."""
    body_name: str
    """What refusals call the body as a whole; absent: `body`. The vendor's names are part of its texts ([K] 3.3)."""
    form: bool
    """Whether the body may be form-encoded too."""
    headers: Mapping[str, str]
    """Headers of its own, which whoever is asked for the caller reads: name → what to send."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path: everything that running and describing it needs."""

    operation_id: str
    tag: str
    method: str
    rule: str
    view: Callable[..., Any]
    requires: Requirement | None
    query: Reader[Any] | None
    body: Reader[Any] | None
    form: bool
    headers: Mapping[str, str]
    answers: TypeExpression
    status: int
    refuses: tuple[type[AuthsvcError], ...]
    arguments: frozenset[str]

    @property
    def path_parameters(self) -> list[tuple[str, str]]:
        """Return (name, converter) of each variable part of the path, in order."""
        return [
            (match["name"], match["converter"] or "default")
            for match in _PATH_PARAMETER.finditer(self.rule)
        ]

    @property
    def summary(self) -> str:
        """Return the first line of the function's docstring."""
        return (inspect.getdoc(self.view) or self.operation_id).partition("\n")[0]

    @property
    def description(self) -> str:
        """Return the rest of the function's docstring."""
        return (inspect.getdoc(self.view) or "").partition("\n")[2].strip()


class Routes:
    """The operations of one feature below one path.

    `name`: of the blueprint, and first part of every operation id. `prefix`: path, in lower case, without a
    slash at its end. `tag`: heading in OpenAPI.

    A function takes, each by name and only if it wants it: the variable parts of its path, `caller` (what
    `authenticate` returned), `query` and `body` (annotated with their types) and `request_info`
    (`authsvc.web.running.RequestInfo`). It returns what it declared as `answers`, or a `flask.Response`.
    """

    def __init__(self, name: str, *, prefix: str, tag: str) -> None:
        self.name = name
        self.prefix = prefix
        self.tag = tag
        self.operations: list[Operation] = []

    def get(self, rule: str, **options: Unpack[Options]) -> Callable[[View], View]:
        """Declare an operation that reads."""
        return self._declare("GET", rule, options)

    def post(self, rule: str, **options: Unpack[Options]) -> Callable[[View], View]:
        """Declare an operation that creates or acts."""
        return self._declare("POST", rule, options)

    def put(self, rule: str, **options: Unpack[Options]) -> Callable[[View], View]:
        """Declare an operation that replaces."""
        return self._declare("PUT", rule, options)

    def patch(self, rule: str, **options: Unpack[Options]) -> Callable[[View], View]:
        """Declare an operation that changes a part."""
        return self._declare("PATCH", rule, options)

    def delete(self, rule: str, **options: Unpack[Options]) -> Callable[[View], View]:
        """Declare an operation that removes."""
        return self._declare("DELETE", rule, options)

    def blueprint(self, authenticate: Authenticate) -> Blueprint:
        """Build the blueprint; `authenticate` takes an operation's `requires` and returns the caller or raises."""
        blueprint = Blueprint(self.name, __name__)
        for operation in self.operations:
            _, _, name = operation.operation_id.partition(".")
            blueprint.add_url_rule(
                operation.rule, name, Endpoint(operation, authenticate), methods=[operation.method]
            )
        return blueprint

    def _declare(self, method: str, rule: str, options: Options) -> Callable[[View], View]:
        def declare(view: View) -> View:
            self.operations.append(self._operation(method, rule, options, view))
            return view

        return declare

    def _operation(
        self, method: str, rule: str, options: Options, view: Callable[..., Any]
    ) -> Operation:
        arguments = frozenset(inspect.signature(view).parameters)
        types = get_type_hints(view, include_extras=True)
        requires = options["requires"]
        answers = options.get("answers")
        operation = Operation(
            operation_id=f"{self.name}.{view.__name__}",
            tag=self.tag,
            method=method,
            rule=(self.prefix + rule).rstrip("/"),
            view=view,
            requires=requires,
            query=Reader(types[QUERY], QUERY) if QUERY in arguments else None,
            body=Reader(types[BODY], options.get("body_name", BODY)) if BODY in arguments else None,
            form=options.get("form", False),
            headers=options.get("headers", {}),
            answers=answers,
            status=options.get(
                "status", HTTPStatus.NO_CONTENT if answers is None else HTTPStatus.OK
            ),
            refuses=tuple(options.get("refuses", ())),
            arguments=arguments,
        )
        in_path = {name for name, _ in operation.path_parameters}
        if arguments - _NOT_FROM_PATH != in_path:
            raise TypeError(f"{operation.operation_id}: arguments and path {operation.rule} differ")
        if CALLER in arguments and requires is None:
            raise TypeError(f"{operation.operation_id}: takes a caller and requires none")
        return operation
