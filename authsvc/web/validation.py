"""From pydantic's findings to the refusal a caller can act on: which parameter, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from authsvc.errors import Invalid

MOST_FINDINGS = 20  # more would make the answer larger than the request without helping anybody

_WIRE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)

_DETAIL: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "string_type": lambda _: "must be a string",
    "string_too_short": lambda ctx: f"must have at least {ctx['min_length']} characters",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda _: "does not have the right form",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "int_parsing_size": lambda _: "is too large a number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "decimal_type": lambda _: "must be a number",
    "decimal_parsing": lambda _: "must be a number",
    "finite_number": lambda _: "must be a finite number",
    "decimal_max_digits": lambda ctx: f"must have at most {ctx['max_digits']} digits",
    "decimal_max_places": lambda ctx: f"must have at most {ctx['decimal_places']} decimals",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "list_type": lambda _: "must be an array",
    "too_short": lambda ctx: f"must have at least {ctx['min_length']} entries",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} entries",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "literal_error": lambda ctx: f"must be {ctx['expected']}",
    "enum": lambda ctx: f"must be {ctx['expected']}",
    # Raised by our own validators, whose text is meant for the caller.
    "value_error": lambda ctx: str(ctx["error"]),
}


def invalid(error: ValidationError, whole: str) -> Invalid:
    """Say what is wrong with a request, never repeating what was sent: it may hold a password.

    `whole`: what to call the body or the query itself, when it is not one of its parts that is wrong.
    Several findings become the `items` of the refusal, and the first of them its own text.
    """
    findings = error.errors(include_url=False, include_input=False)[:MOST_FINDINGS]
    refusals = [_refusal(finding, whole) for finding in findings]
    if len(refusals) == 1:
        return refusals[0]
    (_, parameter), *_ = refusals[0].data
    return Invalid(parameter, _detail(findings[0]), items=refusals)


def _refusal(finding: ErrorDetails, whole: str) -> Invalid:
    return Invalid(_parameter(finding["loc"]) or whole, _detail(finding))


def _detail(finding: ErrorDetails) -> str:
    detail = _DETAIL.get(finding["type"])
    return detail(finding.get("ctx", {})) if detail else "is not valid"


def _parameter(location: tuple[int | str, ...]) -> str:
    """Write a place as a path: `account.contacts[0].email`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        # Anything else is pydantic's own naming of a branch, or a key of the caller's making.
        elif _WIRE_NAME.fullmatch(part):
            path += f".{part}" if path else part
    return path
