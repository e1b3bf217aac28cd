"""A table with every kind of field that a list can have, and who is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    exists,
    select,
)

from authsvc.listing.filter_sql import AsStored, Columns, OfMany

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
    """Tell whether one of a person's addresses is so."""
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
