"""The tables of outgoing mail; reasons and constraints are in migration 0019."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.infra.columns import MOMENT, Encrypted
from authsvc.infra.schema import metadata

outgoing_mails = Table(
    "outgoing_mails",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("site_id", BigInteger, nullable=False),
    Column("account_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    # Of the site's hosts, the one its link leads to.
    Column("host", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    # What its template is filled with.
    Column("words", JSONB, nullable=False),
    # What is secret of that, encrypted; gone once the mail is sent or given up.
    Column("sealed", Encrypted),
    Column("put_at", MOMENT, nullable=False),
    Column("good_until", MOMENT, nullable=False),
    # A worker is at it until then.
    Column("claimed_until", MOMENT),
    Column("sent_at", MOMENT),
    Column("given_up_at", MOMENT),
    Column("failure", Text),
)
