from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from authsvc.web.collection import Collection
from authsvc.web.wire import LARGEST_INTEGER, Count, Wire, WireDateTime, wire_moment
from tests.web.sample_api import Account, Contact

MOMENTS = TypeAdapter(WireDateTime)


def test_names_are_camel_case_on_the_wire_and_snake_case_in_python() -> None:
    account = Account(user_name="stacy", requires_2fa=True)

    written = orjson.loads(account.model_dump_json())

    assert written["userName"] == "stacy"
    assert written["requires2FA"] is True
    assert "user_name" not in written


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_json_property_names_match_without_case(upper: list[bool]) -> None:
    name = "".join(
        letter.upper() if up else letter.lower()
        for letter, up in zip("userName", upper, strict=True)
    )

    assert Account.model_validate({name: "stacy"}).user_name == "stacy"


def test_of_two_spellings_the_exact_one_counts() -> None:
    for data in ({"userName": "a", "USERNAME": "b"}, {"USERNAME": "b", "userName": "a"}):
        assert Account.model_validate(data).user_name == "a"


def test_names_match_without_case_inside_of_other_models_too() -> None:
    account = Account.model_validate({"userName": "a", "CONTACTS": [{"EMAIL": "a@b.c"}]})

    assert account.contacts == [Contact(email="a@b.c")]


def test_unknown_names_are_ignored() -> None:
    assert Account.model_validate({"userName": "a", "shoeSize": 44, "": 1}) == Account(
        user_name="a"
    )


def test_absent_and_null_can_be_told_apart() -> None:
    absent = Account.model_validate({"userName": "a"})
    null = Account.model_validate({"userName": "a", "EmailAddress": None})

    assert absent.email_address is null.email_address is None
    assert "email_address" not in absent.model_fields_set
    assert "email_address" in null.model_fields_set


def test_a_refusal_of_pydantic_never_shows_what_was_sent() -> None:
    with pytest.raises(ValidationError) as refusal:
        Account.model_validate({"userName": ["hunter2"]})

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678Z"),
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.123Z"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.000Z"),
        ("2026-01-02", "2026-01-02T00:00:00.000Z"),
    ],
)
def test_dates_are_iso_8601_on_input_and_utc_with_milliseconds_on_output(
    sent: str, meant: str
) -> None:
    assert MOMENTS.dump_json(MOMENTS.validate_python(sent)) == f'"{meant}"'.encode()


@pytest.mark.parametrize(
    "sent", [1_700_000_000, "1700000000000", True, [], "soon", "0001-01-01T00:00:00+14:00"]
)
def test_anything_but_iso_8601_is_not_a_date(sent: object) -> None:
    with pytest.raises(ValidationError):
        MOMENTS.validate_python(sent)


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=14))]),
    )
)
def test_every_date_reads_back_to_the_millisecond(moment: datetime) -> None:
    read = MOMENTS.validate_python(wire_moment(moment))

    assert MOMENTS.validate_python(moment) == moment
    assert read == moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert read.tzinfo is UTC


def test_money_is_a_json_number() -> None:
    account = Account(user_name="a", total_order_amount=Decimal("19.99"))

    assert b'"totalOrderAmount":19.99' in account.model_dump_json().encode()


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400])
def test_a_number_that_no_column_holds_is_refused(number: int) -> None:
    with pytest.raises(ValidationError):
        Account.model_validate({"userName": "a", "luckyNumber": number})


def test_the_bounds_of_a_number_are_in_its_schema() -> None:
    assert TypeAdapter(Count).json_schema() == {
        "type": "integer",
        "minimum": 0,
        "maximum": LARGEST_INTEGER,
    }


@pytest.mark.parametrize("value", [True, False])
def test_true_and_false_are_no_numbers(value: bool) -> None:
    with pytest.raises(ValidationError, match="must be a whole number"):
        Account.model_validate({"userName": "a", "id": value})


def test_a_page_count_is_the_total_by_the_page_size_rounded_up() -> None:
    """NTEST: 25 items, pageSize 10, startIndex 5 → pageCount 3 ([K] 3.4)."""
    page = Collection[Contact].page([], start_index=5, page_size=10, total_count=25)

    assert page.page_count == 3
    assert Collection[Contact].page([], start_index=0, page_size=0, total_count=25).page_count == 0


def test_a_wire_model_cannot_be_changed_behind_its_readers_back() -> None:
    with pytest.raises(ValidationError):
        Account(user_name="a").user_name = "b"  # type: ignore[misc]


def test_a_model_without_fields_takes_any_object() -> None:
    class Empty(Wire):
        pass

    assert Empty.model_validate({"a": 1}) == Empty()
