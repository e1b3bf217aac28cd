"""The values of a filter: numbers to the last digit, moments as precise as they were written, days in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from authsvc.listing.values import Day, Instant
from tests.listing.readings import only_clause, refusal_of


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


def test_two_spellings_of_one_instant_are_one_value() -> None:
    assert (
        only_clause("createDate eq 2024-05-31T10:00:00+02:00")[2]
        == only_clause("createDate eq 2024-05-31T08:00:00Z")[2]
        == Instant(
            datetime(2024, 5, 31, 10, tzinfo=timezone(2 * 3600 * SECOND)),
            datetime(2024, 5, 31, 8, 0, 1, tzinfo=UTC),
        )
    )
