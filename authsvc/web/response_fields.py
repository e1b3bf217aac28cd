"""`responseFields`: which parts of an answer the caller wants ([K] 3.4).

`id,emailAddress` keeps two names, `items(id,contacts(email)),totalCount` names parts of parts. Names match
without case; a name that the answer does not have is ignored. A name without parentheses keeps all below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from authsvc.errors import Invalid
from authsvc.web.parsing import DEEPEST_NESTING
from authsvc.web.wire import Json

LONGEST_EXPRESSION = 2_000  # characters: every field of the largest model fits twice

Selection = Mapping[str, "Selection | None"]
"""Wanted names in lower case; below each what is wanted of it, or None for all of it."""

_PART = re.compile(r"[(),]|[^(),]+")


def selection(expression: str) -> Selection:
    """Read a `responseFields` value. Raises `Invalid` when the parentheses do not match."""
    if len(expression) > LONGEST_EXPRESSION:
        raise Invalid("responseFields", f"must have at most {LONGEST_EXPRESSION} characters")
    root: dict[str, Any] = {}
    enclosing = [root]
    name = ""
    for part in _PART.findall(expression):
        if part == "(":
            if not name or len(enclosing) > DEEPEST_NESTING:
                raise Invalid("responseFields", "has an opening parenthesis without a name")
            # Of a name that is given twice, what stands in parentheses counts.
            inner: dict[str, Any] = enclosing[-1][name] or {}
            enclosing[-1][name] = inner
            enclosing.append(inner)
            name = ""
        elif part == ")":
            if len(enclosing) == 1:
                raise Invalid("responseFields", "has a closing parenthesis too many")
            enclosing.pop()
            name = ""
        elif part == ",":
            name = ""
        else:
            name = part.strip().lower()
            if name:
                enclosing[-1].setdefault(name, None)
    if len(enclosing) > 1:
        raise Invalid("responseFields", "lacks a closing parenthesis")
    return root


def trimmed(value: Json, wanted: Selection) -> Json:
    """Keep of a JSON value what is wanted; the entries of an array are trimmed one by one."""
    if isinstance(value, list):
        return [trimmed(entry, wanted) for entry in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, part in value.items():
        folded = name.lower()
        if folded in wanted:
            below = wanted[folded]
            kept[name] = part if below is None else trimmed(part, below)
    return kept
