"""Filters as PostgreSQL conditions.

- Texts compare without case ([K] 3.4) as `lower(column) COLLATE "C"`: an index on exactly that expression serves
  `eq`, the order and, as only byte order can, the prefixes of `sw`. Both sides are lowered by the same database.
- A value that is missing is never equal: `ne X` finds the rows that have none, too. `eq null` and `ne null` ask for
  absence and presence.
- Of something an account has many of, any one that matches will do, for each clause by itself; `ne X` then finds the
  accounts of which none is X, and `eq null` those of which none has a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Text,
    and_,
    false,
    func,
    literal,
    not_,
    or_,
    true,
)

from authsvc.listing.filters import Clause, Filter, Operator
from authsvc.listing.values import Day, Instant

Exists = Callable[[ColumnElement[bool]], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class AsStored:
    """A text column to compare as it is, so that an index on the plain column serves it.

    `is_lower_case`: it holds nothing but lower case, so that values are lowered to find it; otherwise case counts.
    """

    column: ColumnElement[Any]
    is_lower_case: bool = True


@dataclass(frozen=True, slots=True)
class OfMany:
    """A column of rows of which an account has many.

    `exists` makes of a condition on one row the condition that the account has such a row.
    """

    column: ColumnElement[Any] | AsStored
    exists: Exists


#: Where to find a field, by its name on the wire.
Columns = Mapping[str, ColumnElement[Any] | AsStored | OfMany]


def filter_condition(wanted: Filter, columns: Columns) -> ColumnElement[bool]:
    """Return the condition under which a row is `wanted`; `columns` must hold every field the filter names."""
    return or_(
        *(
            and_(true(), *(_clause(clause, columns[clause.field.name]) for clause in alternative))
            for alternative in wanted.alternatives
        )
    )


def comparable(column: ColumnElement[Any] | AsStored) -> ColumnElement[Any]:
    """Return a text column as texts are compared and sorted: without case, by code points."""
    if isinstance(column, AsStored):
        return column.column
    return func.lower(column).collate("C")


def plain(column: ColumnElement[Any] | AsStored) -> ColumnElement[Any]:
    """Return the column itself."""
    return column.column if isinstance(column, AsStored) else column


def _clause(clause: Clause, target: ColumnElement[Any] | AsStored | OfMany) -> ColumnElement[bool]:
    if isinstance(target, OfMany):
        column, exists = target.column, target.exists
    else:
        column, exists = target, _itself
    if clause.value is None:
        present = exists(plain(column).is_not(None))
        return present if clause.operator is Operator.NOT_EQUAL else not_(present)
    if clause.operator is Operator.NOT_EQUAL:
        equal = exists(_comparison(column, Operator.EQUAL, clause.value))
        # Where there is nothing to compare, the comparison is null: not equal, too.
        return not_(func.coalesce(equal, false()))
    return exists(_comparison(column, clause.operator, clause.value))


def _itself(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return condition


def _comparison(
    column: ColumnElement[Any] | AsStored,
    operator: Operator,
    value: str | int | Decimal | Day | Instant,
) -> ColumnElement[bool]:
    if isinstance(value, str):
        return _text_comparison(column, operator, value)
    match value:
        case bool():
            return plain(column) if value else not_(plain(column))
        case Day() | Instant():
            return _time_comparison(plain(column), operator, value)
        case Decimal():
            return _ordered(plain(column), operator, literal(value, Numeric()))
        case _:
            # As bigint even where the column is narrower, which would refuse a larger number instead of not having it.
            return _ordered(plain(column), operator, literal(value, BigInteger()))


def _text_comparison(
    column: ColumnElement[Any] | AsStored, operator: Operator, value: str
) -> ColumnElement[bool]:
    left = comparable(column)
    match operator:
        case Operator.CONTAINS:
            return left.like(_value_like(column, f"%{_escaped(value)}%"))
        case Operator.STARTS_WITH:
            return left.like(_value_like(column, f"{_escaped(value)}%"))
        case _:
            return _ordered(left, operator, _value_like(column, value))


def _value_like(column: ColumnElement[Any] | AsStored, value: str) -> ColumnElement[str]:
    bound = literal(value, Text())
    if isinstance(column, AsStored) and not column.is_lower_case:
        return bound
    return func.lower(bound)


def _escaped(value: str) -> str:
    """Take the meaning of LIKE's wildcards away; the backslash is its escape unless told otherwise."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _time_comparison(
    column: ColumnElement[Any], operator: Operator, value: Day | Instant
) -> ColumnElement[bool]:
    match operator:
        case Operator.EQUAL:
            return and_(column >= value.start, column < value.end)
        case Operator.GREATER if isinstance(value, Day):
            return column >= value.end
        case Operator.LESS_OR_EQUAL if isinstance(value, Day):
            return column < value.end
        case _:
            return _ordered(column, operator, literal(value.start, column.type))


def _ordered(
    left: ColumnElement[Any], operator: Operator, right: ColumnElement[Any]
) -> ColumnElement[bool]:
    match operator:
        case Operator.GREATER:
            return left > right
        case Operator.GREATER_OR_EQUAL:
            return left >= right
        case Operator.LESS:
            return left < right
        case Operator.LESS_OR_EQUAL:
            return left <= right
        case _:
            return left == right
