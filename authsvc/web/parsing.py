"""Bytes of a request → typed values, or `Invalid`. Whatever is sent, nothing else leaves this module.

Decisions:
- A body is read as JSON whatever its content type says: callers prove who they are by headers, so no form of
  another site can speak for them, and a client that forgets the header is better served by an answer than by 415.
- Of a query or form key that is repeated the first value counts; an empty value counts as absent, as the
  vendor's Node client sends every parameter it knows ([K] 3.4, A5). Of a repeated JSON key the last counts.
- Numbers in strings (`"12"`) are taken for numbers; a number never for a string.
"""

from __future__ import annotations

from typing import Generic, TypeVar
from urllib.parse import parse_qsl

import orjson
from pydantic import TypeAdapter, ValidationError

from authsvc.errors import Invalid
from authsvc.web.validation import invalid
from authsvc.web.wire import Json, TypeExpression

# About 2 000 accounts in one Bulk call, and little enough to hold per thread.
LARGEST_BODY_BYTES = 1024 * 1024
DEEPEST_NESTING = 32  # the deepest body of the API has 5 levels; serialisers give up at 255
MOST_PAIRS = 200  # of a query or form; the longest call of the API knows 11

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUL = "\0"

Value = TypeVar("Value")


class Reader(Generic[Value]):
    """Reads one declared type; build it once, when the operation is registered.

    `whole` is what refusals call the value itself: "body", or the vendor's name for it.
    """

    def __init__(self, declared: TypeExpression, whole: str) -> None:
        self.adapter: TypeAdapter[Value] = TypeAdapter(declared)
        self.declared = declared
        self.whole = whole
        self._validate = self.adapter.validator.validate_python

    def value(self, data: Json) -> Value:
        """Check parsed `data` against the declared type. Raises `Invalid`."""
        try:
            # Python names are not part of the API.
            checked: Value = self._validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            raise invalid(error, self.whole) from None
        return checked

    def json(self, body: bytes) -> Value:
        """Read a JSON body; an empty one counts as null. Raises `Invalid`."""
        # RFC 8259 §8.1 lets a reader ignore it, and .NET clients write it.
        body = body.removeprefix(_BYTE_ORDER_MARK)
        if not body or body.isspace():
            return self.nothing()
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Invalid(self.whole, "is not valid JSON in UTF-8") from None
        if data is None:
            return self.nothing()
        if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > DEEPEST_NESTING:
            self._refuse_unstorable(data)
        return self.value(data)

    def pairs(self, encoded: str) -> Value:
        """Read a query string or a form-encoded body. Raises `Invalid`."""
        data: dict[str, str] = {}
        if encoded:
            try:
                pairs = parse_qsl(encoded, max_num_fields=MOST_PAIRS)
            except ValueError:
                raise Invalid(self.whole, f"has more than {MOST_PAIRS} parameters") from None
            for name, text in pairs:
                data.setdefault(name.lower(), text)
            if "%00" in encoded or _NUL in encoded:
                self._refuse_unstorable(data)
        return self.value(data)

    @property
    def may_be_empty(self) -> bool:
        """Tell whether the declared type allows None."""
        try:
            self.nothing()
        except Invalid:
            return False
        return True

    def nothing(self) -> Value:
        """Read a body that is empty or null: refused, unless the declared type allows None."""
        try:
            empty: Value = self._validate(None)
        except ValidationError:
            raise Invalid(self.whole, "must not be empty") from None
        return empty

    def _refuse_unstorable(self, data: Json) -> None:
        """Refuse text with U+0000, which PostgreSQL cannot store, and nesting that later stages cannot follow."""
        level = [data]
        for _ in range(DEEPEST_NESTING + 1):
            below: list[Json] = []
            for part in level:
                if isinstance(part, str):
                    if _NUL in part:
                        raise Invalid(self.whole, "must not contain the character U+0000")
                elif isinstance(part, dict):
                    below.extend(part)
                    below.extend(part.values())
                elif isinstance(part, list):
                    below.extend(part)
            if not below:
                return
            level = below
        raise Invalid(self.whole, f"is nested more than {DEEPEST_NESTING} levels deep")
