"""Definitions of attributes in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, literal, select, true, update
from sqlalchemy.exc import IntegrityError

from authsvc.attributes.rules import (
    DEFINITION_FIELDS,
    AttributeExists,
    DataType,
    Definition,
    ValueType,
)
from authsvc.infra.account_data_schema import attribute_definitions as definitions
from authsvc.infra.database import Database
from authsvc.listing.fields import FieldTable, Kind, ListField
from authsvc.listing.filter_sql import AsStored, filter_condition
from authsvc.listing.filters import parse_filter
from authsvc.listing.paging import Page
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort

#: What lists of definitions can be filtered and sorted by.
DEFINITION_LIST = FieldTable(
    (
        ListField("id", Kind.INTEGER),
        ListField("attributeFQN", Kind.TEXT, aliases=("fullyQualifiedName",)),
        ListField("dataType", Kind.TEXT),
        ListField("valueType", Kind.TEXT),
        ListField("isVisible", Kind.BOOLEAN),
        ListField("isReadOnly", Kind.BOOLEAN),
        ListField("isActive", Kind.BOOLEAN),
        ListField("isMultiValued", Kind.BOOLEAN),
    )
)
_COLUMNS: dict[str, ColumnElement[Any] | AsStored] = {
    "id": definitions.c.id,
    "attributeFQN": definitions.c.fully_qualified_name,
    "dataType": definitions.c.data_type,
    "valueType": definitions.c.value_type,
    "isVisible": definitions.c.is_visible,
    "isReadOnly": definitions.c.is_read_only,
    "isActive": definitions.c.is_active,
    "isMultiValued": definitions.c.is_multi_valued,
}


class DefinitionStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, tenant_id: int, definition: Definition, by: str, now: datetime) -> Definition:
        """Keep a new definition; raises `AttributeExists`."""
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            try:
                row = connection.execute(
                    insert(definitions)
                    .values(tenant_id=tenant_id, **_values(definition), **stamp)
                    .returning(definitions)
                ).one()
            except IntegrityError as failure:
                if "attribute_definitions_name_unique" in str(failure.orig):
                    raise AttributeExists from failure
                raise
        return definition_of(row)

    def definition(
        self, tenant_id: int, name: str, *, for_update: bool = False
    ) -> Definition | None:
        """Return the definition of this full name, in any case, or None.

        `for_update` (in a transaction): nobody else changes it meanwhile.
        """
        query = select(definitions).where(
            definitions.c.tenant_id == tenant_id,
            func.lower(definitions.c.fully_qualified_name).collate("C")
            == func.lower(literal(name)),
        )
        if for_update:
            query = query.with_for_update()
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return definition_of(row) if row else None

    def page(
        self,
        tenant_id: int,
        page: Page,
        filter_text: str = "",
        sort_by: str = "",
        *,
        shown_to_shoppers: bool = False,
    ) -> tuple[list[Definition], int]:
        """Return a page of the definitions, all or those that shoppers see, and how many match; raises `Invalid`."""
        wanted = and_(
            definitions.c.tenant_id == tenant_id,
            and_(definitions.c.is_visible, definitions.c.is_active)
            if shown_to_shoppers
            else true(),
            filter_condition(parse_filter(filter_text, DEFINITION_LIST), _COLUMNS),
        )
        order = order_by(parse_sort(sort_by, DEFINITION_LIST), _COLUMNS)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(definitions).where(wanted)
            ).scalar_one()
            rows = connection.execute(
                select(definitions)
                .where(wanted)
                .order_by(*order)
                .offset(page.start_index)
                .limit(page.size)
            ).all()
        return [definition_of(row) for row in rows], total

    def update(self, tenant_id: int, definition: Definition, by: str, now: datetime) -> None:
        """Keep a definition as it is now."""
        with self._database.connection() as connection:
            connection.execute(
                update(definitions)
                .where(definitions.c.tenant_id == tenant_id, definitions.c.id == definition.id)
                .values(**_values(definition), updated_at=now, updated_by=by)
            )


def definition_of(row: Row[Any]) -> Definition:
    """Read a row of definitions."""
    fields = {name: getattr(row, name) for name in DEFINITION_FIELDS}
    return Definition(
        **fields
        | {
            "data_type": DataType(row.data_type),
            "value_type": ValueType(row.value_type),
            "vocabulary": tuple(row.vocabulary),
        },
        id=row.id,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _values(definition: Definition) -> dict[str, Any]:
    return {name: getattr(definition, name) for name in DEFINITION_FIELDS} | {
        "vocabulary": [dict(word) for word in definition.vocabulary],
        "description": dict(definition.description),
    }
