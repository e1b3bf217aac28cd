"""The tables of what is kept on an account beside its contacts: cards, notes, attributes; see `schema`, too."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.infra.schema import audit_columns, metadata

cards = Table(
    "cards",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    # The payment service's token.
    Column("id", Text(collation="C"), primary_key=True),
    # Tells cards apart where their tokens must not stand.
    Column("serial", BigInteger, Identity(), nullable=False),
    Column("number_part", Text),
    Column("card_type", Text),
    Column("name_on_card", Text),
    Column("expire_month", Integer),
    Column("expire_year", Integer),
    Column("contact_id", BigInteger),
    Column("is_default", Boolean, nullable=False),
    *audit_columns(),
)

account_notes = Table(
    "account_notes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("content", Text, nullable=False),
    *audit_columns(),
)

attribute_definitions = Table(
    "attribute_definitions",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("fully_qualified_name", Text, nullable=False),
    Column("data_type", Text, nullable=False),
    Column("value_type", Text, nullable=False),
    Column("is_multi_valued", Boolean, nullable=False),
    Column("is_visible", Boolean, nullable=False),
    Column("is_read_only", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    # What a value of a predefined attribute may be.
    Column("vocabulary", JSONB, nullable=False),
    # What forms and lists show of it, under the vendor's names; no rule here asks for it.
    Column("description", JSONB, nullable=False),
    *audit_columns(),
)

account_attributes = Table(
    "account_attributes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("attribute_id", BigInteger, primary_key=True),
    Column("values", JSONB, nullable=False),
    *audit_columns(),
)
