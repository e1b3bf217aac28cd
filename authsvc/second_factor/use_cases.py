"""Second factors, connected: the step that signing in takes, and what else there is to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from authsvc.accounts.service import Accounts
from authsvc.credentials.store import CredentialStore
from authsvc.customer_sets.directory import Directory
from authsvc.devices.service import Devices
from authsvc.guessing.service import Attempts
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.job_queue import JobQueue, Task
from authsvc.mail.letters import Letters
from authsvc.mail.service import Mails
from authsvc.regrouping.site_store import SiteStore
from authsvc.second_factor.authenticator_apps import AuthenticatorApps
from authsvc.second_factor.authenticator_store import AuthenticatorStore
from authsvc.second_factor.email_codes import EmailCodes
from authsvc.second_factor.pending_store import PendingStore
from authsvc.second_factor.policies import SecondFactorPolicies
from authsvc.second_factor.service import EnrolledFactors, SecondFactors
from authsvc.second_factor.sign_in_codes import SignInCodes
from authsvc.second_factor.store import SecondFactorStore
from authsvc.second_factor.typed_codes import TypedCodes


@dataclass(frozen=True, slots=True)
class SecondFactorCare:
    """What pages, calls and the worker ask of."""

    factors: SecondFactors
    policies: SecondFactorPolicies
    email_codes: EmailCodes
    sign_in_codes: SignInCodes
    typed_codes: TypedCodes
    apps: AuthenticatorApps


def connect_second_factors(
    database: Database, devices: Devices, clock: Clock, others: Sequence[EnrolledFactors] = ()
) -> SecondFactors:
    """Connect the step between password and session, below signing in; `others`: factors of other features."""
    return SecondFactors(
        SecondFactorStore(database),
        PendingStore(database),
        AuthenticatorStore(database),
        devices,
        clock,
        others,
    )


def connect_second_factor_care(
    database: Database,
    factors: SecondFactors,
    mails: Mails,
    accounts: Accounts,
    credentials: CredentialStore,
    directory: Directory,
    attempts: Attempts,
) -> SecondFactorCare:
    """Connect the use cases around that step."""
    trail, transaction, clock = accounts.trail, database.transaction, factors.clock
    letters = Letters(SiteStore(database))
    codes = EmailCodes(factors.pending, mails, letters, accounts, directory, transaction, clock)
    typed = TypedCodes(
        codes, factors.pending, factors.authenticators, mails.encryption, trail, clock
    )
    return SecondFactorCare(
        factors,
        SecondFactorPolicies(factors.store, accounts.customer_sets, mails, trail, transaction),
        codes,
        SignInCodes(
            codes,
            factors.store,
            credentials,
            attempts,
            partial(JobQueue(database).put, Task.ANSWER_CODE_REQUEST),
        ),
        typed,
        AuthenticatorApps(
            factors,
            typed,
            accounts,
            mails,
            letters,
            mails.encryption,
            trail,
            transaction,
            clock,
        ),
    )
