"""The digits of contacts' telephone numbers, kept by the database itself, for finding customers by them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from authsvc.infra.schema import metadata

contact_phones = Table(
    "contact_phones",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("contact_id", BigInteger, primary_key=True),
    Column("digits", Text(collation="C"), primary_key=True),
    # The same from the end, since numbers are written with and without what stands before them.
    Column("digits_backwards", Text(collation="C"), nullable=False),
)
