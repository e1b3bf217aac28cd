"""Cards of customer accounts in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from authsvc.cards.rules import CARD_FIELDS, Card
from authsvc.infra import account_locks
from authsvc.infra.account_data_schema import cards
from authsvc.infra.database import Database
from authsvc.infra.schema import contacts


class CardStore:
    """Every query names the tenant it asks for. Errors of the driver show a row: a card is checked before it comes."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def of_account(self, tenant_id: int, account_id: int) -> list[Card]:
        """Return an account's cards, oldest first."""
        query = (
            select(cards)
            .where(cards.c.tenant_id == tenant_id, cards.c.account_id == account_id)
            .order_by(cards.c.serial)
        )
        with self._database.connection() as connection:
            return [_card(row) for row in connection.execute(query)]

    def held(self, tenant_id: int, account_id: int) -> list[Card]:
        """Within a transaction, return an account's cards, which nobody else changes meanwhile."""
        account_locks.hold(self._database, "cards", tenant_id, account_id)
        return self.of_account(tenant_id, account_id)

    def has_contact(self, tenant_id: int, account_id: int, contact_id: int) -> bool:
        """Tell whether the account has this contact; within a transaction it stays until its end."""
        query = (
            select(contacts.c.id)
            .where(
                contacts.c.tenant_id == tenant_id,
                contacts.c.account_id == account_id,
                contacts.c.id == contact_id,
            )
            .with_for_update(read=True, key_share=True)
        )
        with self._database.connection() as connection:
            return connection.execute(query).first() is not None

    def add(self, tenant_id: int, account_id: int, card: Card, by: str, now: datetime) -> int:
        """Keep a card the account does not have yet; returns the serial it gets."""
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            serial: int = connection.execute(
                insert(cards)
                .values(tenant_id=tenant_id, account_id=account_id, id=card.id)
                .values(**_columns(card), **stamp)
                .returning(cards.c.serial)
            ).scalar_one()
        return serial

    def update(self, tenant_id: int, account_id: int, card: Card, by: str, now: datetime) -> None:
        """Keep a card as it is now."""
        with self._database.connection() as connection:
            connection.execute(
                update(cards)
                .where(_is(tenant_id, account_id, card.id))
                .values(**_columns(card), updated_at=now, updated_by=by)
            )

    def remove(self, tenant_id: int, account_id: int, card_id: str) -> None:
        """Delete a card."""
        with self._database.connection() as connection:
            connection.execute(delete(cards).where(_is(tenant_id, account_id, card_id)))


def _is(tenant_id: int, account_id: int, card_id: str) -> ColumnElement[bool]:
    return and_(
        cards.c.tenant_id == tenant_id, cards.c.account_id == account_id, cards.c.id == card_id
    )


def _columns(card: Card) -> dict[str, Any]:
    return {name: getattr(card, name) for name in CARD_FIELDS}


def _card(row: Row[Any]) -> Card:
    return Card(
        id=row.id,
        serial=row.serial,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        **{name: getattr(row, name) for name in CARD_FIELDS},
    )
