"""Orders in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Text,
    and_,
    bindparam,
    column,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError

from authsvc.accounts.rules import UnknownAccount
from authsvc.audit.rules import NewEntry
from authsvc.audit.store import entries_for, values_for
from authsvc.customer_sets.rules import Site
from authsvc.infra.database import Database
from authsvc.infra.orders_schema import orders
from authsvc.infra.schema import accounts, sites
from authsvc.infra.statements import Statement
from authsvc.listing.paging import Page
from authsvc.orders.rules import Order, OrderKind, OrderState, SourceVersion

_CUSTOMER_SET = (
    "jsonb_build_object('field', 'customerSet', 'old', NULL, 'new', taken.customer_set_code)"
)
# One statement, and so one moment for site, customer and order: whether the customer may be named is asked of the same
# state of things that the order is written into, and nobody is held meanwhile. A receipt's set stands for itself. And
# one journey to PostgreSQL: the totals and the audit entry are written or not with the order.
_ADD = Statement(
    text(f"""
        WITH taken AS (
            INSERT INTO orders (tenant_id, external_id, kind, site_id, account_id, customer_set_code, status,
                is_counted, total, currency_code, placed_at, source_version, source_updated_at,
                eligibility_receipt, received_at, updated_at)
            SELECT sites.tenant_id, :external_id, :kind, sites.id, accounts.id,
                coalesce(CAST(:proven_set AS text), sites.customer_set_code), :status,
                CAST(:is_counted AS boolean), CAST(:total AS numeric), :currency_code,
                CAST(:placed_at AS timestamptz), CAST(:source_version AS bigint),
                CAST(:source_updated_at AS timestamptz), CAST(:eligibility_receipt AS text),
                CAST(:now AS timestamptz), CAST(:now AS timestamptz)
            FROM sites JOIN accounts ON accounts.tenant_id = sites.tenant_id
            WHERE sites.tenant_id = CAST(:tenant_id AS bigint) AND sites.id = CAST(:site_id AS bigint)
                AND accounts.id = CAST(:account_id AS bigint)
                AND (accounts.customer_set_code = sites.customer_set_code
                    OR CAST(:proven_set AS text) IS NOT NULL)
            ON CONFLICT (tenant_id, external_id) DO NOTHING
            RETURNING *
        ), counted AS (
            INSERT INTO order_totals AS kept (tenant_id, account_id, currency_code, order_count, amount, last_order_at)
            SELECT tenant_id, account_id, currency_code, 1, total, placed_at FROM taken WHERE is_counted
            ON CONFLICT (tenant_id, account_id, currency_code) DO UPDATE SET
                order_count = kept.order_count + 1, amount = kept.amount + excluded.amount,
                last_order_at = greatest(kept.last_order_at, excluded.last_order_at)
        ), noted AS (
            {entries_for("taken", _CUSTOMER_SET)}
        )
        SELECT taken.customer_set_code, sites.name FROM taken JOIN sites
            ON sites.tenant_id = taken.tenant_id AND sites.id = taken.site_id
    """).columns(column("customer_set_code", Text), column("site_name", Text))  # noqa: S608  nobody's input
)
_WITH_SITE = (
    select(orders, sites.c.name.label("site_name"))
    .select_from(
        orders.join(
            sites, and_(sites.c.tenant_id == orders.c.tenant_id, sites.c.id == orders.c.site_id)
        )
    )
    .where(orders.c.tenant_id == bindparam("tenant_id"))
)
_ONE = _WITH_SITE.where(orders.c.external_id == bindparam("external_id"))
_BY_ID = Statement(_ONE)
_HELD = Statement(_ONE.with_for_update(of=orders))


def _of_site(wanted: ColumnElement[Any]) -> ColumnElement[Any]:
    return (
        select(wanted)
        .where(sites.c.tenant_id == bindparam("tenant_id"), sites.c.id == bindparam("site_id"))
        .scalar_subquery()
    )


_PLACE = Statement(
    select(
        _of_site(sites.c.name).label("site_name"),
        _of_site(sites.c.customer_set_code).label("site_set"),
        select(accounts.c.customer_set_code)
        .where(
            accounts.c.tenant_id == bindparam("tenant_id"),
            accounts.c.id == bindparam("account_id"),
        )
        .scalar_subquery()
        .label("account_set"),
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """A site and a customer's set at one and the same moment; None for what there is not."""

    site: Site | None
    account_set: str | None


class OrderStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self,
        tenant_id: int,
        state: OrderState,
        proven_set: str | None,
        now: datetime,
        entry: NewEntry,
    ) -> Order | None:
        """Keep a new order and count it, if its customer is of the set of its site; else None, also if it exists.

        `proven_set`: the set a receipt says both were of, whatever is now. `entry`: the audit's about it, to which the
        set is added. Raises `UnknownAccount` for one that is
        deleted in this very moment.
        """
        try:
            rows = self._database.run(
                _ADD,
                tenant_id=tenant_id,
                proven_set=proven_set,
                now=now,
                **_columns(state),
                **values_for(entry, now),
            )
        except IntegrityError as failure:
            raise UnknownAccount(state.account_id) from failure
        if not rows:
            return None
        return Order(tenant_id, state, rows[0].customer_set_code, rows[0].site_name, now, now)

    def order(self, tenant_id: int, external_id: str, *, for_update: bool = False) -> Order | None:
        """Return the order, or None. `for_update` (in a transaction): nobody else changes it meanwhile."""
        query = _HELD if for_update else _BY_ID
        rows = self._database.run(query, tenant_id=tenant_id, external_id=external_id)
        return _order(rows[0]) if rows else None

    def place(self, tenant_id: int, site_id: int, account_id: int) -> Place:
        """Return the site and the set of the account as they are at one moment."""
        (row,) = self._database.run(
            _PLACE, tenant_id=tenant_id, site_id=site_id, account_id=account_id
        )
        site = None
        if row.site_set is not None:
            site = Site(tenant_id, site_id, row.site_name, row.site_set)
        return Place(site, row.account_set)

    def replace(self, tenant_id: int, state: OrderState, placed_in: str, now: datetime) -> None:
        """Keep a newer state of an order; `placed_in`: the set its customer was put on it in.

        Raises `UnknownAccount` when its new customer is gone, or has changed sets, in this very moment.
        """
        values = _columns(state) | {"customer_set_code": placed_in, "updated_at": now}
        del values["external_id"]
        with self._database.connection() as connection:
            try:
                connection.execute(
                    update(orders)
                    .where(
                        orders.c.tenant_id == tenant_id,
                        orders.c.external_id == state.external_id,
                    )
                    .values(**values)
                )
            except IntegrityError as failure:
                raise UnknownAccount(state.account_id) from failure

    def of_account(self, tenant_id: int, account_id: int, page: Page) -> tuple[list[Order], int]:
        """Return a page of an account's orders, latest first, and how many there are."""
        return self._page(tenant_id, orders.c.account_id == account_id, page)

    def of_site(self, tenant_id: int, site_id: int, page: Page) -> tuple[list[Order], int]:
        """Return a page of a site's orders, latest first, and how many there are."""
        return self._page(tenant_id, orders.c.site_id == site_id, page)

    def _page(
        self, tenant_id: int, wanted: ColumnElement[bool], page: Page
    ) -> tuple[list[Order], int]:
        query = (
            _WITH_SITE.where(wanted)
            .order_by(orders.c.placed_at.desc(), orders.c.external_id)
            .offset(page.start_index)
            .limit(page.size)
        )
        count = (
            select(func.count()).select_from(orders).where(orders.c.tenant_id == tenant_id, wanted)
        )
        with self._database.connection() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(query, {"tenant_id": tenant_id}).all()
        return [_order(row) for row in rows], total


def _columns(state: OrderState) -> dict[str, Any]:
    return {
        "external_id": state.external_id,
        "kind": state.kind.value,
        "site_id": state.site_id,
        "account_id": state.account_id,
        "status": state.status,
        "is_counted": state.is_counted,
        "total": state.total,
        "currency_code": state.currency_code,
        "placed_at": state.placed_at,
        "source_version": state.version.number,
        "source_updated_at": state.version.updated_at,
        "eligibility_receipt": state.eligibility_receipt,
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        row.tenant_id,
        OrderState(
            row.external_id,
            OrderKind(row.kind),
            row.site_id,
            row.account_id,
            row.status,
            row.total,
            row.currency_code,
            row.placed_at,
            SourceVersion(row.source_version, row.source_updated_at),
            row.eligibility_receipt,
        ),
        row.customer_set_code,
        row.site_name,
        row.received_at,
        row.updated_at,
    )
