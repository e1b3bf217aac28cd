"""Signing in, connected."""

from __future__ import annotations

from authsvc.customer_sets.service import CustomerSets
from authsvc.devices.service import Devices
from authsvc.guessing.service import Attempts
from authsvc.login.by_password import PasswordSignIn
from authsvc.login.enrolling import Enrolling
from authsvc.login.opening import SessionOpening
from authsvc.login.rules import SignUpVerification
from authsvc.login.service import Login
from authsvc.second_factor.service import SecondFactors
from authsvc.sessions.jwt import JwtTickets
from authsvc.sessions.service import Sessions


def connect_login(
    enrolling: Enrolling,
    customer_sets: CustomerSets,
    sessions: Sessions,
    attempts: Attempts,
    verification: SignUpVerification,
    *,
    devices: Devices,
    second_factors: SecondFactors,
    jwt: JwtTickets,
) -> Login:
    """Connect signing in to what signing up is made of, to sessions, and to the step between."""
    accounts, credentials, clock = enrolling.accounts, enrolling.credentials, enrolling.clock
    transaction = accounts.transaction
    opening = SessionOpening(accounts, credentials, second_factors, devices, transaction, clock)
    by_password = PasswordSignIn(
        enrolling.directory,
        credentials,
        enrolling.passwords,
        attempts,
        devices,
        verification,
        opening,
    )
    return Login(
        enrolling.directory,
        customer_sets,
        accounts,
        credentials,
        sessions,
        enrolling.passwords,
        attempts,
        enrolling,
        verification,
        devices,
        jwt,
        opening,
        by_password,
        transaction,
        clock,
    )
