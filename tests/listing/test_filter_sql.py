"""Filters and orders as PostgreSQL understands them, on a table of their own with every kind of field."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    create_engine,
    exists,
    insert,
    select,
    text,
)

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import EmbeddedPostgres
from authsvc.listing.filter_sql import AsStored, Columns, OfMany, filter_condition
from authsvc.listing.filters import EVERYTHING, parse_filter
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort

metadata = MetaData()
people = Table(
    "people",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("user_id", Text),
    Column("username_key", Text(collation="C")),
    Column("first_name", Text),
    Column("is_locked", Boolean),
    Column("created_at", DateTime(timezone=True)),
    Column("order_count", Integer),
    Column("total", Numeric(19, 4)),
)
addresses = Table(
    "addresses",
    metadata,
    Column("person_id", BigInteger),
    Column("email", Text),
    Column("country_code", Text(collation="C")),
)


def has_address(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(addresses.c.person_id == people.c.id, condition))


OWN: dict[str, ColumnElement[Any] | AsStored] = {
    "id": people.c.id,
    "userId": AsStored(people.c.user_id, is_lower_case=False),
    "userName": AsStored(people.c.username_key),
    "firstName": people.c.first_name,
    "isLocked": people.c.is_locked,
    "isAnonymous": people.c.username_key.is_(None),
    "auditInfo.createDate": people.c.created_at,
    "commerceSummary.orderCount": people.c.order_count,
    "commerceSummary.totalOrderAmount": people.c.total,
}
COLUMNS: Columns = {
    **OWN,
    "contacts.email": OfMany(addresses.c.email, has_address),
    "contacts.address.countryCode": OfMany(
        AsStored(addresses.c.country_code, is_lower_case=False), has_address
    ),
}

ROWS: list[dict[str, Any]] = [
    {
        "id": 1,
        "user_id": "Abc",
        "username_key": "stacy@example.com",
        "first_name": "Stacy",
        "is_locked": False,
        "created_at": datetime(2024, 5, 31, 0, 0, 0, tzinfo=UTC),
        "order_count": 0,
        "total": Decimal("0.0000"),
    },
    {
        "id": 2,
        "user_id": "abc",
        "username_key": "étienne",
        "first_name": "ÉTIENNE",
        "is_locked": True,
        "created_at": datetime(2024, 5, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        "order_count": 3,
        "total": Decimal("99.9500"),
    },
    {
        "id": 3,
        "user_id": "x_y",
        "username_key": "100%",
        "first_name": "100% _\\'\"",
        "is_locked": None,
        "created_at": datetime(2024, 6, 1, 0, 0, 0, 123_456, tzinfo=UTC),
        "order_count": 2**31 - 1,
        "total": Decimal("-5.0000"),
    },
    {
        "id": 4,
        "user_id": None,
        "username_key": None,
        "first_name": None,
        "is_locked": None,
        "created_at": None,
        "order_count": None,
        "total": None,
    },
]
ADDRESSES: list[dict[str, Any]] = [
    {"person_id": 1, "email": "Stacy@home.example", "country_code": "US"},
    {"person_id": 1, "email": None, "country_code": "CA"},
    {"person_id": 2, "email": "etienne@home.example", "country_code": "CA"},
    {"person_id": 3, "email": None, "country_code": "DE"},
]


@pytest.fixture(name="connection", scope="module")
def _connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with DataFolder(tmp_path_factory.mktemp("filter_sql")) as folder:
        server = EmbeddedPostgres(folder)
        server.start()
        try:
            engine = create_engine(server.url)
            with engine.connect() as connection:
                metadata.create_all(connection)
                connection.execute(insert(people), ROWS)
                connection.execute(insert(addresses), ADDRESSES)
                yield connection
            engine.dispose()
        finally:
            server.stop()


def found(connection: Connection, wanted: str) -> list[int]:
    condition = filter_condition(parse_filter(wanted, ACCOUNT_LIST), COLUMNS)
    return list(connection.scalars(select(people.c.id).where(condition).order_by(people.c.id)))


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("firstName eq STACY", [1]),
        ("firstName eq étienne", [2]),
        ("firstName ne stacy", [2, 3, 4]),
        ("firstName eq null", [4]),
        ("firstName ne null", [1, 2, 3]),
        ("firstName eq 'null'", []),
        ("firstName eq ''", []),
        ("firstName sw sT", [1]),
        ("firstName sw ÉT", [2]),
        ("firstName cont IEN", [2]),
        ("firstName gt stab", [1, 2]),
        ("firstName ge stacy", [1, 2]),
        ("firstName lt stacy", [3]),
        ("firstName le Stacy", [1, 3]),
        ("userId eq abc", [2]),
        ("userId sw A", [1]),
        ("userId ne abc", [1, 3, 4]),
        ("userName eq STACY@EXAMPLE.COM", [1]),
        ("userName sw ÉT", [2]),
        ("userName cont @", [1]),
        ("id eq 2", [2]),
        ("id ne 2", [1, 3, 4]),
        ("id gt 2 and id le 3", [3]),
        ("commerceSummary.orderCount eq 9223372036854775807", []),
        ("commerceSummary.orderCount lt 9223372036854775807", [1, 2, 3]),
        ("commerceSummary.orderCount ne 3", [1, 3, 4]),
        ("commerceSummary.orderCount eq null", [4]),
        ("commerceSummary.totalOrderAmount eq 99.95", [2]),
        ("commerceSummary.totalOrderAmount lt 0.00001", [1, 3]),
        ("commerceSummary.totalOrderAmount gt 12345678901234567890.12345678901234567890", []),
        ("isLocked eq true", [2]),
        ("isLocked eq false", [1]),
        ("isLocked ne true", [1, 3, 4]),
        ("isLocked ne false", [2, 3, 4]),
        ("isLocked eq null", [3, 4]),
        ("isAnonymous eq true", [4]),
        ("isAnonymous eq false", [1, 2, 3]),
        ("isAnonymous ne false", [4]),
        ("id eq 1 or id eq 2 and firstName eq nobody or id eq 4", [1, 4]),
    ],
)
def test_a_filter_finds_what_its_words_say(
    connection: Connection, wanted: str, ids: list[int]
) -> None:
    assert found(connection, wanted) == ids


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("createDate eq 2024-05-31", [1, 2]),
        ("createDate ne 2024-05-31", [3, 4]),
        ("createDate gt 2024-05-31", [3]),
        ("createDate ge 2024-05-31", [1, 2, 3]),
        ("createDate lt 2024-05-31", []),
        ("createDate le 2024-05-31", [1, 2]),
        ("createDate eq 2024-06-01T00:00:00Z", [3]),
        ("createDate eq 2024-06-01T00:00:00.123Z", [3]),
        ("createDate eq 2024-06-01T00:00:00.123456Z", [3]),
        ("createDate eq 2024-06-01T00:00:00.124Z", []),
        ("createDate eq 2024-06-01T02:00:00.123+02:00", [3]),
        ("createDate ne 2024-06-01T00:00:00.123Z", [1, 2, 4]),
        ("createDate gt 2024-06-01T00:00:00Z", [3]),
        ("createDate le 2024-06-01T00:00:00Z", [1, 2]),
        ("createDate ge 2024-06-01T00:00:00.1235Z", []),
        ("createDate lt 2024-05-31T23:59:59.999999Z", [1]),
        ("createDate gt 0001-01-01T00:00:00Z", [1, 2, 3]),
        ("createDate lt 9999-12-30T23:59:59Z", [1, 2, 3]),
        ("createDate eq null", [4]),
    ],
)
def test_a_date_is_a_whole_utc_day_and_a_time_as_precise_as_written(
    connection: Connection, wanted: str, ids: list[int]
) -> None:
    assert found(connection, wanted) == ids


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ("contacts.email sw stacy@", [1]),
        ("contacts.email cont HOME", [1, 2]),
        ("contacts.email ne stacy@home.example", [2, 3, 4]),
        ("contacts.email eq null", [3, 4]),
        ("contacts.email ne null", [1, 2]),
        ("contacts.address.countryCode eq CA", [1, 2]),
        ("contacts.address.countryCode eq ca", []),
        ("contacts.address.countryCode ne CA", [3, 4]),
        ("contacts.email sw stacy and contacts.address.countryCode eq CA", [1]),
    ],
)
def test_an_account_is_found_by_any_one_of_its_contacts(
    connection: Connection, wanted: str, ids: list[int]
) -> None:
    assert found(connection, wanted) == ids


@pytest.mark.parametrize("operator", ["eq", "sw", "cont"])
@pytest.mark.parametrize(
    "value", ["100% _\\'\"", "100%", "%", "_", "\\", "100_", "\\%", "%%", "__"]
)
def test_like_wildcards_in_a_value_are_ordinary_characters(
    connection: Connection, operator: str, value: str
) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    stored = "100% _\\'\""
    matches = {"eq": stored == value, "sw": stored.startswith(value), "cont": value in stored}
    assert found(connection, f"firstName {operator} {quoted}") == ([3] if matches[operator] else [])


@given(
    value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1),
    operator=st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le", "sw", "cont"]),
    field=st.sampled_from(["firstName", "userId", "userName", "contacts.email"]),
)
def test_any_text_can_be_asked_for(
    connection: Connection, value: str, operator: str, field: str
) -> None:
    """Whatever a filter lets through, PostgreSQL can answer."""
    quoted = "'" + value[:80].replace("'", "''") + "'"
    found(connection, f"{field} {operator} {quoted}")


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("id desc", [4, 3, 2, 1]),
        ("firstName", [3, 1, 2, 4]),
        ("firstName desc", [4, 2, 1, 3]),
        ("userId", [1, 2, 3, 4]),
        ("isLocked, createDate desc", [1, 2, 4, 3]),
        ("isLocked desc", [4, 3, 2, 1]),
        ("commerceSummary.totalOrderAmount", [3, 1, 2, 4]),
    ],
)
def test_an_order_is_what_its_words_say(connection: Connection, order: str, ids: list[int]) -> None:
    terms = order_by(parse_sort(order, ACCOUNT_LIST), OWN)
    assert list(connection.scalars(select(people.c.id).order_by(*terms))) == ids


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ("firstName sw Per_1", "people_first_name"),
        ("firstName eq PERSON_12", "people_first_name"),
        ("userName sw User_1", "people_username_key"),
        ("userName eq User_12", "people_username_key"),
    ],
)
def test_prefixes_and_equality_are_served_by_ordinary_indexes(
    connection: Connection, wanted: str, index: str
) -> None:
    """Without one a prefix costs a scan of every customer: a quarter of a second for a million."""
    with connection.begin_nested() as undone:
        connection.execute(
            text(
                "INSERT INTO people (id, first_name, username_key)"
                " SELECT n, 'Person_' || n, 'user_' || n FROM generate_series(100, 5000) n"
            )
        )
        connection.execute(
            text('CREATE INDEX people_first_name ON people (lower(first_name) COLLATE "C")')
        )
        connection.execute(text("CREATE INDEX people_username_key ON people (username_key)"))
        connection.execute(text("ANALYZE people"))
        query = select(people.c.id).where(
            filter_condition(parse_filter(wanted, ACCOUNT_LIST), COLUMNS)
        )
        compiled = query.compile(dialect=connection.dialect)
        plan = connection.exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).scalars().all()
        undone.rollback()
    assert index in "\n".join(plan)
    assert "Index Cond" in "\n".join(plan)


def test_everything_is_no_condition_at_all() -> None:
    assert str(filter_condition(EVERYTHING, COLUMNS)) == "true"
