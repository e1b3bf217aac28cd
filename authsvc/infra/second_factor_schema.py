"""The tables of second factors; reasons and constraints are in the migration that makes them."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from authsvc.infra.columns import MOMENT, Encrypted
from authsvc.infra.schema import metadata

# What a customer set asks of who signs in; without a row nothing.
second_factor_policies = Table(
    "second_factor_policies",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("customer_set_code", Text(collation="C"), primary_key=True),
    Column("requirement", Text, nullable=False),
    Column("sign_in_codes", Boolean, nullable=False),
)

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("site_id", BigInteger, nullable=False),
    Column("login_key", Text(collation="C"), nullable=False),
    # None while nobody has looked whose name that is.
    Column("account_id", BigInteger),
    Column("methods", ARRAY(Text), nullable=False),
    Column("factors", ARRAY(Text), nullable=False),
    Column("password_changed_at", MOMENT),
    # None: a browser, by its cookie.
    Column("application", Text(collation="C")),
    Column("access_seconds", Integer),
    Column("refresh_seconds", Integer),
    Column("remembered", Boolean, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("tries_left", SmallInteger, nullable=False),
    Column("codes_sent", SmallInteger, nullable=False),
    # The latest request for a code, by which the worker finds this; its mail has the same id.
    Column("request_id", Uuid),
    Column("code_encrypted", Encrypted),
    Column("code_good_until", MOMENT),
)

# Each account has at most one.
authenticator_apps = Table(
    "authenticator_apps",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    # Encrypted with the environment's key.
    Column("secret_encrypted", Encrypted, nullable=False),
    # The last step whose code was taken: none is taken twice (RFC 6238 §5.2).
    Column("last_step", BigInteger, nullable=False),
    Column("wrong_codes", Integer, nullable=False),
    Column("wrong_since", MOMENT),
    Column("set_up_at", MOMENT, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
)

# The region an account has signed in from last, as a digest, where its set minds it.
sign_in_regions = Table(
    "sign_in_regions",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("seen_at", MOMENT, nullable=False),
)
