"""What each account's orders come to, by currency, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.orders_schema import order_totals, orders

_HOLD = (
    select(order_totals.c.account_id)
    .where(
        order_totals.c.tenant_id == bindparam("tenant_id"),
        order_totals.c.account_id == bindparam("account_id"),
        order_totals.c.currency_code == bindparam("currency_code"),
    )
    .with_for_update()
)
_LAST = (
    select(func.max(orders.c.placed_at))
    .where(
        orders.c.tenant_id == order_totals.c.tenant_id,
        orders.c.account_id == order_totals.c.account_id,
        orders.c.currency_code == order_totals.c.currency_code,
        orders.c.is_counted,
    )
    .scalar_subquery()
)


class OrderTotals:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def hold(self, tenant_id: int, totals: Collection[tuple[int, str]]) -> None:
        """Within a transaction, keep others from counting orders of these (account, currency) pairs, in their order."""
        with self._database.connection() as connection:
            for account_id, currency_code in sorted(totals):
                key = {
                    "tenant_id": tenant_id,
                    "account_id": account_id,
                    "currency_code": currency_code,
                }
                nothing = insert(order_totals).values(**key, order_count=0, amount=0)
                connection.execute(nothing.on_conflict_do_nothing())
                connection.execute(_HOLD, key)

    def change(
        self, tenant_id: int, account_id: int, currency_code: str, count: int, amount: Decimal
    ) -> None:
        """Add to totals that are held, and look again which order is the last.

        Its own statement, so that it sees all that was counted before they could be held.
        """
        with self._database.connection() as connection:
            connection.execute(
                update(order_totals)
                .where(
                    order_totals.c.tenant_id == tenant_id,
                    order_totals.c.account_id == account_id,
                    order_totals.c.currency_code == currency_code,
                )
                .values(
                    order_count=order_totals.c.order_count + count,
                    amount=order_totals.c.amount + amount,
                    last_order_at=_LAST,
                )
            )
