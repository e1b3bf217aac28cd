"""Ways into an account by mail, connected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.service import Accounts
from authsvc.callers import Caller
from authsvc.credentials.service import Credentials
from authsvc.credentials.store import CredentialStore
from authsvc.customer_sets.directory import Directory
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.job_queue import JobQueue, Task
from authsvc.login.on_behalf import OnBehalf
from authsvc.login.use_cases import SignIn
from authsvc.mail.service import Mails
from authsvc.recovery.address_notice import AddressNotice
from authsvc.recovery.email_changes import EmailChanges
from authsvc.recovery.invitations import Invitations
from authsvc.recovery.links import Links
from authsvc.recovery.mailed_links import MailedLinks
from authsvc.recovery.password_resets import PasswordResets
from authsvc.recovery.store import LinkStore, ResetRequestStore
from authsvc.recovery.verification import EmailVerification
from authsvc.recovery.verification_store import VerificationStore
from authsvc.regrouping.site_store import SiteStore
from authsvc.settings import Settings


@dataclass(frozen=True, slots=True)
class Recovery:
    """What pages, calls and the worker ask of."""

    links: Links
    password_resets: PasswordResets
    invitations: Invitations
    email_changes: EmailChanges
    verification: EmailVerification


def connect_address_notice(database: Database, mails: Mails, clock: Clock) -> AddressNotice:
    """Connect what changing an account's address tells."""
    return AddressNotice(MailedLinks(LinkStore(database), mails, SiteStore(database), clock))


def connect_verification(
    database: Database,
    mails: Mails,
    accounts: Accounts,
    credentials: CredentialStore,
    directory: Directory,
    clock: Clock,
) -> EmailVerification:
    """Connect what signing up asks of, below everything else that mails links."""
    links = Links(
        LinkStore(database), mails, SiteStore(database), clock, accounts, credentials, directory
    )
    return EmailVerification(
        links,
        VerificationStore(database),
        accounts.customer_sets,
        accounts.trail,
        database.transaction,
    )


def connect_recovery(
    settings: Settings,
    database: Database,
    verification: EmailVerification,
    sign_in: SignIn,
    on_behalf: OnBehalf,
    credentials: Credentials,
    forget_passkeys: Callable[[Caller, CustomerAccount], None],
) -> Recovery:
    """Connect the use cases to their stores and to what signing in is made of."""
    login = sign_in.login
    trail, transaction = login.accounts.trail, login.transaction
    links = verification.links
    resets = PasswordResets(
        links,
        verification,
        ResetRequestStore(database),
        login.customer_sets,
        login.sessions,
        login.passwords.hashing,
        login.enrolling.policies,
        login.attempts,
        trail,
        transaction,
        partial(JobQueue(database).put, Task.ANSWER_RESET_REQUEST),
        says_who_exists=settings.password_reset_answer == "vendor",  # noqa: S105  no password
    )
    invitations = Invitations(links, verification, login.enrolling, on_behalf, trail, transaction)
    changes = EmailChanges(
        links,
        verification,
        credentials,
        login.sessions,
        sign_in.second_factors.apps,
        trail,
        transaction,
        forget_passkeys,
    )
    return Recovery(links, resets, invitations, changes, verification)
