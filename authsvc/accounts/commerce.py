"""What an account has bought, as PostgreSQL expressions over the totals of its orders ([K] 3.2, `commerceSummary`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Numeric,
    ScalarSelect,
    Select,
    Text,
    func,
    literal,
    null,
    select,
)

from authsvc.infra.orders_schema import order_totals
from authsvc.infra.schema import accounts


def _of_account(*wanted: ColumnElement[Any]) -> Select[Any]:
    return select(*wanted).where(
        order_totals.c.tenant_id == accounts.c.tenant_id,
        order_totals.c.account_id == accounts.c.id,
        order_totals.c.order_count > 0,
    )


def _most_used(wanted: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return a total of the currency most of the account's orders are in; the vendor's model has room for one."""
    return (
        _of_account(wanted)
        .order_by(order_totals.c.order_count.desc(), order_totals.c.currency_code)
        .limit(1)
        .scalar_subquery()
    )


_NONE = literal(0, BigInteger())

ORDER_COUNT = func.coalesce(
    _of_account(func.sum(order_totals.c.order_count)).scalar_subquery(), _NONE
).cast(BigInteger)
LAST_ORDER_AT = _of_account(func.max(order_totals.c.last_order_at)).scalar_subquery()
TOTAL_ORDER_AMOUNT = func.coalesce(
    _most_used(order_totals.c.amount), literal(Decimal(0), Numeric(28, 4))
)
ORDER_CURRENCY = _most_used(order_totals.c.currency_code)

#: Beside the columns of an account, wherever a whole one is read.
COMMERCE = (
    ORDER_COUNT.label("order_count"),
    LAST_ORDER_AT.label("last_order_at"),
    TOTAL_ORDER_AMOUNT.label("total_order_amount"),
    ORDER_CURRENCY.label("order_currency"),
)
#: The same of an account that is just being made.
NOTHING_BOUGHT = (
    literal(0, BigInteger()).label("order_count"),
    null().cast(DateTime(timezone=True)).label("last_order_at"),
    literal(Decimal(0), Numeric(28, 4)).label("total_order_amount"),
    null().cast(Text()).label("order_currency"),
)
