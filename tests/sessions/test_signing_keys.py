"""The keys that sign JWTs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet, MultiFernet

from authsvc.infra.database import Database
from authsvc.infra.schema import signing_keys
from authsvc.sessions.signing_keys import REREAD_SECONDS, SigningKeys, WrongEncryptionKey
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.isolation.fresh_database import fresh_database

ENCRYPTION = MultiFernet([Fernet(Fernet.generate_key())])


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="database")
def _database(settings: Settings) -> Iterator[Database]:
    """A migrated database of its own: keys belong to the whole installation."""
    with fresh_database(settings, migrated=True) as database:
        yield database


def keys_over(
    database: Database, clock: HeldClock, encryption: MultiFernet = ENCRYPTION
) -> SigningKeys:
    return SigningKeys(database, database.transaction, encryption, clock.now, clock.ticks)


def test_the_first_key_is_made_once_whoever_comes_first(
    database: Database, clock: HeldClock
) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: keys_over(database, clock).ensure_one(), range(8)))
    keys = keys_over(database, clock)
    assert len(keys.published()["keys"]) == 1
    assert keys.published()["keys"][0]["kid"] == keys.signing_key().kid


def test_the_newest_key_signs_and_all_are_published_within_a_minute(
    database: Database, clock: HeldClock
) -> None:
    keys = keys_over(database, clock)
    keys.ensure_one()
    old = keys.signing_key().kid
    clock.pass_time(seconds=1)
    with database.transaction():
        keys_over(database, clock)._add_key()
    assert keys.signing_key().kid == old
    clock.pass_time(seconds=REREAD_SECONDS)
    assert keys.signing_key().kid != old
    published = keys.published()["keys"]
    assert {key["kid"] for key in published} == {old, keys.signing_key().kid}
    assert all({"kty", "crv", "x", "y", "use", "alg"} <= set(key) for key in published)
    assert {key.kid for key in keys.verifying_keys().keys} == {key["kid"] for key in published}


def test_private_halves_are_encrypted_at_rest(database: Database, clock: HeldClock) -> None:
    keys_over(database, clock).ensure_one()
    with database.connection() as connection:
        stored = connection.execute(signing_keys.select()).one()
    assert "d" not in stored.public_jwk
    assert b"PRIVATE" not in bytes(stored.private_key_encrypted)
    assert b"PRIVATE" in ENCRYPTION.decrypt(bytes(stored.private_key_encrypted))


def test_another_encryption_key_is_told_what_to_do_and_an_added_one_works(
    database: Database, clock: HeldClock
) -> None:
    keys_over(database, clock).ensure_one()
    new = Fernet(Fernet.generate_key())
    with pytest.raises(WrongEncryptionKey, match="Put back the key"):
        keys_over(database, clock, MultiFernet([new])).signing_key()
    added = MultiFernet([new, *ENCRYPTION._fernets])
    assert keys_over(database, clock, added).signing_key().kid
