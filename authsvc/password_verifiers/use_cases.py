"""Merchants' verifiers, connected."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.fernet import MultiFernet

from authsvc.audit.store import AuditTrail
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.password_verifiers.breaker import Breaker
from authsvc.password_verifiers.calls import ask
from authsvc.password_verifiers.service import Lanes, PasswordVerifiers
from authsvc.password_verifiers.store import VerifierStore


def connect_password_verifiers(
    database: Database,
    encryption: MultiFernet,
    trail: AuditTrail,
    clock: Clock,
    ticks: Callable[[], float],
) -> PasswordVerifiers:
    """Connect to `database`; threads and what is known of endpoints are this process's own."""
    return PasswordVerifiers(
        VerifierStore(database, encryption),
        ask,
        Breaker(ticks),
        Lanes(),
        trail,
        database.transaction,
        clock,
    )
