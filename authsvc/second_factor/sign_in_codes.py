"""Signing in without a password: a code by e-mail, to whoever reads the mailbox ([K] 2.6, OTP).

Asking does the same for every name, known or not: one row and one job, and the worker finds out whom to mail. So does
showing a wrong code.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from authsvc import tokens
from authsvc.accounts.usernames import login_key
from authsvc.callers import Caller
from authsvc.credentials.rules import the_login_meant
from authsvc.errors import Forbidden
from authsvc.guessing.rules import Door
from authsvc.mail.rules import host_for
from authsvc.second_factor.pending import NO_WISHES, PENDING, PendingSignIn, Wishes
from authsvc.second_factor.rules import Factor, Policy
from authsvc.tokens import Audience

if TYPE_CHECKING:
    from collections.abc import Callable

    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.rules import Site
    from authsvc.guessing.service import Attempts
    from authsvc.second_factor.email_codes import EmailCodes
    from authsvc.second_factor.store import SecondFactorStore


class SignInCodesOff(Forbidden):
    """The customer set wants a password of everybody."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This site does not sign in by a code alone. Sign in with the password.")


@dataclass(frozen=True, slots=True)
class SignInCodes:
    """The use cases. `answer_later`: (tenant, request) has the worker look at a request after the open transaction."""

    codes: EmailCodes
    store: SecondFactorStore
    credentials: CredentialStore
    attempts: Attempts
    answer_later: Callable[[int, UUID], None]

    def request(self, caller: Caller, name: str) -> None:
        """Have a code mailed, for an application that will name the same address with it; raises as `begin`."""
        self._begin(caller, name, of_application(caller, name), NO_WISHES)

    def begin(self, caller: Caller, name: str, wishes: Wishes) -> str:
        """Have a code mailed, if there is anybody to mail it to; return the token of the sign-in that waits for it.

        Raises `SignInCodesOff`, `NoMail`, `SiteHasNoHost`, `UnknownSite`, `TooManyFailures`.
        """
        token = tokens.new_token(caller.tenant_id, Audience.PENDING)
        self._begin(caller, name, tokens.digest(token), wishes)
        return token

    def _begin(self, caller: Caller, name: str, digest: bytes, wishes: Wishes) -> None:
        self.codes.mails.ensure_offered()
        site = self.codes.directory.fresh_site(caller.tenant_id, caller.site())
        host_for(site.id, site.hosts)
        self.ensure_allowed(site)
        # Whatever comes of it: one address asks so often and no more.
        self.attempts.begin_without_account(caller, Door.RECOVERY)
        request_id = uuid4()
        with self.codes.transaction():
            self.codes.pending.put(
                PendingSignIn(
                    site.tenant_id,
                    digest,
                    site.id,
                    login_key(name) or "",
                    None,
                    (),
                    frozenset({Factor.EMAIL_CODE}),
                    None,
                    caller.application,
                    wishes,
                    caller.device.fingerprint if caller.device else "",
                    caller.device.region if caller.device else "",
                    self.codes.clock() + PENDING,
                    request_id=request_id,
                )
            )
            self.answer_later(site.tenant_id, request_id)

    def repeat(self, caller: Caller, pending: PendingSignIn) -> None:
        """Have another code mailed for a sign-in without password; raises as `begin`, and `TooManyFailures`."""
        self.attempts.begin_without_account(caller, Door.RECOVERY)
        request_id = uuid4()
        with self.codes.transaction():
            self.codes.pending.ask(caller.tenant_id, pending.digest, request_id)
            self.answer_later(caller.tenant_id, request_id)

    def is_allowed(self, tenant_id: int, customer_set: str) -> bool:
        """Tell whether a set lets anybody in by a code alone."""
        return (self.store.policy(tenant_id, customer_set) or Policy()).sign_in_codes

    def is_offered(self, site: Site) -> bool:
        """Tell whether such codes can be mailed, and the site's set lets them."""
        return self.codes.mails.is_offered and self.is_allowed(site.tenant_id, site.customer_set)

    def ensure_allowed(self, site: Site) -> None:
        """Raise `SignInCodesOff` where the site's set wants a password of everybody."""
        if not self.is_allowed(site.tenant_id, site.customer_set):
            raise SignInCodesOff

    def answer(self, tenant_id: int, request_id: UUID) -> None:
        """Look at a request, as the worker: mail a code if there is somebody to mail it to."""
        with self.codes.transaction():
            pending = self.codes.pending.asked(tenant_id, request_id, self.codes.clock())
            if pending is None:
                return
            site = self.codes.directory.fresh_site(tenant_id, pending.site_id)
            key = pending.login_key
            found = self.credentials.answering_to(tenant_id, site.customer_set, key) if key else []
            login = the_login_meant(found, key)
            if login is None or not self.is_allowed(tenant_id, site.customer_set):
                return
            # Held, so that requests which are answered at once are counted one by one.
            account = self.codes.accounts.held(tenant_id, login.account_id)
            if account.is_active and site.hosts:
                self.codes.put(account, site, request_id, password_known=False)


def of_application(caller: Caller, name: str) -> bytes:
    """Return what the sign-in is known by that an application asked a code for: the vendor's calls carry no token."""
    told = f"{caller.application}\0{caller.site()}\0{login_key(name) or ''}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()
