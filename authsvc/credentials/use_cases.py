"""Passwords, hashed and compared as the settings say."""

from __future__ import annotations

from collections.abc import Callable

from authsvc.audit.store import AuditTrail
from authsvc.credentials.external_hash_store import ExternalHashStore
from authsvc.credentials.hashing import HashParameters, PasswordHashing
from authsvc.credentials.passwords import Passwords
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.password_verifiers.use_cases import connect_password_verifiers
from authsvc.settings import Settings


def connect_passwords(
    settings: Settings,
    database: Database,
    trail: AuditTrail,
    clock: Clock,
    ticks: Callable[[], float],
) -> Passwords:
    """Connect to `database`; the lanes are this process's own."""
    hashing = PasswordHashing(
        HashParameters(settings.argon2_time_cost, settings.argon2_memory_kib),
        lanes=settings.hashing_lanes,
        most_waiting=settings.hashing_queue,
        longest_wait_seconds=settings.hashing_wait_seconds,
    )
    verifiers = connect_password_verifiers(database, settings.encryption, trail, clock, ticks)
    return Passwords(hashing, ExternalHashStore(database), verifiers)
