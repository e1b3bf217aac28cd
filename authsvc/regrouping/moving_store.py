"""Customers moved, many at a time and in one transaction, and moved back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import (
    Row,
    Select,
    and_,
    any_,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.exc import IntegrityError

from authsvc.infra.bounded_connection import lift_bound
from authsvc.infra.database import Database
from authsvc.infra.regrouping_schema import regrouping_moves
from authsvc.infra.schema import accounts, credentials
from authsvc.listing.paging import Page
from authsvc.regrouping.moving import Moving
from authsvc.regrouping.refusals import SomebodyWasFaster
from authsvc.regrouping.rehearsal_store import FoundClash

# Customers moved by one statement: some tenths of a second, so that progress is seen and no statement's memory grows.
BATCH = 10_000
# How long the transaction waits for one row (milliseconds): longer than any other transaction is allowed to last, so
# that a regrouping of minutes is not lost to somebody's slow request.
LOCK_WAIT_MS = 60_000


@dataclass(frozen=True, slots=True)
class MovedPart:
    """Some of the customers a plan moved."""

    part: int
    from_set: str
    to_set: str
    customers: int


class MovingStore:
    """Every query names the tenant it asks for; the transaction is the caller's."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def lift_limits(self) -> None:
        """Let the open transaction last as long as a large regrouping takes."""
        with self._database.connection() as connection:
            lift_bound(connection)
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_WAIT_MS}"))

    def end_of_batch(self, moving: Moving, size: int = BATCH) -> int | None:
        """Return the id up to which one batch from `moving.first_id` on goes, or None if no more follow."""
        with self._database.connection() as connection:
            return connection.execute(
                select(accounts.c.id)
                .where(moving.is_concerned())
                .order_by(accounts.c.id)
                .offset(size - 1)
                .limit(1)
            ).scalar_one_or_none()

    def move(
        self, moving: Moving, plan_id: int, by: str, now: datetime
    ) -> list[tuple[str, str, int]]:
        """Move those that are meant and keep who they were; returns how many went from which set to which.

        Raises `SomebodyWasFaster`.
        """
        chosen = (
            select(
                accounts.c.id,
                accounts.c.customer_set_code.label("from_set"),
                moving.target().label("to_set"),
            )
            .where(moving.moves_away())
            .cte("chosen")
        )
        moved = (
            update(accounts)
            .where(
                accounts.c.tenant_id == moving.tenant_id,
                accounts.c.id == chosen.c.id,
                # Whoever was moved by somebody else meanwhile stays there.
                accounts.c.customer_set_code == chosen.c.from_set,
            )
            .values(customer_set_code=chosen.c.to_set, updated_at=now, updated_by=by)
            .returning(accounts.c.id, chosen.c.from_set, chosen.c.to_set)
            .cte("moved")
        )
        kept = (
            insert(regrouping_moves)
            .from_select(
                [
                    "tenant_id",
                    "plan_id",
                    "from_set",
                    "to_set",
                    "first_account_id",
                    "last_account_id",
                    "account_ids",
                ],
                select(
                    literal(moving.tenant_id),
                    literal(plan_id),
                    moved.c.from_set,
                    moved.c.to_set,
                    func.min(moved.c.id),
                    func.max(moved.c.id),
                    func.array_agg(aggregate_order_by(moved.c.id, moved.c.id)),
                ).group_by(moved.c.from_set, moved.c.to_set),
            )
            .add_cte(chosen, moved)
            .returning(
                regrouping_moves.c.from_set,
                regrouping_moves.c.to_set,
                func.cardinality(regrouping_moves.c.account_ids),
            )
        )
        with self._database.connection() as connection:
            rows = _executed(connection.execute, kept)
        return [(row[0], row[1], row[2]) for row in rows]

    def hold_logins(self, tenant_id: int, plan_id: int) -> list[int]:
        """Return the accounts a plan has moved, by id; nobody signs in to them before the transaction ends."""
        moved = select(func.unnest(regrouping_moves.c.account_ids).label("id")).where(
            regrouping_moves.c.tenant_id == tenant_id, regrouping_moves.c.plan_id == plan_id
        )
        with self._database.connection() as connection:
            account_ids = sorted(connection.scalars(moved))
            connection.execute(
                select(credentials.c.account_id)
                .where(
                    credentials.c.tenant_id == tenant_id, credentials.c.account_id.in_(account_ids)
                )
                .order_by(credentials.c.account_id)
                .with_for_update()
            )
        return account_ids

    def parts(self, tenant_id: int, plan_id: int) -> list[MovedPart]:
        """Return what a plan moved, in the order it was moved in."""
        query = (
            select(
                regrouping_moves.c.part,
                regrouping_moves.c.from_set,
                regrouping_moves.c.to_set,
                func.cardinality(regrouping_moves.c.account_ids).label("customers"),
            )
            .where(regrouping_moves.c.tenant_id == tenant_id, regrouping_moves.c.plan_id == plan_id)
            .order_by(regrouping_moves.c.part)
        )
        with self._database.connection() as connection:
            return [MovedPart(**row) for row in connection.execute(query).mappings()]

    def move_back(
        self, tenant_id: int, plan_id: int, part: MovedPart, by: str, now: datetime
    ) -> int:
        """Move a part back, but for those who are gone or elsewhere by now; returns how many. See `move`."""
        ids = select(func.unnest(regrouping_moves.c.account_ids)).where(
            regrouping_moves.c.tenant_id == tenant_id,
            regrouping_moves.c.plan_id == plan_id,
            regrouping_moves.c.part == part.part,
        )
        with self._database.connection() as connection:
            query = (
                update(accounts)
                .where(
                    accounts.c.tenant_id == tenant_id,
                    accounts.c.id.in_(ids),
                    accounts.c.customer_set_code == part.to_set,
                )
                .values(customer_set_code=part.from_set, updated_at=now, updated_by=by)
                .returning(accounts.c.id)
            )
            return len(_executed(connection.execute, query))

    def count_back(self, tenant_id: int, plan_id: int) -> dict[tuple[str, str], int]:
        """Count the customers a roll-back would move, by the set they are in and the one they came from."""
        kept = (
            select(
                regrouping_moves.c.from_set,
                regrouping_moves.c.to_set,
                func.unnest(regrouping_moves.c.account_ids).label("account_id"),
            )
            .where(regrouping_moves.c.tenant_id == tenant_id, regrouping_moves.c.plan_id == plan_id)
            .subquery()
        )
        query = (
            select(kept.c.to_set, kept.c.from_set, func.count().label("customers"))
            .join(
                accounts,
                and_(
                    accounts.c.tenant_id == tenant_id,
                    accounts.c.id == kept.c.account_id,
                    accounts.c.customer_set_code == kept.c.to_set,
                ),
            )
            .group_by(kept.c.to_set, kept.c.from_set)
            .order_by(kept.c.to_set, kept.c.from_set)
        )
        with self._database.connection() as connection:
            rows = connection.execute(query)
            return {(row.to_set, row.from_set): row.customers for row in rows}

    def count_clashes_back(self, tenant_id: int, plan_id: int) -> int:
        """Count the customers whose username has been taken, where they came from, since they were moved."""
        query = select(func.count()).select_from(_clashes_back(tenant_id, plan_id).subquery())
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one()

    def clashes_back(self, tenant_id: int, plan_id: int, page: Page) -> list[FoundClash]:
        """Return a page of them, by id."""
        found = _clashes_back(tenant_id, plan_id).subquery()
        query = select(found).order_by(found.c.account_id).offset(page.start_index).limit(page.size)
        with self._database.connection() as connection:
            return [FoundClash(**row) for row in connection.execute(query).mappings()]

    def moves_of_account(self, tenant_id: int, account_id: int) -> list[tuple[int, str, str]]:
        """Return (plan, old set, new set) of each plan that moved this account, newest first."""
        query = (
            select(
                regrouping_moves.c.plan_id, regrouping_moves.c.from_set, regrouping_moves.c.to_set
            )
            .where(
                regrouping_moves.c.tenant_id == tenant_id,
                regrouping_moves.c.first_account_id <= account_id,
                regrouping_moves.c.last_account_id >= account_id,
                literal(account_id) == any_(regrouping_moves.c.account_ids),
            )
            .order_by(regrouping_moves.c.plan_id.desc())
        )
        with self._database.connection() as connection:
            rows: Iterable[Row[Any]] = connection.execute(query)
            return [(row.plan_id, row.from_set, row.to_set) for row in rows]


def _executed(execute: Any, query: Any) -> list[Any]:  # noqa: ANN401  any statement
    try:
        return list(execute(query).all())
    except IntegrityError as failure:
        if isinstance(failure.orig, UniqueViolation):
            raise SomebodyWasFaster("A username was taken meanwhile.") from failure
        raise


def _clashes_back(tenant_id: int, plan_id: int) -> Select[Any]:
    gone = (
        select(
            func.unnest(regrouping_moves.c.account_ids).label("id"),
            regrouping_moves.c.from_set,
            regrouping_moves.c.to_set,
        )
        .where(regrouping_moves.c.tenant_id == tenant_id, regrouping_moves.c.plan_id == plan_id)
        .subquery("gone")
    )
    mover, other = accounts.alias("mover"), accounts.alias("other")
    return (
        select(
            mover.c.username,
            mover.c.id.label("account_id"),
            gone.c.to_set.label("from_set"),
            gone.c.from_set.label("to_set"),
            other.c.id.label("other_account_id"),
            other.c.customer_set_code.label("other_set"),
        )
        .join_from(
            gone,
            mover,
            and_(
                mover.c.tenant_id == tenant_id,
                mover.c.id == gone.c.id,
                mover.c.customer_set_code == gone.c.to_set,
            ),
        )
        .join(
            other,
            and_(
                other.c.tenant_id == tenant_id,
                other.c.customer_set_code == gone.c.from_set,
                other.c.username_key == mover.c.username_key,
                other.c.id != mover.c.id,
            ),
        )
    )
