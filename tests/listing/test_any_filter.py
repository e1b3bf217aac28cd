"""Whatever text comes, it is a filter or refused, in time; and every filter there is can be written and read back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.errors import Invalid
from authsvc.listing.fields import Kind, ListField
from authsvc.listing.filters import (
    FILTER_MAX_CHARACTERS,
    Clause,
    Filter,
    Operator,
    parse_filter,
)
from authsvc.listing.values import Day, Instant, Value
from tests.listing.readings import refusal_of

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


def written_value(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Day():
            return value.start.date().isoformat()
        case Instant():
            return value.start.isoformat(timespec="microseconds")
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return f"{value:f}" if isinstance(value, Decimal) else str(value)


def written_filter(wanted: Filter) -> str:
    return " or ".join(
        " and ".join(
            f"{clause.field.name} {clause.operator} {written_value(clause.value)}"
            for clause in alternative
        )
        for alternative in wanted.alternatives
    )


MOMENTS = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - hypothesis wants it so and adds the zone itself
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001 - same
    timezones=st.just(UTC),
)


VALUES: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: st.text(
        st.one_of(
            st.sampled_from("'\" aeqndor"),
            st.characters(exclude_categories=["Cs"], exclude_characters="\x00"),
        ),
        min_size=1,
        max_size=30,
    ),
    Kind.INTEGER: st.integers(-(2**63) + 1, 2**63 - 1),
    Kind.DECIMAL: st.decimals(-(10**9), 10**9, places=4),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATETIME: st.one_of(
        MOMENTS.map(lambda start: Instant(start, start + MICROSECOND)),
        MOMENTS.map(lambda moment: moment.replace(hour=0, minute=0, second=0, microsecond=0)).map(
            lambda start: Day(start, start + DAY)
        ),
    ),
}

SEARCH = [Operator.CONTAINS, Operator.STARTS_WITH]


EQUALITY = [Operator.EQUAL, Operator.NOT_EQUAL]


ORDER = [operator for operator in Operator if operator not in SEARCH]


def clauses_of(field: ListField) -> st.SearchStrategy[Clause]:
    operators = {Kind.TEXT: ORDER + SEARCH, Kind.BOOLEAN: EQUALITY}.get(field.kind, ORDER)
    return st.one_of(
        st.builds(
            Clause,
            field=st.just(field),
            operator=st.sampled_from(operators),
            value=VALUES[field.kind],
        ),
        st.builds(
            Clause,
            field=st.just(field),
            operator=st.sampled_from(EQUALITY),
            value=st.none(),
        ),
    )


CLAUSES = st.sampled_from(ACCOUNT_LIST.fields).flatmap(clauses_of)


FILTERS = st.lists(st.lists(CLAUSES, min_size=1, max_size=4), min_size=1, max_size=4).map(
    lambda parts: Filter(tuple(map(tuple, parts)))
)


@given(FILTERS)
def test_a_filter_written_out_is_read_as_itself(wanted: Filter) -> None:
    assert parse_filter(written_filter(wanted), ACCOUNT_LIST) == wanted


NAMES = ["id", "firstName", "createDate", "isLocked", "foo", "and", "OR", "eq", "ne", "sw"]


PIECES = [
    "null",
    "true",
    "1",
    "2024-01-01",
    "'",
    '"',
    "''",
    "'a b'",
    "x'y",
    "\x00",
    "\ud800",
    " ",
    "٣",
]


WORDS = st.sampled_from([*NAMES, *PIECES])


def answer_to(text: str) -> Filter | Invalid:
    try:
        return parse_filter(text, ACCOUNT_LIST)
    except Invalid as refusal:
        return refusal


@given(st.one_of(st.text(st.characters()), st.lists(WORDS, max_size=25).map(" ".join)))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    answer = answer_to(text)
    if isinstance(answer, Invalid):
        assert answer.message.isascii()
    else:
        assert all(clause.field in ACCOUNT_LIST.fields for clause in chain(*answer.alternatives))


@pytest.mark.parametrize(
    "text",
    [
        "firstName eq x" + " " * 8000 + "x",
        "firstName eq " + "and " * 2000,
        "firstName eq " + "and id " * 1100,
        "firstName eq '" + "''" * 4000,
        "firstName eq '" + "' and ' " * 1000,
        "a." * 4000,
        "createDate eq " + "1" * 8000,
    ],
)
def test_reading_takes_time_in_proportion_to_the_text(text: str) -> None:
    """A filter made to be slow costs about as much as any other: milliseconds, not the seconds of backtracking."""
    start = time.process_time()
    refusal_of(text[:FILTER_MAX_CHARACTERS])
    assert time.process_time() - start < 0.2
