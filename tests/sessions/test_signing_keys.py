"""The keys that sign JWTs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet, MultiFernet

from authsvc.infra.database import Database
from authsvc.infra.schema import signing_keys
from authsvc.sessions.key_ring import LATE_SIGNATURES, LONGEST_TOKEN, PUBLISHED_AHEAD
from authsvc.sessions.key_rotation import KeyIsNeeded, KeyIsWaiting, KeyRotation, UnknownKey
from authsvc.sessions.signing_keys import LOOKS_APART_SECONDS, SigningKeys, WrongEncryptionKey
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
    return SigningKeys(database, encryption, clock.now, clock.ticks)


def rotation_of(database: Database, clock: HeldClock) -> KeyRotation:
    return KeyRotation(database, database.transaction, ENCRYPTION, clock.now)


def signing(keys: SigningKeys) -> str:
    return str(keys.signing_key().kid)


def published(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in keys.published()["keys"]]


def test_the_first_key_is_made_once_whoever_comes_first(
    database: Database, clock: HeldClock
) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: rotation_of(database, clock).ensure_one(), range(8)))
    keys = keys_over(database, clock)
    assert published(keys) == [signing(keys)]


def test_a_key_is_published_before_it_signs_and_until_its_last_token_has_expired(
    database: Database, clock: HeldClock
) -> None:
    keys, rotation = keys_over(database, clock), rotation_of(database, clock)
    rotation.ensure_one()
    old = signing(keys)
    new = rotation.rotate().kid
    with pytest.raises(KeyIsWaiting, match="Rotate again after that"):
        rotation.rotate()
    with pytest.raises(KeyIsNeeded, match="signs"):
        rotation.retire(old)
    clock.pass_time(seconds=LOOKS_APART_SECONDS)
    assert set(published(keys)) == {old, new}
    assert all(
        {"kty", "crv", "x", "y", "use", "alg"} <= set(key) for key in keys.published()["keys"]
    )
    clock.pass_time(seconds=PUBLISHED_AHEAD.total_seconds() - 2)
    assert signing(keys) == old
    # Every machine changes over at the same moment, by what it read before.
    clock.pass_time(seconds=1)
    assert signing(keys) == new

    clock.pass_time(seconds=(LATE_SIGNATURES + LONGEST_TOKEN).total_seconds() - 1)
    assert rotation.retire_finished(clock.now()) == 0
    with pytest.raises(KeyIsNeeded, match="good until"):
        rotation.retire(old)
    assert set(published(keys)) == {old, new}
    clock.pass_time(seconds=1)
    rotation.retire(old)
    rotation.retire(old)
    clock.pass_time(seconds=LOOKS_APART_SECONDS)
    assert published(keys) == [new]
    # Receipts are verified for years.
    assert {key["kid"] for key in keys.ever_published()["keys"]} == {old, new}
    with database.connection() as connection:
        stored = {row.kid: row for row in connection.execute(signing_keys.select())}
    assert stored[old].private_key_encrypted is None


def test_a_key_that_was_made_in_error_goes_before_it_signs(
    database: Database, clock: HeldClock
) -> None:
    keys, rotation = keys_over(database, clock), rotation_of(database, clock)
    rotation.ensure_one()
    old = signing(keys)
    rotation.retire(rotation.rotate().kid)
    clock.pass_time(days=2)
    assert published(keys) == [old] == [signing(keys)]
    with pytest.raises(UnknownKey, match="authsvc keys list"):
        rotation.retire("no such key")


def test_a_clock_that_is_put_back_finds_the_key_of_then(
    database: Database, clock: HeldClock
) -> None:
    keys, rotation = keys_over(database, clock), rotation_of(database, clock)
    rotation.ensure_one()
    old = signing(keys)
    rotation.rotate()
    clock.pass_time(hours=2)
    assert signing(keys) != old
    behind = SigningKeys(database, ENCRYPTION, lambda: clock.now() - timedelta(days=1), clock.ticks)
    assert signing(behind) == old


def test_private_halves_are_encrypted_at_rest(database: Database, clock: HeldClock) -> None:
    rotation_of(database, clock).ensure_one()
    with database.connection() as connection:
        stored = connection.execute(signing_keys.select()).one()
    assert "d" not in stored.public_jwk
    assert b"PRIVATE" not in bytes(stored.private_key_encrypted)
    assert b"PRIVATE" in ENCRYPTION.decrypt(bytes(stored.private_key_encrypted))


def test_another_encryption_key_is_told_what_to_do_and_an_added_one_works(
    database: Database, clock: HeldClock
) -> None:
    rotation_of(database, clock).ensure_one()
    new = Fernet(Fernet.generate_key())
    with pytest.raises(WrongEncryptionKey, match="Put back the key"):
        keys_over(database, clock, MultiFernet([new])).signing_key()
    added = MultiFernet([new, *ENCRYPTION._fernets])
    assert keys_over(database, clock, added).signing_key().kid
