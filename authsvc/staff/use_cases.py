"""All that is done with staff in one hand, over one set of stores; app.py, the pages and the CLI take it from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from authsvc.audit.store import AuditTrail
from authsvc.credentials.hashing import PasswordHashing
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.settings import Settings
from authsvc.staff.attempts import StaffAttempts
from authsvc.staff.rules import SecondFactor, StaffLifetimes
from authsvc.staff.second_factor import SecondFactors
from authsvc.staff.service import StaffUsers
from authsvc.staff.session_store import StaffSessionStore
from authsvc.staff.sign_in import StaffSignIn
from authsvc.staff.store import StaffStore


@dataclass(frozen=True, slots=True)
class Staff:
    """The use cases, by subject."""

    users: StaffUsers
    sign_in: StaffSignIn
    second_factors: SecondFactors
    attempts: StaffAttempts

    def purge(self, before: datetime) -> int:
        """Delete sessions that ended, and attempts that were made, before that moment; returns how many sessions."""
        self.attempts.purge(before)
        return self.sign_in.sessions.purge(before)


def connect_staff(
    settings: Settings,
    database: Database,
    hashing: PasswordHashing,
    trail: AuditTrail,
    clock: Clock,
    end_acting: Callable[[int, str], None],
) -> Staff:
    """Connect the use cases to their stores; `end_acting` as in `StaffUsers`."""
    transaction, encryption = database.transaction, settings.encryption
    lifetimes = StaffLifetimes(
        timedelta(seconds=settings.staff_session_idle_seconds),
        timedelta(seconds=settings.staff_session_seconds),
    )
    policy = SecondFactor(settings.staff_second_factor)
    store, sessions = StaffStore(database), StaffSessionStore(database)
    attempts = StaffAttempts(database, transaction, clock)
    sign_in = StaffSignIn(
        store, sessions, hashing, attempts, trail, transaction, clock, lifetimes, policy, end_acting
    )
    return Staff(
        StaffUsers(store, sessions, hashing, attempts, trail, transaction, clock, end_acting),
        sign_in,
        SecondFactors(
            store, sessions, sign_in, attempts, encryption, trail, transaction, clock, end_acting
        ),
        attempts,
    )
