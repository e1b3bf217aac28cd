"""Issue 6: secrets at rest are encrypted with a key from the environment, and can be encrypted anew with another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Column, insert, select, update

from authsvc.infra.database import Database
from authsvc.infra.reencryption import BATCH, Reencryption, encrypted_columns
from authsvc.infra.schema import signing_keys
from authsvc.settings import Settings
from tests.isolation.fresh_database import fresh_database

OLD, NEW, STRANGE = (Fernet(Fernet.generate_key()) for _ in range(3))
SEALED = signing_keys.c.private_key_encrypted
# More than one reading takes.
MANY = BATCH + 3


@pytest.fixture(scope="module", name="database")
def _database(settings: Settings) -> Iterator[Database]:
    with fresh_database(settings, migrated=True) as database:
        yield database


@pytest.fixture(name="secrets")
def _secrets(database: Database) -> dict[str, bytes]:
    """Secrets that were encrypted with the old key, by the id of their row."""
    secrets = {f"key-{place:04}": f"secret {place}".encode() for place in range(MANY)}
    now = datetime.now(UTC)
    rows = [
        {
            "kid": kid,
            "public_jwk": {},
            "private_key_encrypted": OLD.encrypt(secret),
            "created_at": now,
            "signs_from": now,
        }
        for kid, secret in secrets.items()
    ]
    with database.connection() as connection:
        connection.execute(signing_keys.delete())
        connection.execute(insert(signing_keys), rows)
    return secrets


def stored(database: Database) -> dict[str, bytes]:
    """Return what stands in the column, by the id of its row."""
    with database.connection() as connection:
        return {
            row.kid: bytes(row.private_key_encrypted)
            for row in connection.execute(select(signing_keys.c.kid, SEALED))
        }


def run(reencryption: Reencryption, *, only_look: bool = False) -> tuple[int, int, tuple[str, ...]]:
    """Return what is reported of that column; of all others there is nothing."""
    reports = {report.name: report for report in reencryption.run(only_look=only_look)}
    assert len(reports) == len(encrypted_columns())
    found = reports.pop("signing_keys.private_key_encrypted")
    assert {(report.values, report.older) for report in reports.values()} == {(0, 0)}
    return found.values, found.older, found.unreadable


def test_everything_gets_the_first_key_and_a_second_run_has_nothing_to_do(
    database: Database, secrets: dict[str, bytes]
) -> None:
    both = Reencryption(database, [NEW, OLD])
    assert run(both, only_look=True) == (MANY, MANY, ())
    assert all(OLD.decrypt(sealed) for sealed in stored(database).values())
    assert run(both) == (MANY, MANY, ())
    assert {kid: NEW.decrypt(sealed) for kid, sealed in stored(database).items()} == secrets
    before = stored(database)
    assert run(both) == (MANY, 0, ())
    assert stored(database) == before
    assert run(Reencryption(database, [NEW]), only_look=True) == (MANY, 0, ())


def test_a_run_that_was_broken_off_is_taken_up_by_the_next(
    database: Database, secrets: dict[str, bytes]
) -> None:
    done = "key-0000"
    with database.connection() as connection:
        connection.execute(
            update(signing_keys)
            .where(signing_keys.c.kid == done)
            .values(private_key_encrypted=NEW.encrypt(secrets[done]))
        )
    assert run(Reencryption(database, [NEW, OLD])) == (MANY, MANY - 1, ())


def test_what_a_server_writes_meanwhile_stays(
    database: Database, secrets: dict[str, bytes]
) -> None:
    written = "key-0500"

    class WritesMeanwhile(Reencryption):
        def _replace(
            self,
            column: Column[bytes],
            key: tuple[str, ...],
            sealed: bytes,
            fresh: bytes,
        ) -> None:
            if key == (written,):
                with database.connection() as connection:
                    connection.execute(
                        update(signing_keys)
                        .where(signing_keys.c.kid == written)
                        .values(private_key_encrypted=OLD.encrypt(b"newer"))
                    )
            super()._replace(column, key, sealed, fresh)

    run(WritesMeanwhile(database, [NEW, OLD]))
    assert OLD.decrypt(stored(database)[written]) == b"newer"
    assert run(Reencryption(database, [NEW, OLD])) == (MANY, 1, ())
    assert NEW.decrypt(stored(database)[written]) == b"newer"
    assert len(secrets) == MANY


def test_what_no_key_opens_is_named_and_left_as_it_is(
    database: Database, secrets: dict[str, bytes]
) -> None:
    lost = "key-0001"
    with database.connection() as connection:
        connection.execute(
            update(signing_keys)
            .where(signing_keys.c.kid == lost)
            .values(private_key_encrypted=STRANGE.encrypt(secrets[lost]))
        )
    assert run(Reencryption(database, [NEW, OLD])) == (MANY, MANY - 1, (lost,))
    assert STRANGE.decrypt(stored(database)[lost]) == secrets[lost]
    with pytest.raises(InvalidToken):
        NEW.decrypt(stored(database)[lost])
