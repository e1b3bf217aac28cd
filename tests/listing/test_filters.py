import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.errors import Invalid
from authsvc.listing.fields import Kind, ListField
from authsvc.listing.filters import (
    EVERYTHING,
    FILTER_MAX_CHARACTERS,
    FILTER_MAX_CLAUSES,
    Clause,
    Filter,
    Operator,
    parse_filter,
)
from authsvc.listing.values import FILTER_VALUE_MAX_CHARACTERS, Day, Instant, Value

Plain = tuple[str, str, Value]


def alternatives(text: str) -> list[list[Plain]]:
    """Parse, and show each clause as (field, operator, value)."""
    return [
        [(clause.field.name, clause.operator.value, clause.value) for clause in alternative]
        for alternative in parse_filter(text, ACCOUNT_LIST).alternatives
    ]


def only_clause(text: str) -> Plain:
    ((clause,),) = alternatives(text)
    return clause


def refusal_of(text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        parse_filter(text, ACCOUNT_LIST)
    assert refusal.value.data == (("ParameterName", "filter"),)
    return refusal.value.message.removeprefix("Missing or invalid parameter: filter ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "firstname eq Stacy and lastname eq M.",
            [[("firstName", "eq", "Stacy"), ("lastName", "eq", "M.")]],
        ),
        (
            "firstName sw Sta or lastName sw Sta or emailAddress cont Sta",
            [
                [("firstName", "sw", "Sta")],
                [("lastName", "sw", "Sta")],
                [("emailAddress", "cont", "Sta")],
            ],
        ),
        (
            "emailAddress eq 'a@b.c' and isActive eq true",
            [[("emailAddress", "eq", "a@b.c"), ("isActive", "eq", True)]],
        ),
        ("userId eq 0123456789abcdef", [[("userId", "eq", "0123456789abcdef")]]),
        ("companyOrOrganization ne null", [[("companyOrOrganization", "ne", None)]]),
        ("customerSet eq b2c", [[("customerSet", "eq", "b2c")]]),
        ("contacts.lastnameorsurname eq M.", [[("contacts.lastNameOrSurname", "eq", "M.")]]),
        ("acceptsmarketing ne false", [[("acceptsMarketing", "ne", False)]]),
        ("commercesummary.wishlistcount gt 0", [[("commerceSummary.wishlistCount", "gt", 0)]]),
        (
            "commercesummary.totalorderamount ge 99.95",
            [[("commerceSummary.totalOrderAmount", "ge", Decimal("99.95"))]],
        ),
    ],
)
def test_filters_that_the_vendors_clients_send_are_understood(
    text: str, expected: list[list[Plain]]
) -> None:
    assert alternatives(text) == expected


def test_and_joins_more_tightly_than_or() -> None:
    assert alternatives("id eq 1 and id eq 2 or id eq 3 AND id eq 4 Or id eq 5") == [
        [("id", "eq", 1), ("id", "eq", 2)],
        [("id", "eq", 3), ("id", "eq", 4)],
        [("id", "eq", 5)],
    ]


@pytest.mark.parametrize("text", ["", "  \t "])
def test_no_filter_asks_for_everything(text: str) -> None:
    assert parse_filter(text, ACCOUNT_LIST) == EVERYTHING


def test_names_and_operators_are_understood_in_any_case() -> None:
    assert only_clause("FIRSTNAME EQ Stacy") == ("firstName", "eq", "Stacy")
    assert only_clause("createdate gt 2024-01-01")[0] == "auditInfo.createDate"
    assert only_clause("contacts.lastName SW m")[0] == "contacts.lastNameOrSurname"
    assert only_clause("commerceSummary.totalOrderAmount.amount gt 1")[0] == (
        "commerceSummary.totalOrderAmount"
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("Total Parts  Supply", "Total Parts  Supply"),
        ("  Big Sports Ltd  ", "Big Sports Ltd"),
        ("Bed and Breakfast", "Bed and Breakfast"),
        ("Bed and", "Bed and"),
        ("and", "and"),
        ("Sons or Daughters or Both", "Sons or Daughters or Both"),
        ("O'Brien's", "O'Brien's"),
        ('3" pipes', '3" pipes'),
        ("(Big) 100% _\\", "(Big) 100% _\\"),
        ("'O''Brien'", "O'Brien"),
        ('"O\'Brien"', "O'Brien"),
        ('"say ""hi"""', 'say "hi"'),
        ("'id eq 1 and id eq 2'", "id eq 1 and id eq 2"),
        ("'  spaced  '", "  spaced  "),
        ("''", ""),
        ("''''", "'"),
        ("'null'", "null"),
        ("null and void", "null and void"),
        ("2024", "2024"),
    ],
)
def test_a_text_may_hold_spaces_joining_words_and_quotes(written: str, value: str) -> None:
    text = f"companyOrOrganization eq {written}"
    assert only_clause(text) == ("companyOrOrganization", "eq", value)
    assert alternatives(f"{text} and id eq 1")[0][1] == ("id", "eq", 1)


def test_a_misspelt_field_after_a_joining_word_is_refused_rather_than_searched_for() -> None:
    message = refusal_of("firstName eq Stacy and lastnam eq M.")
    assert message.startswith("Unknown field 'lastnam'. If it belongs to the value before it, use")
    assert only_clause("firstName eq 'Stacy and lastnam eq M.'")[2] == "Stacy and lastnam eq M."


@pytest.mark.parametrize("literal", ["null", "NULL", " null "])
def test_null_means_no_value(literal: str) -> None:
    assert only_clause(f"taxId eq {literal}") == ("taxId", "eq", None)
    assert only_clause(f"last2FaDate ne {literal}") == ("last2FaDate", "ne", None)
    assert alternatives(f"id eq 1 or taxId eq {literal} and id eq 2")[1][0][2] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shoeSize eq 9", "Unknown field 'shoeSize'. Known fields: id, userId, userName, "),
        ("(id eq 1)", "Unknown field '(id'"),
        ("password sw a", "Unknown field 'password'"),
        ("id", "ends where more was expected: field operator value."),
        ("id eq", "id eq needs a value; null and '' are values too."),
        ("firstName eq and lastName eq M.", "firstName eq needs a value"),
        ("firstName like S", "firstName is compared by eq, ne, gt, ge, lt, le, cont, sw, not"),
        ("id in [1,2]", "id is compared by eq, ne, gt, ge, lt, le, not 'in'"),
        ("id sw 1", "id is compared by eq, ne, gt, ge, lt, le, not 'sw'"),
        ("createDate cont 2024", "auditInfo.createDate is compared by eq, ne, gt, ge, lt, le,"),
        ("isLocked gt true", "isLocked is compared by eq, ne, not 'gt'"),
        ("id gt null", "null goes with eq and ne, not with gt."),
        ("firstName sw null", "null goes with eq and ne, not with sw."),
        ("firstName cont ''", "firstName cont needs a text that is not empty."),
        ("firstName eq 'Stacy", "A ' is not closed; a ' inside is written twice."),
        ("lastName eq 't Hooft", "A ' is not closed"),
        ("lastName eq 'It''s", "A ' is not closed"),
        ("firstName eq 'Sta'cy", "Expected a space after ', not 'c'."),
        ("firstName eq 'Stacy' lastName eq M.", "Expected 'and' or 'or', not 'lastName'."),
        ("firstName eq 'Stacy' and", "ends where more was expected"),
        ("firstName eq 'Stacy' or lastName", "ends where more was expected"),
        ("id eq one", "'one' is not a whole number such as 1001."),
        ("id eq 1.5", "'1.5' is not a whole number"),
        ("id eq 9223372036854775808", "is not a whole number"),
        ("id eq '٣'", "is not a whole number"),
        ("commerceSummary.totalOrderAmount gt 1e9", "'1e9' is not a number such as 99.95."),
        ("commerceSummary.totalOrderAmount gt NaN", "'NaN' is not a number"),
        ("isLocked eq 1", "'1' is not true or false."),
        ("firstName eq Sta\x00cy", "is not text"),
        ("firstName eq 'Sta\ud800cy'", "'Sta\\ud800cy' is not text"),
        ("createDate gt yesterday", "'yesterday' is not an ISO 8601 date such as 2024-05-31 or"),
        ("\ud800 eq 1", "Unknown field '\\ud800'"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_remedy(text: str, reason: str) -> None:
    message = refusal_of(text)
    assert reason in message
    assert message.isascii()


def test_lengths_and_clauses_are_bounded() -> None:
    longest = "x" * FILTER_VALUE_MAX_CHARACTERS
    assert only_clause(f"firstName eq {longest}")[2] == longest
    assert "at most 256 characters" in refusal_of(f"firstName eq {longest}x")
    most = " or ".join(["id eq 1"] * FILTER_MAX_CLAUSES)
    assert len(alternatives(most)) == FILTER_MAX_CLAUSES
    assert "at most 20 clauses" in refusal_of(f"{most} and id eq 2")
    assert "at most 8192 characters" in refusal_of("x" * (FILTER_MAX_CHARACTERS + 1))


def test_numbers_are_read_exactly() -> None:
    assert only_clause("id le -9223372036854775807")[2] == -(2**63) + 1
    assert only_clause("id eq '+1001'")[2] == 1001
    amount = only_clause(
        "commerceSummary.totalOrderAmount lt 12345678901234567890.12345678901234567890"
    )
    assert amount[2] == Decimal("12345678901234567890.12345678901234567890")


DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("written", "start", "precision"),
    [
        ("2024-05-31T08:30:00Z", datetime(2024, 5, 31, 8, 30, tzinfo=UTC), SECOND),
        ("2024-05-31T08:30:00", datetime(2024, 5, 31, 8, 30, tzinfo=UTC), SECOND),
        ("2024-05-31 08:30:00z", datetime(2024, 5, 31, 8, 30, tzinfo=UTC), SECOND),
        ("'2024-05-31T08:30'", datetime(2024, 5, 31, 8, 30, tzinfo=UTC), 60 * SECOND),
        ("2024-05-31T08:30:00+02:00", datetime(2024, 5, 31, 6, 30, tzinfo=UTC), SECOND),
        ("2024-05-31T08:30:00 02:00", datetime(2024, 5, 31, 6, 30, tzinfo=UTC), SECOND),
        ("2024-05-31T08:30:00-0530", datetime(2024, 5, 31, 14, 0, tzinfo=UTC), SECOND),
        (
            "2024-05-31T08:30:00.25Z",
            datetime(2024, 5, 31, 8, 30, 0, 250_000, tzinfo=UTC),
            timedelta(milliseconds=10),
        ),
        (
            "2024-05-31T08:30:00.123Z",
            datetime(2024, 5, 31, 8, 30, 0, 123_000, tzinfo=UTC),
            timedelta(milliseconds=1),
        ),
        (
            "2024-05-31T08:30:00,1234567Z",
            datetime(2024, 5, 31, 8, 30, 0, 123_456, tzinfo=UTC),
            MICROSECOND,
        ),
    ],
)
def test_a_time_is_utc_and_as_precise_as_it_was_written(
    written: str, start: datetime, precision: timedelta
) -> None:
    value = only_clause(f"createDate eq {written}")[2]
    assert value == Instant(start, start + precision)
    assert isinstance(value, Instant)
    assert value.start.tzinfo is UTC


def test_a_date_alone_is_the_whole_utc_day() -> None:
    start = datetime(2024, 2, 29, tzinfo=UTC)
    assert only_clause("customerSinceDate eq 2024-02-29")[2] == Day(start, start + DAY)


@pytest.mark.parametrize(
    "written",
    [
        "2023-02-29",
        "2024-13-01",
        "0000-01-01",
        "9999-12-31",
        "20240531",
        "2024-W22-5",
        "31.05.2024",
        "2024-05-31T24:00:00",
        "2024-05-31T08:30:60Z",
        "2024-05-31T08:30:00.Z",
        "2024-05-31T08Z",
        "2024-05-31T08:30:00+24:00",
        "2024-05-31T08:30:00+02:00:00",
        "2024-05-31Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59Z",
        "2024-05-31T",
        "２０２４-05-31",
    ],
)
def test_a_date_that_is_none_is_refused(written: str) -> None:
    assert "is not an ISO 8601 date" in refusal_of(f"createDate eq {written}")


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


def test_two_spellings_of_one_instant_are_one_value() -> None:
    assert (
        only_clause("createDate eq 2024-05-31T10:00:00+02:00")[2]
        == only_clause("createDate eq 2024-05-31T08:00:00Z")[2]
        == Instant(
            datetime(2024, 5, 31, 10, tzinfo=timezone(2 * 3600 * SECOND)),
            datetime(2024, 5, 31, 8, 0, 1, tzinfo=UTC),
        )
    )
