"""The tables of regrouping: plans, the customers they moved, and how far those under way are."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.infra.columns import MOMENT
from authsvc.infra.schema import metadata

regrouping_plans = Table(
    "regrouping_plans",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("committed_at", MOMENT),
    Column("committed_by", Text),
    Column("outcome", JSONB(none_as_null=True)),
    Column("rollback_until", MOMENT),
    Column("rolled_back_at", MOMENT),
    Column("rolled_back_by", Text),
    # When a plan that somebody only looks at on a page may be forgotten.
    Column("expires_at", MOMENT),
    Column("refused_action", Text),
    Column("refused_at", MOMENT),
    Column("refused_by", Text),
    Column("refusal", ARRAY(Text)),
)

regrouping_moves = Table(
    "regrouping_moves",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("plan_id", BigInteger, primary_key=True),
    Column("part", BigInteger, Identity(always=True), primary_key=True),
    Column("from_set", Text(collation="C"), nullable=False),
    Column("to_set", Text(collation="C"), nullable=False),
    Column("first_account_id", BigInteger, nullable=False),
    Column("last_account_id", BigInteger, nullable=False),
    Column("account_ids", ARRAY(BigInteger), nullable=False),
)

regrouping_progress = Table(
    "regrouping_progress",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("plan_id", BigInteger, primary_key=True),
    Column("action", Text, nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("expected", BigInteger, nullable=False),
    Column("began_at", MOMENT, nullable=False),
    Column("seen_at", MOMENT, nullable=False),
)
