"""The tables of passkeys; reasons and constraints are in their migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

# What a customer set lets passkeys do, and the domain they are made for; without a row nothing.
passkey_policies = Table(
    "passkey_policies",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("customer_set_code", Text(collation="C"), primary_key=True),
    Column("use", Text, nullable=False),
    Column("relying_party", Text, nullable=False),
)

# What authenticators know an account by.
passkey_handles = Table(
    "passkey_handles",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("handle", LargeBinary, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("credential_id", LargeBinary, nullable=False),
    Column("relying_party", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", ARRAY(Text), nullable=False),
    Column("may_be_backed_up", Boolean, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("last_used_at", MOMENT),
    Column("suspended_at", MOMENT),
)

# Challenges that were used, by their digests, until they would have run out.
spent_passkey_challenges = Table(
    "spent_passkey_challenges",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", MOMENT, nullable=False),
)
