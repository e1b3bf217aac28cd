"""Signing in with a username and a password: what is tried, and when that is refused before anybody looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.usernames import login_key
from authsvc.callers import Caller
from authsvc.credentials.password_policy import comparable_password
from authsvc.credentials.rules import the_login_meant
from authsvc.customer_sets.rules import Site
from authsvc.login.opening import SessionOpening, Shown
from authsvc.login.rules import (
    BadCredentials,
    EmailNotVerified,
    Opened,
    Opening,
    Proof,
    SignUpVerification,
)
from authsvc.second_factor.pending import NO_WISHES, Wishes

if TYPE_CHECKING:
    from authsvc.credentials.passwords import Passwords
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.devices.service import Devices
    from authsvc.guessing.service import Attempts

# How a session says its holder proved who they are.
PASSWORD = "password"  # noqa: S105  the name of a method
# The id of no account.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """The use case. Passwords are hashed outside of any transaction: a hash is long, a connection is dear."""

    directory: Directory
    credentials: CredentialStore
    passwords: Passwords
    attempts: Attempts
    devices: Devices
    verification: SignUpVerification
    session_opening: SessionOpening

    def open(
        self,
        caller: Caller,
        username: str,
        password: str,
        opening: Opening[Proof],
        wishes: Wishes = NO_WISHES,
    ) -> Opened[Proof]:
        """Open a session by `opening`, for the account of the site's set that username and password belong to.

        `wishes`: what a sign-in that waits for a second factor keeps of how the session is to be. Raises as
        `Login.sign_in`.
        """
        # As it is now: a remembered set would keep a new door closed, and a second look only then would take time.
        site = self.directory.fresh_site(caller.tenant_id, caller.site())
        try:
            return self._open_on(caller, site, username, password, opening, wishes)
        except BadCredentials:
            moved = self.directory.fresh_site(caller.tenant_id, caller.site())
            if moved.customer_set == site.customer_set:
                raise
            # The site went to another set, perhaps together with its customers, between two looks.
            return self._open_on(caller, moved, username, password, opening, wishes)

    def _open_on(
        self,
        caller: Caller,
        site: Site,
        username: str,
        password: str,
        opening: Opening[Proof],
        wishes: Wishes,
    ) -> Opened[Proof]:
        key = login_key(username) or ""
        found = self.credentials.answering_to(site.tenant_id, site.customer_set, key)
        login = the_login_meant(found, key)
        # Asked of nobody's account too, so that time does not tell who exists (rule 11).
        account_id, name = (login.account_id, login.username_key) if login else (NOBODY, key)
        device = self.devices.certain(site.tenant_id, account_id, caller.device)
        permit = self.attempts.begin(caller, site, name, device=device)
        typed = comparable_password(password)
        is_right = self.attempts.judge(
            permit, lambda: self.passwords.matches(site.tenant_id, login, typed)
        )
        if login is None or not is_right:
            raise BadCredentials
        self.attempts.succeeded(permit)
        is_outdated = self.passwords.is_outdated(login)
        rehashed = self.passwords.hashing.hash(typed.prepared) if is_outdated else None
        shown = Shown(
            login.account_id, name, (PASSWORD,), login.password_changed_at, wishes, rehashed
        )
        try:
            return self.session_opening.open(caller, site, shown, opening)
        except EmailNotVerified:  # whoever knows the password is mailed another link
            self.verification.remind_politely(site, login.account_id)
            raise
