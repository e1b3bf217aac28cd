"""One spelling for every API path, before Flask routes it.

The vendor's paths match without case, with or without a slash at the end ([K] 1.2, 8.2, A5), and doubled slashes
are forgiven. Nothing is redirected: vendor clients do not repeat a POST. Variable parts (a set's code, a refresh
token) pass through as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_API = re.compile(r"/+api(?:/|$)", re.IGNORECASE)


@dataclass(slots=True)
class _Node:
    """A place in the tree of all rules: what may follow, and whether a rule ends here."""

    words: dict[str, tuple[str, _Node]] = field(default_factory=dict)
    variable: _Node | None = None
    ends: bool = False


class ApiPaths:
    """Knows every word of the API's paths.

    `rules`: all paths of the URL map, variable parts in angle brackets. Words of API paths must be in lower case;
    raises `ValueError` where one is not.
    """

    def __init__(self, rules: Iterable[str]) -> None:
        self._root = _Node()
        for rule in rules:
            if _API.match(rule):
                self._add(rule)

    def _add(self, rule: str) -> None:
        node = self._root
        for part in _parts(rule):
            if "<" in part:
                node.variable = node = node.variable or _Node()
                continue
            if part != part.lower():
                raise ValueError(f"{rule}: words of API paths are declared in lower case")
            _, node = node.words.setdefault(part, (part, _Node()))
        node.ends = True

    def canonical(self, path: str) -> str:
        """Return the spelling of `path` that the URL map knows, or one that it will not find either."""
        if path.startswith("/api/") and path.islower() and "//" not in path and path[-1] != "/":
            return path
        if not _API.match(path):
            return path
        parts = _parts(path)
        return "/" + "/".join(_match(self._root, parts, 0) or parts)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _match(node: _Node, parts: Sequence[str], at: int) -> list[str] | None:
    """Follow the tree, words before variables as Werkzeug does, and give back the canonical parts from `at` on."""
    if at == len(parts):
        return [] if node.ends else None
    word = node.words.get(parts[at].lower())
    if word is not None:
        canonical, below = word
        rest = _match(below, parts, at + 1)
        if rest is not None:
            return [canonical, *rest]
    if node.variable is not None:
        rest = _match(node.variable, parts, at + 1)
        if rest is not None:
            return [parts[at], *rest]
    return None
