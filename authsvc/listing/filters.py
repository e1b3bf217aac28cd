"""The filter grammar of lists ([K] 3.4): `firstName sw Sta and isLocked eq false or emailAddress eq s@example.com`.

- A clause is `field operator value`. Clauses are joined by `and` and, less tightly, by `or`; there are no brackets,
  so a filter is alternatives of clauses that must all hold. Fields, operators and joining words in any case.
- A value may stand in single or double quotes, the quote itself doubled inside. Without quotes it runs, spaces
  included, up to the next `and` or `or` that is followed by something shaped like a field and then an operator.
  A known field would be the tamer test, but would turn a misspelt field into part of the value before it, and a
  filter that silently finds nothing is worse than a refusal that says to use quotes.
- `null`, unquoted, is no value, for `eq` and `ne` only. `'null'` is a text.
- `in [..]` is only known from the vendor's catalog; here `or` says the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from authsvc.errors import Invalid
from authsvc.listing.fields import FieldTable, Kind, ListField
from authsvc.listing.values import Value, read_value

#: Characters; a longer request line is refused by common proxies (8 KiB) before it gets here.
FILTER_MAX_CHARACTERS = 8192
#: Each clause is a comparison per row, or a look into another table; the vendor's clients use up to three.
FILTER_MAX_CLAUSES = 20

_WORD = re.compile(r"\S+")
_FIELD_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9.]*")
_QUOTES = "'\""


class Operator(StrEnum):
    """How a field is compared with a value. Texts compare without regard to case ([K] 3.4)."""

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    GREATER = "gt"
    GREATER_OR_EQUAL = "ge"
    LESS = "lt"
    LESS_OR_EQUAL = "le"
    CONTAINS = "cont"
    STARTS_WITH = "sw"


_EQUALITY = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
_SEARCH = frozenset({Operator.CONTAINS, Operator.STARTS_WITH})
_ORDER = frozenset(Operator) - _SEARCH
_OPERATORS_OF_KIND = {
    Kind.TEXT: frozenset(Operator),
    Kind.INTEGER: _ORDER,
    Kind.DECIMAL: _ORDER,
    Kind.BOOLEAN: _EQUALITY,
    Kind.DATETIME: _ORDER,
}
_OPERATOR_BY_WORD = {operator.value: operator for operator in Operator}


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison. `value` fits the kind of `field`; None is `null`, and then `operator` is eq or ne."""

    field: ListField
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Filter:
    """What must hold: all clauses of any one of the `alternatives`."""

    alternatives: tuple[tuple[Clause, ...], ...]


#: One alternative that asks nothing.
EVERYTHING = Filter(alternatives=((),))


def parse_filter(text: str, fields: FieldTable) -> Filter:
    """Read a filter over `fields`; blank text is `EVERYTHING`. Takes time in proportion to the text.

    Raises `Invalid` for `filter`, naming what is not understood and what would be.
    """
    if len(text) > FILTER_MAX_CHARACTERS:
        raise Invalid("filter", f"must be at most {FILTER_MAX_CHARACTERS} characters.")
    return _Reader(text, fields).filter() if text.strip() else EVERYTHING


class _Reader:
    """Reads a filter from left to right, a word at a time."""

    def __init__(self, text: str, fields: FieldTable) -> None:
        self._text = text
        self._fields = fields
        self._words = list(_WORD.finditer(text))
        self._at = 0

    def filter(self) -> Filter:
        alternatives = [[self._clause()]]
        while self._at < len(self._words):
            joint = self._take_word()
            if joint.lower() == "or":
                alternatives.append([])
            elif joint.lower() != "and":
                raise Invalid("filter", f"Expected 'and' or 'or', not {_shown(joint)}.")
            alternatives[-1].append(self._clause())
            if sum(map(len, alternatives)) > FILTER_MAX_CLAUSES:
                raise Invalid("filter", f"must have at most {FILTER_MAX_CLAUSES} clauses.")
        return Filter(tuple(map(tuple, alternatives)))

    def _clause(self) -> Clause:
        field = self._field()
        operator = self._operator(field)
        literal, is_quoted = self._literal(f"{field.name} {operator}")
        if not is_quoted and literal.lower() == "null":
            if operator not in _EQUALITY:
                raise Invalid("filter", f"null goes with eq and ne, not with {operator}.")
            return Clause(field, operator, None)
        if operator in _SEARCH and not literal:
            raise Invalid("filter", f"{field.name} {operator} needs a text that is not empty.")
        return Clause(field, operator, read_value(field.kind, literal))

    def _field(self) -> ListField:
        name = self._take_word()
        field = self._fields.find(name)
        if field is None:
            known = ", ".join(field.name for field in self._fields.fields)
            quotes = "" if self._at == 1 else " If it belongs to the value before it, use quotes."
            raise Invalid("filter", f"Unknown field {_shown(name)}.{quotes} Known fields: {known}.")
        return field

    def _operator(self, field: ListField) -> Operator:
        word = self._take_word()
        operator = _OPERATOR_BY_WORD.get(word.lower())
        allowed = _OPERATORS_OF_KIND[field.kind]
        if operator is None or operator not in allowed:
            choice = ", ".join(operator for operator in Operator if operator in allowed)
            raise Invalid("filter", f"{field.name} is compared by {choice}, not {_shown(word)}.")
        return operator

    def _literal(self, clause: str) -> tuple[str, bool]:
        """Return the text of a value, and whether it was quoted."""
        if self._at == len(self._words) or self._is_joint(self._at):
            raise Invalid("filter", f"{clause} needs a value; null and '' are values too.")
        start = self._words[self._at].start()
        if self._text[start] in _QUOTES:
            return self._quoted(start), True
        while self._at < len(self._words) and not self._is_joint(self._at):
            self._at += 1
        return self._text[start : self._words[self._at - 1].end()], False

    def _quoted(self, start: int) -> str:
        quote = self._text[start]
        end = self._text.find(quote, start + 1)
        while end >= 0 and self._text.startswith(quote, end + 1):
            end = self._text.find(quote, end + 2)
        if end < 0:
            raise Invalid("filter", f"A {quote} is not closed; a {quote} inside is written twice.")
        after = self._text[end + 1 : end + 2]
        if after.strip():
            raise Invalid("filter", f"Expected a space after {quote}, not {_shown(after)}.")
        while self._at < len(self._words) and self._words[self._at].start() <= end:
            self._at += 1
        return self._text[start + 1 : end].replace(quote * 2, quote)

    def _is_joint(self, at: int) -> bool:
        """Tell whether the word at `at` joins two clauses rather than being part of a value."""
        words = [word.group() for word in self._words[at : at + 3]]
        return (
            len(words) == 3
            and words[0].lower() in ("and", "or")
            and _FIELD_SHAPE.fullmatch(words[1]) is not None
            and words[2].lower() in _OPERATOR_BY_WORD
        )

    def _take_word(self) -> str:
        if self._at == len(self._words):
            raise Invalid("filter", "ends where more was expected: field operator value.")
        self._at += 1
        return self._words[self._at - 1].group()


def _shown(word: str) -> str:
    """Quote a piece of the caller's text for an answer: short, and ASCII because it may be no valid text."""
    return ascii(word[:40])
