"""What is secret at rest is encrypted, and is known to `authsvc keys re-encrypt`."""

from __future__ import annotations

from sqlalchemy import DateTime, LargeBinary, MetaData

from authsvc.infra.columns import Encrypted
from authsvc.infra.reencryption import encrypted_columns
from authsvc.infra.schema import metadata
from authsvc.services import Services

# Bytes that are no secret, or that nobody can turn back into one: SHA-256 of 256 random bits, salts, counters' names.
DIGESTS = {"digest", "secret_digest", "browser_digest", "digests", "values_digest"}
NO_SECRETS = {
    # Of the successor of a refresh token, which is good only with the token before it.
    ("session_tokens", "successor_salt"),
    # A keyed digest of whom an attempt named.
    ("staff_attempts", "key"),
    # It hides what an erasure may take, and goes with it.
    ("audit_links", "salt"),
    # Of passkeys: what everybody may know, and what authenticators know an account by.
    ("passkeys", "credential_id"),
    ("passkeys", "public_key"),
    ("passkey_handles", "handle"),
}
# A column called so holds something secret.
SECRET_NAMES = ("secret", "encrypted", "sealed", "private", "passphrase", "api_key")


def test_every_column_of_bytes_is_encrypted_or_holds_no_secret() -> None:
    encrypted_columns()
    others = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and not isinstance(column.type, Encrypted)
    }
    assert {each for each in others if each[1] not in DIGESTS} == NO_SECRETS


def test_no_column_of_a_secret_name_is_forgotten() -> None:
    known = {(column.table.name, column.name) for column in encrypted_columns()}
    named = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if any(name in column.name for name in SECRET_NAMES)
        and column.name not in DIGESTS
        and not isinstance(column.type, DateTime)
    }
    assert named <= known


def test_the_database_has_no_column_of_a_secret_name_that_is_declared_nowhere(
    services: Services,
) -> None:
    known = {(column.table.name, column.name) for column in encrypted_columns()}
    there = MetaData()
    there.reflect(services.database.engine)
    found = {
        (table.name, column.name)
        for table in there.tables.values()
        for column in table.columns
        if column.name.endswith("_encrypted") or column.name == "sealed"
    }
    assert found == known
