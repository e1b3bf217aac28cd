"""The tables of mailed links; reasons and constraints are in migration 0020."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text, Uuid

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

account_links = Table(
    "account_links",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    # The address the link is about: whoever has it has shown that they read what is sent there.
    Column("email_address", Text, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)

# What a customer set asks of who signs up; without a row nothing.
email_verification_policies = Table(
    "email_verification_policies",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("customer_set_code", Text(collation="C"), primary_key=True),
    Column("policy", Text, nullable=False),
)

# The address of an account that somebody has shown to read, the latest.
verified_addresses = Table(
    "verified_addresses",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("email_key", Text(collation="C"), nullable=False),
    Column("verified_at", MOMENT, nullable=False),
)

# Who may have forgotten a password: looked at by the worker only, so that no request takes longer for those who exist.
reset_requests = Table(
    "reset_requests",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("site_id", BigInteger, nullable=False),
    Column("customer_set_code", Text(collation="C"), nullable=False),
    Column("host", Text, nullable=False),
    Column("login_key", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("application", Text),
    Column("remote_address", Text),
    Column("correlation_id", Text),
    Column("asked_at", MOMENT, nullable=False),
)
