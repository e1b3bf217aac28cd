"""The tables of staff users; see `schema`, whose rules they follow, and migration 0003 for the reasons."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from authsvc.infra.columns import MOMENT, Encrypted
from authsvc.infra.schema import metadata

staff_users = Table(
    "staff_users",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("username", Text, nullable=False),
    Column("username_key", Text(collation="C"), nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("must_enrol", Boolean, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("second_factor_offered_at", MOMENT),
    Column("totp_secret_encrypted", Encrypted),
    # The newest time step whose code was accepted; none is accepted twice (RFC 6238 §5.2).
    Column("totp_last_step", BigInteger),
    Column("last_sign_in_at", MOMENT),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("staff_user_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("used_at", MOMENT),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("staff_user_id", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("opened_at", MOMENT, nullable=False),
    Column("second_factor_at", MOMENT),
    Column("last_used_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("remote_address", Text),
    Column("user_agent", Text, nullable=False),
    # A second factor's secret between being shown and being confirmed.
    Column("enrolment_secret_encrypted", Encrypted),
    Column("ended_at", MOMENT),
    Column("end_reason", Text),
)

staff_attempts = Table(
    "staff_attempts",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("key", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", MOMENT, nullable=False),
)
