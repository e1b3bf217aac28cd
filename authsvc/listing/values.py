"""What the value of a filter clause may be: text, numbers, true and false, and dates with the precision written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from authsvc.errors import Invalid
from authsvc.listing.fields import Kind

#: Characters. The longest text one can filter by is an e-mail address, 254.
FILTER_VALUE_MAX_CHARACTERS = 256

# The largest whole number a PostgreSQL bigint holds; a larger one would be an error there, not a mismatch.
_LARGEST_INTEGER = 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
# Twenty digits on each side: more than any amount of money, little enough for any column of numbers.
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
# ISO 8601, extended format. A space may stand for the T, and for the plus that a careless client did not
# percent-encode. Without an offset the time is UTC, as all times on the wire are.
_DATE = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([Tt ](?P<minute>[0-9]{2}:[0-9]{2})(:(?P<second>[0-9]{2})([.,](?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<offset>[Zz]|[+ -][0-9]{2}:?[0-9]{2})?)?"
)
# Both PostgreSQL and Python count microseconds; clients on .NET write ten times finer.
_FINEST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Day:
    """A date without a time: the whole UTC day from `start` up to, not including, `end`.

    Every operator takes the day as a whole: `gt` is after it, `le` is before its end.
    """

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Instant:
    """A date with a time, UTC; `end` follows `start` by the precision it was written with.

    `eq` and `ne` compare at that precision, so that a time copied from a client that keeps milliseconds finds its
    record. The other operators compare with `start` itself, so that a client which asks for changes "gt" the last
    time it saw, cut to seconds, sees some twice and misses none.
    """

    start: datetime
    end: datetime


#: None is the literal `null`.
Value = str | int | bool | Decimal | Day | Instant | None


def read_value(kind: Kind, literal: str) -> Value:
    """Read the text of a value, without its quotes, as the kind of its field.

    Raises `Invalid` for `filter` saying what would be right.
    """
    if len(literal) > FILTER_VALUE_MAX_CHARACTERS:
        raise Invalid("filter", f"Values have at most {FILTER_VALUE_MAX_CHARACTERS} characters.")
    return _READERS[kind](literal)


def _refused(literal: str, wanted: str) -> Invalid:
    # ASCII only: the value may be no text that a response can carry.
    return Invalid("filter", f"{literal!a} is not {wanted}.")


def _text(literal: str) -> str:
    if "\x00" in literal or any("\ud800" <= character <= "\udfff" for character in literal):
        raise _refused(literal, "text: it holds a NUL or half a surrogate pair")
    return literal


def _integer(literal: str) -> int:
    if not _INTEGER.fullmatch(literal) or abs(int(literal)) > _LARGEST_INTEGER:
        raise _refused(literal, "a whole number such as 1001")
    return int(literal)


def _decimal(literal: str) -> Decimal:
    if not _DECIMAL.fullmatch(literal):
        raise _refused(literal, "a number such as 99.95")
    return Decimal(literal)


def _boolean(literal: str) -> bool:
    if literal.lower() not in ("true", "false"):
        raise _refused(literal, "true or false")
    return literal.lower() == "true"


def _date(literal: str) -> Day | Instant:
    refusal = _refused(literal, "an ISO 8601 date such as 2024-05-31 or 2024-05-31T08:30:00Z")
    written = _DATE.fullmatch(literal)
    if written is None:
        raise refusal
    try:
        if written["minute"] is None:
            start = datetime.fromisoformat(f"{written['date']}T00:00:00+00:00")
            return Day(start, start + timedelta(days=1))
        start, precision = _time(written)
        return Instant(start, start + precision)
    except (ValueError, OverflowError):
        raise refusal from None


def _time(written: re.Match[str]) -> tuple[datetime, timedelta]:
    """Return the instant in UTC, and its precision. Raises `ValueError` or `OverflowError` if there is none."""
    local = datetime.fromisoformat(
        f"{written['date']}T{written['minute']}:{written['second'] or '00'}"
    )
    precision = timedelta(seconds=1) if written["second"] else timedelta(minutes=1)
    if written["fraction"]:
        digits = written["fraction"][:_FINEST_DIGITS]
        precision = timedelta(microseconds=10 ** (_FINEST_DIGITS - len(digits)))
        local += int(digits) * precision
    return local.replace(tzinfo=_offset(written["offset"])).astimezone(UTC), precision


def _offset(written: str | None) -> timezone:
    if written is None or written in "Zz":
        return UTC
    size = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return timezone(-size if written[0] == "-" else size)


_READERS: Mapping[Kind, Callable[[str], Value]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATETIME: _date,
}
