"""Customer segments and who is in them, in PostgreSQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.exc import IntegrityError

from authsvc.infra.database import Database
from authsvc.infra.schema import accounts
from authsvc.infra.segment_schema import account_segments, customer_segments
from authsvc.listing.fields import FieldTable, Kind, ListField
from authsvc.listing.filter_sql import AsStored, filter_condition
from authsvc.listing.filters import parse_filter
from authsvc.listing.paging import Page
from authsvc.listing.sort_sql import order_by
from authsvc.listing.sorting import parse_sort
from authsvc.segments.rules import Segment, SegmentCodeTaken

#: What lists of segments can be filtered and sorted by.
SEGMENT_LIST = FieldTable(
    (
        ListField("id", Kind.INTEGER),
        ListField("code", Kind.TEXT),
        ListField("name", Kind.TEXT),
        ListField("description", Kind.TEXT),
        ListField("auditInfo.createDate", Kind.DATETIME, aliases=("createDate",)),
        ListField("auditInfo.updateDate", Kind.DATETIME, aliases=("updateDate",)),
    )
)
_COLUMNS: dict[str, ColumnElement[Any] | AsStored] = {
    "id": customer_segments.c.id,
    "code": customer_segments.c.code,
    "name": customer_segments.c.name,
    "description": customer_segments.c.description,
    "auditInfo.createDate": customer_segments.c.created_at,
    "auditInfo.updateDate": customer_segments.c.updated_at,
}
_SEGMENT = [column for column in customer_segments.c if column.key != "tenant_id"]


class SegmentStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(self, tenant_id: int, fields: Mapping[str, str], by: str, now: datetime) -> Segment:
        """Keep a new segment; raises `SegmentCodeTaken`."""
        stamp = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by}
        with self._database.connection() as connection:
            try:
                row = connection.execute(
                    insert(customer_segments)
                    .values(tenant_id=tenant_id, **fields, **stamp)
                    .returning(*_SEGMENT)
                ).one()
            except IntegrityError as failure:
                raise _refused(failure) from failure
        return _segment(row)

    def segment(
        self, tenant_id: int, segment_id: int, *, for_update: bool = False
    ) -> Segment | None:
        """Return a segment or None; `for_update` (in a transaction): nobody else changes or deletes it meanwhile."""
        query = select(*_SEGMENT).where(_is(tenant_id, segment_id))
        if for_update:
            query = query.with_for_update()
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return _segment(row) if row else None

    def page(
        self,
        tenant_id: int,
        page: Page,
        filter_text: str = "",
        sort_by: str = "",
        *,
        account_id: int | None = None,
    ) -> tuple[list[Segment], int]:
        """Return a page of the tenant's segments, or of those an account is in, and how many match in all.

        `filter_text`, `sort_by`: in the grammar of [K] 3.4. Raises `Invalid` for those that make no sense.
        """
        wanted = and_(
            customer_segments.c.tenant_id == tenant_id,
            filter_condition(parse_filter(filter_text, SEGMENT_LIST), _COLUMNS),
            true() if account_id is None else _has_member(account_id),
        )
        order = order_by(parse_sort(sort_by, SEGMENT_LIST), _COLUMNS)
        with self._database.connection() as connection:
            total = connection.execute(
                select(func.count()).select_from(customer_segments).where(wanted)
            ).scalar_one()
            rows = connection.execute(
                select(*_SEGMENT)
                .where(wanted)
                .order_by(*order)
                .offset(page.start_index)
                .limit(page.size)
            ).all()
        return [_segment(row) for row in rows], total

    def everything(self, tenant_id: int) -> list[Segment]:
        """Return all segments of the tenant, by name."""
        query = (
            select(*_SEGMENT)
            .where(customer_segments.c.tenant_id == tenant_id)
            .order_by(func.lower(customer_segments.c.name), customer_segments.c.id)
        )
        with self._database.connection() as connection:
            return [_segment(row) for row in connection.execute(query)]

    def of_accounts(
        self, tenant_id: int, account_ids: Sequence[int]
    ) -> dict[int, tuple[Segment, ...]]:
        """Return the segments these accounts are in, by name; who is in none is left out."""
        if not account_ids:
            return {}
        query = (
            select(account_segments.c.account_id, *_SEGMENT)
            .join_from(
                account_segments,
                customer_segments,
                and_(
                    customer_segments.c.tenant_id == account_segments.c.tenant_id,
                    customer_segments.c.id == account_segments.c.segment_id,
                ),
            )
            .where(
                account_segments.c.tenant_id == tenant_id,
                account_segments.c.account_id.in_(account_ids),
            )
            .order_by(func.lower(customer_segments.c.name), customer_segments.c.id)
        )
        found: defaultdict[int, list[Segment]] = defaultdict(list)
        with self._database.connection() as connection:
            for row in connection.execute(query):
                found[row.account_id].append(_segment(row))
        return {account_id: tuple(its) for account_id, its in found.items()}

    def update(
        self, tenant_id: int, segment_id: int, fields: Mapping[str, str], by: str, now: datetime
    ) -> None:
        """Change a segment; raises `SegmentCodeTaken`."""
        with self._database.connection() as connection:
            try:
                connection.execute(
                    update(customer_segments)
                    .where(_is(tenant_id, segment_id))
                    .values(**fields, updated_at=now, updated_by=by)
                )
            except IntegrityError as failure:
                raise _refused(failure) from failure

    def remove(self, tenant_id: int, segment_id: int) -> None:
        """Delete a segment; nobody is in it any more."""
        with self._database.connection() as connection:
            connection.execute(delete(customer_segments).where(_is(tenant_id, segment_id)))

    def known_accounts(self, tenant_id: int, account_ids: Sequence[int]) -> list[int]:
        """Return which of these accounts exist; within a transaction they stay until its end."""
        query = (
            select(accounts.c.id)
            .where(accounts.c.tenant_id == tenant_id, accounts.c.id.in_(account_ids))
            .order_by(accounts.c.id)
            # The weakest lock: it keeps them from being deleted, and nobody from moving or changing them.
            .with_for_update(read=True, key_share=True)
        )
        with self._database.connection() as connection:
            return list(connection.execute(query).scalars())

    def add_members(
        self, tenant_id: int, segment_id: int, account_ids: Sequence[int], by: str, now: datetime
    ) -> list[int]:
        """Put existing accounts into an existing segment; returns those that were not in it yet, by id."""
        rows = [
            {
                "tenant_id": tenant_id,
                "account_id": account_id,
                "segment_id": segment_id,
                "added_at": now,
                "added_by": by,
            }
            # In one order for everybody, so that two who add the same people never wait for each other.
            for account_id in sorted(account_ids)
        ]
        with self._database.connection() as connection:
            added = connection.execute(
                insert_or_leave(account_segments)
                .values(rows)
                .on_conflict_do_nothing()
                .returning(account_segments.c.account_id)
            )
            return sorted(added.scalars())

    def remove_member(self, tenant_id: int, segment_id: int, account_id: int) -> bool:
        """Take an account out of a segment; returns whether it was in it."""
        with self._database.connection() as connection:
            removed = connection.execute(
                delete(account_segments).where(
                    account_segments.c.tenant_id == tenant_id,
                    account_segments.c.segment_id == segment_id,
                    account_segments.c.account_id == account_id,
                )
            )
            return bool(removed.rowcount)


def _is(tenant_id: int, segment_id: int) -> ColumnElement[bool]:
    return and_(customer_segments.c.tenant_id == tenant_id, customer_segments.c.id == segment_id)


def _has_member(account_id: int) -> ColumnElement[bool]:
    return (
        select(literal(1))
        .select_from(account_segments)
        .where(
            account_segments.c.tenant_id == customer_segments.c.tenant_id,
            account_segments.c.segment_id == customer_segments.c.id,
            account_segments.c.account_id == account_id,
        )
        .exists()
    )


def _refused(failure: IntegrityError) -> Exception:
    constraint = getattr(getattr(failure.orig, "diag", None), "constraint_name", None)
    return SegmentCodeTaken() if constraint == "customer_segments_code_unique" else failure


def _segment(row: Row[Any]) -> Segment:
    return Segment(
        row.id,
        row.code,
        row.name,
        row.description,
        row.created_at,
        row.created_by,
        row.updated_at,
        row.updated_by,
    )
