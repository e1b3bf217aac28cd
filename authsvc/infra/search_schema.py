"""The tables of the customer search; see `schema`, whose rules they follow, and their migration for the reasons."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Table, Text

from authsvc.infra.schema import metadata

customer_search_words = Table(
    "customer_search_words",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("word", Text(collation="C"), primary_key=True),
    Column("other_words", Text(collation="C"), nullable=False),
    Column("is_listed", Boolean, nullable=False),
    # The set the customer was in when the words were written; a large move leaves it as it was.
    Column("home_set_code", Text(collation="C"), nullable=False),
    Column("is_locked", Boolean, nullable=False),
    Column("is_guest", Boolean, nullable=False),
)

# From which sets customers of a set came by large moves, and what they are found by may still say so.
customer_search_moves = Table(
    "customer_search_moves",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("customer_set_code", Text(collation="C"), primary_key=True),
    Column("home_set_code", Text(collation="C"), primary_key=True),
    Column("moved_at", DateTime(timezone=True), nullable=False),
)
