"""The tables of what passwords must be and who else knows them; reasons and constraints are in their migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, Table, Text

from authsvc.infra.columns import MOMENT, Encrypted
from authsvc.infra.schema import metadata

# What a customer set asks of new passwords; without a row the vendor's rule.
password_policies = Table(
    "password_policies",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("customer_set_code", Text(collation="C"), primary_key=True),
    Column("minimum_length", Integer, nullable=False),
    Column("minimum_digits", Integer, nullable=False),
    Column("minimum_letters", Integer, nullable=False),
    Column("refuses_common", Boolean, nullable=False),
    Column("refuses_similar", Boolean, nullable=False),
)

# Where a merchant's own endpoint is asked about passwords whose hashes only it can compare with.
password_verifiers = Table(
    "password_verifiers",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("url", Text, nullable=False),
    # What requests are signed with.
    Column("secret_encrypted", Encrypted, nullable=False),
    # Only the installation's operator lets an endpoint be in a private network.
    Column("in_own_network", Boolean, nullable=False),
    # Certificates in PEM that it is trusted by instead of the public authorities.
    Column("authorities", Text),
    Column("updated_at", MOMENT, nullable=False),
)
