"""The tables at a glance, for the stores' queries; the constraints' reasons are in the migrations.

`tenant_id` leads every key, so that no query can wander from one merchant to another (design §3).
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from authsvc.infra.columns import MOMENT, Encrypted

metadata = MetaData()


def _key(text: str) -> Column[str]:
    """Return a text column compared byte by byte: sorted and searched alike on every machine."""
    return Column(text, Text(collation="C"))


def audit_columns() -> list[Column[object]]:
    """Return the columns that say when and by whom a row was made, and last changed."""
    return [
        Column("created_at", MOMENT, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("updated_at", MOMENT, nullable=False),
        Column("updated_by", Text, nullable=False),
    ]


tenants = Table(
    "tenants",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    # The host name at which this tenant's API is called; empty: whatever host the caller used.
    Column("domain", Text, nullable=False),
    # The one default set: a column cannot hold two, and may not be empty ([B] Default Customer Set).
    Column("default_customer_set_code", Text(collation="C"), nullable=False),
    Column("created_at", MOMENT, nullable=False),
)

customer_sets = Table(
    "customer_sets",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("code", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    *audit_columns(),
)

sites = Table(
    "sites",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("customer_set_code", Text(collation="C"), nullable=False),
    Column("created_at", MOMENT, nullable=False),
    # How its hosted pages look; empty: as everybody's.
    Column("accent_color", Text),
    Column("logo_text", Text),
    # Of its mails; empty: English.
    Column("language", Text),
)

# A host name belongs to the whole installation, so this is the one key a tenant does not lead.
site_hosts = Table(
    "site_hosts",
    metadata,
    Column("host", Text(collation="C"), primary_key=True),
    Column("tenant_id", BigInteger, nullable=False),
    Column("site_id", BigInteger, nullable=False),
)

# The origins whose pages may post forms for a site.
site_origins = Table(
    "site_origins",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("site_id", BigInteger, primary_key=True),
    Column("origin", Text(collation="C"), primary_key=True),
)

# When a tenant's sites or sets were last changed, and when that was last pushed to every worker.
structure_changes = Table(
    "structure_changes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("changed_at", MOMENT, nullable=False),
    Column("pushed_at", MOMENT),
)

# One row: how often the structure of any tenant has changed, how often all copies of token records were voided, and
# how often what changed was pushed on request.
directory_version = Table(
    "directory_version",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("copies_generation", BigInteger, nullable=False),
    Column("pushed_version", BigInteger, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("customer_set_code", Text(collation="C"), nullable=False),
    Column("user_id", Text(collation="C"), nullable=False),
    Column("username", Text),
    _key("username_key"),
    Column("email_address", Text),
    _key("email_key"),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("company_or_organization", Text),
    Column("locale_code", Text),
    Column("account_type", Text, nullable=False),
    Column("external_id", Text),
    Column("tax_id", Text),
    Column("tax_exempt", Boolean, nullable=False),
    Column("accepts_marketing", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("is_locked", Boolean, nullable=False),
    Column("locked_at", MOMENT),
    Column("customer_since", MOMENT, nullable=False),
    Column("visits_count", Integer, nullable=False),
    Column("wishlist_count", Integer, nullable=False),
    *audit_columns(),
    # When it lost its person; it is kept, as a number, for its orders.
    Column("erased_at", MOMENT),
)

credentials = Table(
    "credentials",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    # Follows accounts.username_key, so that a login without a username cannot exist.
    Column("username_key", Text(collation="C"), nullable=False),
    Column("password_hash", Text, nullable=False),
    # Scheme and cost of a hash that another system made; a good sign-in replaces it by our own.
    Column("external_kind", Text),
    Column("must_change_password", Boolean, nullable=False),
    # Nobody signs in before the e-mail address is confirmed.
    Column("awaits_verification", Boolean, nullable=False),
    Column("password_changed_at", MOMENT, nullable=False),
    Column("last_login_at", MOMENT),
    Column("last_second_factor_at", MOMENT),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

# What a tenant's imported hashes cost to compare with, each with a hash that nobody's password opens.
external_hash_kinds = Table(
    "external_hash_kinds",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("decoy", Text, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("account_id", BigInteger, primary_key=True),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("email", Text, nullable=False),
    Column("first_name", Text),
    Column("middle_name_or_initial", Text),
    Column("last_name_or_surname", Text),
    Column("company_or_organization", Text),
    Column("fax_number", Text),
    Column("label", Text),
    Column("phone_home", Text),
    Column("phone_mobile", Text),
    Column("phone_work", Text),
    Column("address", JSONB, nullable=False),
    # Whether it is the first choice to bill to, and to ship to; empty: it is not for that.
    Column("primary_billing", Boolean),
    Column("primary_shipping", Boolean),
    *audit_columns(),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("id", Uuid, primary_key=True),
    # Empty for an anonymous shopper.
    Column("account_id", BigInteger),
    Column("user_id", Text(collation="C"), nullable=False),
    # Where it was opened; an account's session follows the account's set, an anonymous one this.
    Column("customer_set_code", Text(collation="C"), nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("methods", ARRAY(Text), nullable=False),
    Column("opened_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("end_reason", Text),
    # Empty: a ticket's; else a browser's, which outlasts its windows or not.
    Column("remembered", Boolean),
    # Of the account's devices; empty: none that is known.
    Column("device_id", Uuid),
    # When its holder proved once more who they are; empty: not since it was opened.
    Column("proven_at", MOMENT),
)

session_tokens = Table(
    "session_tokens",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("issued_at", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("replaced_at", MOMENT),
    Column("successor_salt", LargeBinary),
)

# What carries a browser's session to another host, once.
arrival_codes = Table(
    "arrival_codes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("browser_digest", LargeBinary, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text(collation="C"), primary_key=True),
    Column("public_jwk", JSONB, nullable=False),
    Column("private_key_encrypted", Encrypted),
    Column("created_at", MOMENT, nullable=False),
    Column("signs_from", MOMENT, nullable=False),
    Column("retired_at", MOMENT),
)

invalidation_backlog = Table(
    "invalidation_backlog",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("tenant_id", BigInteger, nullable=False),
    Column("digests", ARRAY(LargeBinary), nullable=False),
    Column("created_at", MOMENT, nullable=False),
)
