"""The tables of applications, their secrets and tokens; reasons are in migrations 0001, 0023 and 0029."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, LargeBinary, Table, Text

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

applications = Table(
    "applications",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("client_id", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("behaviors", ARRAY(Text), nullable=False),
    Column("is_active", Boolean, nullable=False),
    # The only sites it acts on; empty: on all.
    Column("site_ids", ARRAY(BigInteger)),
    Column("created_at", MOMENT, nullable=False),
)

# Two at a time while one takes over from the other.
application_secrets = Table(
    "application_secrets",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("client_id", Text(collation="C"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("created_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT),
    Column("last_used_at", MOMENT),
)

application_tokens = Table(
    "application_tokens",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", Text(collation="C"), nullable=False),
    # The secret it was handed out for: it ends with it.
    Column("secret_digest", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)
