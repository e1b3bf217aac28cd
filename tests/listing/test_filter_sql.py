"""Filters and orders as PostgreSQL understands them, on a table of their own with every kind of field."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Connection,
    create_engine,
    insert,
    select,
    text,
)

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.embedded.servers import EmbeddedServers
from authsvc.listing.filter_sql import filter_condition
from authsvc.listing.filters import EVERYTHING, parse_filter
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort
from tests.listing.people import ADDRESSES, COLUMNS, OWN, ROWS, addresses, metadata, people


@pytest.fixture(name="connection", scope="module")
def _connection(servers: EmbeddedServers) -> Iterator[Connection]:
    """The table, in a transaction that is never committed: nobody else sees it."""
    engine = create_engine(servers.database_url)
    with engine.connect() as connection:
        metadata.create_all(connection)
        connection.execute(insert(people), ROWS)
        connection.execute(insert(addresses), ADDRESSES)
        yield connection
    engine.dispose()


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
