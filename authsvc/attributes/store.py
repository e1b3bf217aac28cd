"""What is known of accounts under the definitions of attributes, in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.attributes.definition_store import definition_of
from authsvc.attributes.rules import AccountAttribute
from authsvc.infra.account_data_schema import account_attributes, attribute_definitions
from authsvc.infra.database import Database

_WITH_DEFINITION = account_attributes.join(
    attribute_definitions,
    and_(
        attribute_definitions.c.tenant_id == account_attributes.c.tenant_id,
        attribute_definitions.c.id == account_attributes.c.attribute_id,
    ),
)
_STAMPS = ("created_at", "created_by", "updated_at", "updated_by")


class AttributeStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def of_accounts(
        self, tenant_id: int, account_ids: Sequence[int]
    ) -> dict[int, tuple[AccountAttribute, ...]]:
        """Return what is known of these accounts, by the attributes' names; an account without any is left out."""
        if not account_ids:
            return {}
        query = (
            select(
                attribute_definitions,
                account_attributes.c.account_id,
                account_attributes.c["values"].label("known"),
                *(account_attributes.c[name].label(f"known_{name}") for name in _STAMPS),
            )
            .select_from(_WITH_DEFINITION)
            .where(
                account_attributes.c.tenant_id == tenant_id,
                account_attributes.c.account_id.in_(account_ids),
            )
            .order_by(attribute_definitions.c.fully_qualified_name)
        )
        found: defaultdict[int, list[AccountAttribute]] = defaultdict(list)
        with self._database.connection() as connection:
            for row in connection.execute(query):
                found[row.account_id].append(_attribute(row))
        return {account_id: tuple(its) for account_id, its in found.items()}

    def add(
        self,
        tenant_id: int,
        account_id: int,
        attribute_id: int,
        values: Sequence[Any],
        by: str,
        now: datetime,
    ) -> bool:
        """Keep values on an account that stays; returns False, keeping nothing, if it has some already."""
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            added = connection.execute(
                insert(account_attributes)
                .values(
                    tenant_id=tenant_id,
                    account_id=account_id,
                    attribute_id=attribute_id,
                    values=list(values),
                    **stamp,
                )
                .on_conflict_do_nothing()
                .returning(account_attributes.c.attribute_id)
            )
            return added.first() is not None

    def held(self, tenant_id: int, account_id: int, attribute_id: int) -> tuple[Any, ...] | None:
        """Within a transaction, return an account's values, which nobody else changes meanwhile, or None."""
        query = (
            select(account_attributes.c["values"])
            .where(_is(tenant_id, account_id, attribute_id))
            .with_for_update()
        )
        with self._database.connection() as connection:
            values = connection.execute(query).scalar_one_or_none()
        return None if values is None else tuple(values)

    def update(
        self,
        tenant_id: int,
        account_id: int,
        attribute_id: int,
        values: Sequence[Any],
        by: str,
        now: datetime,
    ) -> None:
        """Keep other values."""
        with self._database.connection() as connection:
            connection.execute(
                update(account_attributes)
                .where(_is(tenant_id, account_id, attribute_id))
                .values(values=list(values), updated_at=now, updated_by=by)
            )

    def remove(self, tenant_id: int, account_id: int, attribute_id: int) -> None:
        """Forget an account's values."""
        with self._database.connection() as connection:
            connection.execute(
                delete(account_attributes).where(_is(tenant_id, account_id, attribute_id))
            )


def _is(tenant_id: int, account_id: int, attribute_id: int) -> ColumnElement[bool]:
    return and_(
        account_attributes.c.tenant_id == tenant_id,
        account_attributes.c.account_id == account_id,
        account_attributes.c.attribute_id == attribute_id,
    )


def _attribute(row: Row[Any]) -> AccountAttribute:
    return AccountAttribute(
        definition_of(row),
        tuple(row.known),
        *(getattr(row, f"known_{name}") for name in _STAMPS),
    )
