"""Sort orders as PostgreSQL ORDER BY terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from authsvc.listing.fields import Kind
from authsvc.listing.filter_sql import AsStored, comparable, plain
from authsvc.listing.sorting import SortKey


def order_by(
    keys: Sequence[SortKey], columns: Mapping[str, ColumnElement[Any] | AsStored]
) -> list[ColumnElement[Any]]:
    """Return the terms for `keys`; `columns` must hold every field they name.

    Texts sort without case. What is missing sorts as the largest, which is PostgreSQL's own order and so an index's.
    """
    return [_term(key, columns[key.field.name]) for key in keys]


def _term(key: SortKey, column: ColumnElement[Any] | AsStored) -> ColumnElement[Any]:
    sorted_by = comparable(column) if key.field.kind is Kind.TEXT else plain(column)
    return sorted_by.desc() if key.descending else sorted_by.asc()
