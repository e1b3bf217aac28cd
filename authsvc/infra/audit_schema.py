"""The tables of the audit trail; reasons and constraints are in migrations 0001, 0004, 0015 and 0026."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("application", Text),
    Column("site_id", BigInteger),
    Column("remote_address", Text),
    Column("correlation_id", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    # When it lost what was personal in it.
    Column("redacted_at", MOMENT),
)

# What fixes an entry in its place; see `audit/chain.py`.
audit_links = Table(
    "audit_links",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("entry_id", BigInteger, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("salt", LargeBinary),
    Column("values_digest", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

# The end of each chain.
audit_chains = Table(
    "audit_chains",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("entry_id", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("sealed_at", MOMENT, nullable=False),
)
