"""The tables of orders: the orders themselves, and what each account's come to by currency."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Numeric, Table, Text

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

orders = Table(
    "orders",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    # What the order system calls it.
    Column("external_id", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    # The set that site and customer shared when the order was placed; history, whatever moves later.
    Column("customer_set_code", Text(collation="C"), nullable=False),
    Column("status", Text, nullable=False),
    # Whether it adds to what the customer has bought; a cancelled one does not.
    Column("is_counted", Boolean, nullable=False),
    Column("total", Numeric(19, 4), nullable=False),
    Column("currency_code", Text(collation="C"), nullable=False),
    Column("placed_at", MOMENT, nullable=False),
    # How new the order system says this state is.
    Column("source_version", BigInteger, nullable=False),
    Column("source_updated_at", MOMENT, nullable=False),
    Column("eligibility_receipt", Text),
    Column("received_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# Beside the accounts, not in them: a large move may hold an account for minutes, and orders arrive meanwhile.
order_totals = Table(
    "order_totals",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("currency_code", Text(collation="C"), primary_key=True),
    Column("order_count", BigInteger, nullable=False),
    Column("amount", Numeric(28, 4), nullable=False),
    Column("last_order_at", MOMENT),
)
