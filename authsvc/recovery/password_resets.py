"""A forgotten password: asked for, mailed by the worker if there is anybody to mail, and replaced by who has the mail.

The request does the same for every name, known or not: one row and one job. Who is meant is found out by the worker, so
that neither answer nor time tells who exists (rule 11); the only one who learns anything is who reads the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import structlog

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import login_key
from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.credentials.policies import known_of
from authsvc.credentials.rules import the_login_meant
from authsvc.customer_sets.rules import Site
from authsvc.guessing.rules import Door
from authsvc.mail.rules import MailKind, host_for
from authsvc.recovery.rules import (
    MOST_RESETS,
    RESETS_WITHIN,
    LinkRefused,
    NobodyToReset,
    NoSiteToAnswer,
    Purpose,
    ResetRequest,
)
from authsvc.sessions.rules import EndReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.hashing import PasswordHashing
    from authsvc.credentials.policies import PasswordPolicies
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.guessing.service import Attempts
    from authsvc.infra.database import Transaction
    from authsvc.recovery.links import Links
    from authsvc.recovery.store import ResetRequestStore
    from authsvc.recovery.verification import EmailVerification
    from authsvc.sessions.service import Sessions

log = structlog.get_logger(__name__)

# A password that is replaced takes with it every other way to replace it.
REPLACED = frozenset({Purpose.PASSWORD_RESET, Purpose.INVITATION})


@dataclass(frozen=True, slots=True)
class PasswordResets:
    """The use cases.

    `answer_later`: (tenant, request) has the worker look at a request once the open transaction is committed.
    `says_who_exists`: the setting that restores the vendor's answer for an unknown name.
    """

    links: Links
    verification: EmailVerification
    requests: ResetRequestStore
    customer_sets: CustomerSets
    sessions: Sessions
    hashing: PasswordHashing
    policies: PasswordPolicies
    attempts: Attempts
    trail: AuditTrail
    transaction: Transaction
    answer_later: Callable[[int, UUID], None]
    says_who_exists: bool

    def request(
        self, caller: Caller, name: str, customer_set: str | None = None, host: str | None = None
    ) -> None:
        """Have a link mailed to the login of a set that `name` stands for, if there is one.

        `customer_set` None: that of the call's site. `host`: of the site's, the one that was asked. Raises `NoMail`,
        `UnknownSite`, `UnknownCustomerSet`, `SiteHasNoHost`, `TooManyFailures`; `NobodyToReset` only where the settings
        ask for it.
        """
        self.links.mails.ensure_offered()
        site = self._site(caller, customer_set)
        # Whatever comes of it: one address asks so often and no more.
        self.attempts.begin_without_account(caller, Door.RECOVERY)
        key = login_key(name) or ""
        if self.says_who_exists and self._meant(site.tenant_id, site.customer_set, key) is None:
            raise NobodyToReset
        with self.transaction():
            request = ResetRequest(
                caller.tenant_id,
                uuid4(),
                site.id,
                site.customer_set,
                host_for(site.id, site.hosts, host),
                key,
                caller.name,
                caller.application,
                caller.remote_address,
                caller.correlation_id,
                self.links.clock(),
            )
            self.requests.add(request)
            self.answer_later(caller.tenant_id, request.id)

    def answer(self, tenant_id: int, request_id: UUID) -> None:
        """Look at a request, as the worker: mail a link if there is somebody to mail it to."""
        with self.transaction():
            request = self.requests.take(tenant_id, request_id)
            if request is None:
                return
            account = self._meant(tenant_id, request.customer_set, request.login_key)
            if account is None:
                return
            # Held, so that requests which are answered at once are counted one by one.
            account = self.links.accounts.held(tenant_id, account.id)
            now, mails = self.links.clock(), self.links.mails
            mailed = mails.store.count_since(
                tenant_id, account.id, MailKind.PASSWORD_RESET, now - RESETS_WITHIN
            )
            if mailed >= MOST_RESETS:
                log.warning("too_many_resets", tenant_id=tenant_id, account_id=account.id)
                return
            self.links.mail(
                account,
                Purpose.PASSWORD_RESET,
                MailKind.PASSWORD_RESET,
                request.site_id,
                request.host,
                request_id=request_id,
            )
            self.trail.note(
                _who_asked(request), "account.password_reset_requested", f"account:{account.id}"
            )

    def look(self, tenant_id: int, token: str) -> CustomerAccount:
        """Return whose password a link replaces; raises `LinkRefused`."""
        return self.links.look(tenant_id, token, Purpose.PASSWORD_RESET)

    def complete(self, caller: Caller, token: str, new: str, name: str | None = None) -> None:
        """Replace a password by who has the link; the account is unlocked and signed out everywhere ([K] 3.3).

        `name`: the username that is said to be the account's, if one is. The link is used up by it, and of several who
        come with it at once one gets in. Raises `LinkRefused`, `Invalid` for a weak password, or `HashingBusy`.
        """
        with self.attempts.judged(caller, Door.LINK, LinkRefused):
            account = self.look(caller.tenant_id, token)
            if name is not None and login_key(name) not in {
                account.username_key,
                account.email_key,
            }:
                raise LinkRefused
        prepared = self.policies.accept(
            caller.tenant_id, account.customer_set, new, known_of(account)
        )
        # Outside of the transaction: a hash is long, a connection is dear.
        new_hash = self.hashing.hash(prepared)
        with self.transaction():
            account, link = self.links.take(caller.tenant_id, token, Purpose.PASSWORD_RESET)
            now = self.links.clock()
            self.links.credentials.set_password(caller.tenant_id, account.id, new_hash, now)
            self.links.store.void(caller.tenant_id, account.id, REPLACED)
            self.sessions.end_all(caller.tenant_id, account.id, EndReason.PASSWORD_CHANGED)
            self.trail.note(
                caller,
                "account.password_reset",
                f"account:{account.id}",
                [Change("password", None, None)],
            )
            self.verification.prove(account, link.email_address)
            self.links.accounts.set_locked(caller, account.id, locked=False)
            self._tell(account, link.site_id)
        self.attempts.forget(
            caller.tenant_id, account.customer_set, account.username_key, account.email_key
        )
        self.attempts.vouch(caller)

    def _tell(self, account: CustomerAccount, site_id: int) -> None:
        """Within a transaction, tell the holder that the password is another now, where they can be told."""
        site = self.links.sites.site(account.tenant_id, site_id)
        if account.email_address is None or site is None or not site.hosts:
            return
        letter = self.links.letter(
            account,
            MailKind.PASSWORD_CHANGED,
            site_id,
            site.hosts[0],
            account.email_address,
            self.links.clock() + RESETS_WITHIN * 24,
            {},
        )
        self.links.mails.put(account.tenant_id, letter)

    def _meant(self, tenant_id: int, customer_set: str, key: str) -> CustomerAccount | None:
        """Return the account whose login this is, if it can be mailed and may have a new password."""
        found = self.links.credentials.answering_to(tenant_id, customer_set, key) if key else []
        login = the_login_meant(found, key)
        if login is None:
            return None
        account = self.links.accounts.account(tenant_id, login.account_id)
        return account if account.is_active and account.email_address else None

    def _site(self, caller: Caller, customer_set: str | None) -> Site:
        """Return the call's site; where another set is meant, one of that set's that has a host."""
        if customer_set is None:
            return self.links.directory.fresh_site(caller.tenant_id, caller.site())
        named = self.customer_sets.customer_set(caller.tenant_id, customer_set, most_counted=0)
        if caller.site_id is not None:
            site = self.links.directory.fresh_site(caller.tenant_id, caller.site_id)
            if site.customer_set == named.customer_set.code:
                return site
        caller.refuse_beyond_its_site()
        for site in named.sites:
            if site.hosts:
                return site
        raise NoSiteToAnswer(named.customer_set.code)


def _who_asked(request: ResetRequest) -> Caller:
    return Caller(
        request.tenant_id,
        request.site_id,
        request.application,
        remote_address=request.remote_address,
        correlation_id=request.correlation_id,
    )
