"""The table of My Account; see `schema`, whose rules it follows, and its migration for the reasons."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table

from authsvc.infra.schema import metadata

my_account_versions = Table(
    "my_account_versions",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    # 0: what stands in many accounts at once.
    Column("account_id", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
