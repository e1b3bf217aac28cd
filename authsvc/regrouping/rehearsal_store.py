"""What a plan would do, counted and listed; nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
)

from authsvc.infra.database import Database
from authsvc.infra.orders_schema import orders
from authsvc.infra.schema import accounts, customer_sets, session_tokens, sessions, sites, tenants
from authsvc.listing.paging import Page
from authsvc.regrouping.moving import Moving
from authsvc.regrouping.rules import SetLabels, Structure

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FoundClash:
    """An account that would move, and the one that has its username where it would go."""

    username: str
    account_id: int
    from_set: str
    to_set: str
    other_account_id: int
    other_set: str


@dataclass(frozen=True, slots=True)
class FoundLoss:
    """An account that can sign in somewhere now and could not afterwards."""

    account_id: int
    username: str | None
    email_address: str | None
    from_set: str
    to_set: str


class RehearsalStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def structure(self, tenant_id: int) -> Structure:
        """Return the tenant's sets and sites as they are now."""
        with self._database.connection() as connection:
            default = connection.execute(
                select(tenants.c.default_customer_set_code).where(tenants.c.id == tenant_id)
            ).scalar_one_or_none()
            labels = connection.execute(
                select(customer_sets).where(customer_sets.c.tenant_id == tenant_id)
            ).all()
            held = connection.execute(
                select(sites.c.id, sites.c.customer_set_code).where(sites.c.tenant_id == tenant_id)
            ).all()
        return Structure(
            {row.code: SetLabels(row.name, row.description) for row in labels},
            default or "",
            {row.id: row.customer_set_code for row in held},
        )

    def moved_by_pair(self, moving: Moving) -> dict[Pair, int]:
        """Count the customers that would move, by old and new set."""
        if not moving.moves:
            return {}
        # In a subquery of its own, so that the expression is grouped by what it gives.
        moved = (
            select(accounts.c.customer_set_code.label("old"), moving.target().label("new"))
            .where(moving.moves_away())
            .subquery()
        )
        with self._database.connection() as connection:
            rows = connection.execute(
                select(moved.c.old, moved.c.new, func.count().label("customers")).group_by(
                    moved.c.old, moved.c.new
                )
            ).all()
        return {(row.old, row.new): row.customers for row in rows}

    def sessions_signed_in(self, moving: Moving, losing_sets: Sequence[str], now: datetime) -> int:
        """Count the sessions, of customers that move or lose a site, that somebody could go on with at `now`."""
        live_token = (
            select(literal(1))
            .where(
                session_tokens.c.tenant_id == sessions.c.tenant_id,
                session_tokens.c.session_id == sessions.c.id,
                session_tokens.c.expires_at > now,
                session_tokens.c.replaced_at.is_(None),
            )
            .exists()
        )
        query = (
            select(func.count())
            .select_from(sessions)
            .join(
                accounts,
                and_(
                    accounts.c.tenant_id == sessions.c.tenant_id,
                    accounts.c.id == sessions.c.account_id,
                ),
            )
            .where(
                sessions.c.tenant_id == moving.tenant_id,
                sessions.c.ended_at.is_(None),
                sessions.c.expires_at > now,
                live_token,
                or_(moving.moves_away(), accounts.c.customer_set_code.in_(losing_sets)),
            )
        )
        with self._database.connection() as connection:
            return connection.execute(query).scalar_one()

    def orders_since(self, tenant_id: int, site_ids: Sequence[int], since: datetime) -> int:
        """Count the orders placed on these sites from `since` on, whatever became of them."""
        with self._database.connection() as connection:
            return connection.execute(
                select(func.count())
                .select_from(orders)
                .where(
                    orders.c.tenant_id == tenant_id,
                    orders.c.site_id.in_(site_ids),
                    orders.c.placed_at >= since,
                )
            ).scalar_one()

    def count_clashes(self, moving: Moving) -> int:
        """Count the pairs of accounts that would have one username in one set."""
        if not moving.moves:
            return 0
        with self._database.connection() as connection:
            return connection.execute(
                select(func.count()).select_from(_clashes(moving).subquery())
            ).scalar_one()

    def clashes(self, moving: Moving, page: Page) -> list[FoundClash]:
        """Return a page of those pairs, by the id of the one that would move."""
        if not moving.moves:
            return []
        found = _clashes(moving).subquery()
        query = (
            select(found)
            .order_by(found.c.account_id, found.c.other_account_id)
            .offset(page.start_index)
            .limit(page.size)
        )
        with self._database.connection() as connection:
            return [FoundClash(**row) for row in connection.execute(query).mappings()]

    def losses(self, moving: Moving, pairs: Sequence[Pair], page: Page) -> list[FoundLoss]:
        """Return a page of the customers that go from one set to the other of any of these `pairs`, by id."""
        query = (
            select(
                accounts.c.id.label("account_id"),
                accounts.c.username,
                accounts.c.email_address,
                accounts.c.customer_set_code.label("from_set"),
                moving.target().label("to_set"),
            )
            .where(accounts.c.tenant_id == moving.tenant_id, _goes(moving, pairs))
            .order_by(accounts.c.id)
            .offset(page.start_index)
            .limit(page.size)
        )
        with self._database.connection() as connection:
            return [FoundLoss(**row) for row in connection.execute(query).mappings()]

    def sets_of(self, tenant_id: int, account_ids: Sequence[int]) -> Mapping[int, str]:
        """Return which set each of these accounts is in; those there are not are left out."""
        with self._database.connection() as connection:
            rows = connection.execute(
                select(accounts.c.id, accounts.c.customer_set_code).where(
                    accounts.c.tenant_id == tenant_id, accounts.c.id.in_(account_ids)
                )
            ).all()
        return {row.id: row.customer_set_code for row in rows}


def _goes(moving: Moving, pairs: Sequence[Pair]) -> ColumnElement[bool]:
    return or_(
        false(),
        *(and_(accounts.c.customer_set_code == old, moving.target() == new) for old, new in pairs),
    )


def _clashes(moving: Moving) -> Select[tuple[str, int, str, str, int, str]]:
    """Pair each account that moves with those that have its username where it goes, before or after the plan.

    Those that only leave the same plan count too: usernames are compared at each step, not at the end.
    """
    mover = _users(moving, accounts, moving.moves_away(), "mover")
    other_accounts = accounts.alias("other")
    targets = {move.customer_set for move in moving.moves}
    others = _users(
        moving,
        other_accounts,
        and_(
            other_accounts.c.tenant_id == moving.tenant_id,
            or_(
                other_accounts.c.customer_set_code.in_(targets),
                moving.is_concerned(other_accounts),
            ),
        ),
        "others",
    )
    return select(
        mover.c.username,
        mover.c.account_id,
        mover.c.old.label("from_set"),
        mover.c.new.label("to_set"),
        others.c.account_id.label("other_account_id"),
        others.c.old.label("other_set"),
    ).join_from(
        mover,
        others,
        and_(
            others.c.username_key == mover.c.username_key,
            others.c.account_id != mover.c.account_id,
            or_(others.c.old == mover.c.new, others.c.new == mover.c.new),
        ),
    )


def _users(moving: Moving, table: FromClause, which: ColumnElement[bool], name: str) -> FromClause:
    return (
        select(
            table.c.id.label("account_id"),
            table.c.username,
            table.c.username_key,
            table.c.customer_set_code.label("old"),
            moving.target(table).label("new"),
        )
        .where(which, table.c.username_key.is_not(None))
        .subquery(name)
    )
