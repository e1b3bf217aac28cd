"""The tables of customer segments; see `schema`, whose rules they follow, and their migration for the reasons."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Table, Text

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import audit_columns, metadata

customer_segments = Table(
    "customer_segments",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    *audit_columns(),
)

account_segments = Table(
    "account_segments",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("segment_id", BigInteger, primary_key=True),
    Column("added_at", MOMENT, nullable=False),
    Column("added_by", Text, nullable=False),
)
