"""Notes on customer accounts in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, update

from authsvc.infra.account_data_schema import account_notes
from authsvc.infra.database import Database
from authsvc.listing.fields import FieldTable, Kind, ListField
from authsvc.listing.filter_sql import AsStored, filter_condition
from authsvc.listing.filters import parse_filter
from authsvc.listing.paging import Page
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort
from authsvc.notes.rules import Note

#: What lists of notes can be filtered and sorted by.
NOTE_LIST = FieldTable(
    (
        ListField("id", Kind.INTEGER),
        ListField("content", Kind.TEXT),
        ListField("auditInfo.createBy", Kind.TEXT, aliases=("createBy",)),
        ListField("auditInfo.createDate", Kind.DATETIME, aliases=("createDate",)),
        ListField("auditInfo.updateDate", Kind.DATETIME, aliases=("updateDate",)),
    )
)
_COLUMNS: dict[str, ColumnElement[Any] | AsStored] = {
    "id": account_notes.c.id,
    "content": account_notes.c.content,
    "auditInfo.createBy": account_notes.c.created_by,
    "auditInfo.createDate": account_notes.c.created_at,
    "auditInfo.updateDate": account_notes.c.updated_at,
}


class NoteStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, tenant_id: int, account_id: int, content: str, by: str, now: datetime) -> Note:
        """Keep a note on an account that stays."""
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            return _note(
                connection.execute(
                    insert(account_notes)
                    .values(tenant_id=tenant_id, account_id=account_id, content=content, **stamp)
                    .returning(account_notes)
                ).one()
            )

    def note(
        self, tenant_id: int, account_id: int, note_id: int, *, for_update: bool = False
    ) -> Note | None:
        """Return a note or None; `for_update` (in a transaction): nobody else changes it meanwhile."""
        query = select(account_notes).where(_is(tenant_id, account_id, note_id))
        if for_update:
            query = query.with_for_update()
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return _note(row) if row else None

    def page(
        self, tenant_id: int, account_id: int, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Note], int]:
        """Return a page of an account's notes and how many match in all; raises `Invalid`."""
        wanted = and_(
            account_notes.c.tenant_id == tenant_id,
            account_notes.c.account_id == account_id,
            filter_condition(parse_filter(filter_text, NOTE_LIST), _COLUMNS),
        )
        order = order_by(parse_sort(sort_by, NOTE_LIST), _COLUMNS)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(account_notes).where(wanted)
            ).scalar_one()
            rows = connection.execute(
                select(account_notes)
                .where(wanted)
                .order_by(*order)
                .offset(page.start_index)
                .limit(page.size)
            ).all()
        return [_note(row) for row in rows], total

    def of_accounts(
        self, tenant_id: int, account_ids: Sequence[int]
    ) -> dict[int, tuple[Note, ...]]:
        """Return the notes on these accounts, oldest first; an account without any is left out."""
        if not account_ids:
            return {}
        query = (
            select(account_notes)
            .where(
                account_notes.c.tenant_id == tenant_id,
                account_notes.c.account_id.in_(account_ids),
            )
            .order_by(account_notes.c.id)
        )
        found: defaultdict[int, list[Note]] = defaultdict(list)
        with self._database.connection() as connection:
            for row in connection.execute(query):
                found[row.account_id].append(_note(row))
        return {account_id: tuple(its) for account_id, its in found.items()}

    def update(
        self,
        tenant_id: int,
        account_id: int,
        note_id: int,
        content: str,
        by: str,
        now: datetime,
    ) -> None:
        """Change a note's text."""
        with self._database.connection() as connection:
            connection.execute(
                update(account_notes)
                .where(_is(tenant_id, account_id, note_id))
                .values(content=content, updated_at=now, updated_by=by)
            )

    def remove(self, tenant_id: int, account_id: int, note_id: int) -> None:
        """Delete a note."""
        with self._database.connection() as connection:
            connection.execute(delete(account_notes).where(_is(tenant_id, account_id, note_id)))


def _is(tenant_id: int, account_id: int, note_id: int) -> ColumnElement[bool]:
    return and_(
        account_notes.c.tenant_id == tenant_id,
        account_notes.c.account_id == account_id,
        account_notes.c.id == note_id,
    )


def _note(row: Row[Any]) -> Note:
    return Note(row.id, row.content, row.created_at, row.created_by, row.updated_at, row.updated_by)
