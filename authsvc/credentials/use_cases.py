"""Passwords, hashed and compared as the settings say."""

from __future__ import annotations

from authsvc.credentials.external_hash_store import ExternalHashStore
from authsvc.credentials.hashing import HashParameters, PasswordHashing
from authsvc.credentials.passwords import Passwords
from authsvc.infra.database import Database
from authsvc.settings import Settings


def connect_passwords(settings: Settings, database: Database) -> Passwords:
    """Connect to `database`; the lanes are this process's own."""
    hashing = PasswordHashing(
        HashParameters(settings.argon2_time_cost, settings.argon2_memory_kib),
        lanes=settings.hashing_lanes,
        most_waiting=settings.hashing_queue,
        longest_wait_seconds=settings.hashing_wait_seconds,
    )
    return Passwords(hashing, ExternalHashStore(database))
