"""Signing in, connected: the password's part, the second factor's, and what is there around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from authsvc.devices.service import Devices
from authsvc.guessing.service import Attempts
from authsvc.infra.database import Database
from authsvc.login.by_password import PasswordSignIn
from authsvc.login.completing import SignInCompletion
from authsvc.login.enrolling import Enrolling
from authsvc.login.opening import SessionOpening
from authsvc.login.rules import SignUpVerification
from authsvc.login.service import Login
from authsvc.mail.service import Mails
from authsvc.second_factor.service import EnrolledFactors
from authsvc.second_factor.use_cases import (
    SecondFactorCare,
    connect_second_factor_care,
    connect_second_factors,
)
from authsvc.sessions.jwt import JwtTickets


@dataclass(frozen=True, slots=True)
class SignIn:
    """What pages, calls and the worker ask of."""

    login: Login
    completion: SignInCompletion
    second_factors: SecondFactorCare


def connect_sign_in(
    database: Database,
    enrolling: Enrolling,
    attempts: Attempts,
    verification: SignUpVerification,
    devices: Devices,
    mails: Mails,
    jwt: JwtTickets,
    other_factors: Sequence[EnrolledFactors],
) -> SignIn:
    """Connect signing in to what signing up is made of and to sessions; `other_factors`: of other features."""
    factors = connect_second_factors(database, devices, enrolling.clock, other_factors)
    accounts, credentials, clock = enrolling.accounts, enrolling.credentials, enrolling.clock
    transaction = accounts.transaction
    opening = SessionOpening(accounts, credentials, factors, devices, transaction, clock)
    by_password = PasswordSignIn(
        enrolling.directory,
        credentials,
        enrolling.passwords,
        attempts,
        devices,
        verification,
        opening,
    )
    login = Login(
        enrolling.directory,
        accounts.customer_sets,
        accounts,
        credentials,
        accounts.sessions,
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
    care = connect_second_factor_care(
        database, factors, mails, accounts, credentials, enrolling.directory, attempts
    )
    return SignIn(login, SignInCompletion(login, factors, care.typed_codes), care)
