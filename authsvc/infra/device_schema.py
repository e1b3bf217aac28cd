"""The tables of shoppers' devices; reasons and constraints are in migration 0024."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, Table, Text, Uuid

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

devices = Table(
    "devices",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("account_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    # Never an address.
    Column("address_block", Text),
    Column("first_seen_at", MOMENT, nullable=False),
    Column("last_used_at", MOMENT, nullable=False),
    # Not known any more since then; it is kept as a sign that the account has had devices.
    Column("forgotten_at", MOMENT),
)

# What a device shows: a cookie on each host, or what an application hands over for it.
device_tokens = Table(
    "device_tokens",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("device_id", Uuid, nullable=False),
    # A token that nobody guesses; otherwise a fingerprint.
    Column("is_certain", Boolean, nullable=False),
)
