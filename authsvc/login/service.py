"""The stories of signing up and signing in: site → customer set → account → session → ticket."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount, EmailAddressTaken, UsernameTaken
from authsvc.callers import Caller, acted_for_by
from authsvc.credentials.rules import HasLogin
from authsvc.customer_sets.rules import Site
from authsvc.errors import Conflict, Invalid
from authsvc.guessing.rules import Door
from authsvc.login.by_password import PasswordSignIn
from authsvc.login.enrolling import Enrolling
from authsvc.login.opening import SessionOpening
from authsvc.login.rules import (
    NO_WISHES,
    EmailNotVerified,
    Enrolment,
    Opened,
    Opening,
    Proof,
    SignUpVerification,
    Ticket,
    WantedLifetimes,
    ensure_of_set,
    holder_of,
    identifiers,
    kept,
    lifetimes_for,
)
from authsvc.sessions.rules import Holder, IssuedTokens, Lifetimes, UnknownRefreshToken

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.credentials.passwords import Passwords
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.devices.service import Devices
    from authsvc.guessing.service import Attempts
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.jwt import JwtTickets
    from authsvc.sessions.service import Sessions

# How a session says that its holder proved nothing: the account was made with it.
NEW_ACCOUNT = "new_account"


@dataclass(frozen=True, slots=True)
class Login:
    """The use cases. Passwords are hashed outside of any transaction: a hash is long, a connection is dear."""

    directory: Directory
    customer_sets: CustomerSets
    accounts: Accounts
    credentials: CredentialStore
    sessions: Sessions
    passwords: Passwords
    attempts: Attempts
    enrolling: Enrolling
    verification: SignUpVerification
    devices: Devices
    jwt: JwtTickets
    session_opening: SessionOpening
    by_password: PasswordSignIn
    transaction: Transaction
    clock: Clock

    def sign_in(
        self,
        caller: Caller,
        username: str,
        password: str,
        wishes: WantedLifetimes = NO_WISHES,
    ) -> Ticket:
        """Open a session for the account of the site's set that username and password belong to.

        Raises `BadCredentials` for every way of not belonging (rule 11), and only to who knows the password
        `AccountLocked`, `AccountDisabled`, `PasswordChangeRequired`, `EmailNotVerified`, `NoFactorPossible` or
        `SecondFactorRequired`, which carries how to go on; `TooManyFailures`, `HashingBusy`.
        """
        opened = self.by_password.open(
            caller,
            username,
            password,
            self.opening(lifetimes_for(caller, wishes, self.sessions.lifetimes)),
            kept(wishes),
        )
        return self.ticket_of(caller, opened)

    def sign_up(
        self, caller: Caller, enrolment: Enrolment, wishes: WantedLifetimes = NO_WISHES
    ) -> Ticket:
        """Create an account with a login in the set of the call's site, and sign it in (rules 7, 8, 10).

        Raises `EmailAddressTaken`, `UsernameTaken`, `Invalid` for a weak password, a malformed name, or one that
        nobody could confirm where that is required,
        `TooManyFailures` where too many names were asked for that are taken, and `EmailNotVerified` where the account
        was made and nobody is signed in before its address is confirmed.
        """
        opening = self.opening(lifetimes_for(caller, wishes, self.sessions.lifetimes))
        ticket = self.ticket_of(caller, self.open_by_signing_up(caller, enrolment, opening))
        if not enrolment.said or ticket.account is None:
            return ticket
        beside = self.enrolling.whole_accounts.beside_for_shopper(caller, ticket.account)
        return replace(ticket, beside=beside)

    def open_by_signing_up(
        self, caller: Caller, enrolment: Enrolment, opening: Opening[Proof]
    ) -> Opened[Proof]:
        """Open a session as `sign_up` does, by `opening`; raises the same."""
        # Whoever hears that a name is taken has learnt who exists: one address hears it so often and no more. Where
        # mail is the answer both cases count, so that counting does not tell them apart.
        learns = (UsernameTaken, EmailAddressTaken, EmailNotVerified)
        with self.attempts.judged(caller, Door.SIGN_UP, *learns):
            return self._sign_up(caller, enrolment, opening)

    def _sign_up(
        self, caller: Caller, enrolment: Enrolment, opening: Opening[Proof]
    ) -> Opened[Proof]:
        username, email_address = identifiers(enrolment.fields)
        asking = self.directory.fresh_site(caller.tenant_id, caller.site())
        self.verification.ensure_can_confirm(asking, username, email_address)
        enrolment, stored = self.enrolling.prepared(caller, caller.site(), enrolment)
        with self.transaction():
            site = self.customer_sets.site_for_enrolment(caller.tenant_id, caller.site())
            account = self.enrolling.enrol(caller, site, enrolment, stored)
            proof = self._opened_anew(caller, site, account, opening)
            self.directory.remember(site)
        if proof is None:
            raise EmailNotVerified
        return Opened(site, account, proof, (NEW_ACCOUNT,))

    def create_login(
        self,
        caller: Caller,
        account_id: int,
        enrolment: Enrolment,
        wishes: WantedLifetimes = NO_WISHES,
    ) -> Ticket:
        """Give a guest account its login, once, and sign it in (rule 12).

        Raises `UnknownAccount`, `HasLogin`, `Invalid` (also for a taken username, as the vendor answers [K] 1.5), and
        `EmailNotVerified` where the login was made and nobody is signed in before its address is confirmed.
        """
        lifetimes = lifetimes_for(caller, wishes, self.sessions.lifetimes)
        existing = self.accounts.account(caller.tenant_id, account_id)
        given = {name: value for name, value in enrolment.fields.items() if value}
        fields = {"email_address": existing.email_address, "username": existing.username} | given
        username, email_address = identifiers(fields)
        about = {"first_name": existing.first_name, "last_name": existing.last_name}
        enrolment = replace(enrolment, fields=about | fields)
        if existing.has_login:
            # The password first: what is wrong with it is told in any case.
            self.enrolling.accept(existing.tenant_id, existing.customer_set, enrolment)
            raise HasLogin
        stored = self.enrolling.stored_password(caller, existing.customer_set, enrolment)
        with self.transaction():
            account = self.accounts.held(caller.tenant_id, account_id)
            if account.has_login:
                raise HasLogin
            try:
                self.enrolling.claim(
                    account.tenant_id,
                    account.customer_set,
                    username,
                    email_address,
                    besides=account_id,
                )
                self.accounts.update(
                    caller, account_id, {"username": username, "email_address": email_address}
                )
            except Conflict as taken:
                raise Invalid("username", taken.message) from taken
            self.enrolling.add_login(caller, account_id, username, stored)
            account = self.accounts.account(caller.tenant_id, account_id)
            # Not held: whoever moves sites and accounts holds the accounts first.
            site = self.directory.fresh_site(caller.tenant_id, caller.site())
            ensure_of_set(site, account)
            proof = self._opened_anew(caller, site, account, self.opening(lifetimes))
        if proof is None:
            raise EmailNotVerified
        return self._ticket(caller, site, holder_of(account), proof, account)

    def _opened_anew(
        self, caller: Caller, site: Site, account: CustomerAccount, opening: Opening[Proof]
    ) -> Proof | None:
        """Within the transaction that made a login, open its first session; None where that waits for a mail's link."""
        if self.verification.begin(site, account):
            return None
        proof = opening(site, holder_of(account), (NEW_ACCOUNT,))
        self.devices.signed_in(caller, site, account, proof.session_id)
        return proof

    def anonymous(self, caller: Caller) -> Ticket:
        """Hand a ticket to a shopper who is not signed in ([K] 2.3)."""
        site = self.directory.site(caller.tenant_id, caller.site())
        holder, tokens = self.sessions.open_anonymous(site)
        return self._ticket(caller, site, holder, tokens, None)

    def refresh(self, caller: Caller, refresh_token: str) -> Ticket:
        """Continue a session on a site of its set; raises `UnknownRefreshToken`."""
        site = self.directory.fresh_site(caller.tenant_id, caller.site())
        try:
            session, tokens = self.sessions.refresh(refresh_token, site, caller)
        except UnknownRefreshToken:
            moved = self.directory.fresh_site(caller.tenant_id, caller.site())
            if moved.customer_set == site.customer_set:
                raise
            site = moved
            session, tokens = self.sessions.refresh(refresh_token, site, caller)
        account = (
            self.accounts.account(caller.tenant_id, session.account_id)
            if session.account_id
            else None
        )
        holder = holder_of(account) if account else Holder(None, session.user_id)
        return self._ticket(caller, site, holder, tokens, account, session.methods)

    def opening(self, lifetimes: Lifetimes) -> Opening[IssuedTokens]:
        """Return what opens a session that a ticket shows, which lasts so long."""
        return lambda site, holder, methods: self.sessions.open(site, holder, methods, lifetimes)

    def ticket_of(self, caller: Caller, opened: Opened[IssuedTokens]) -> Ticket:
        """Return the ticket that shows a session."""
        account = opened.account
        holder = holder_of(account)
        return self._ticket(caller, opened.site, holder, opened.proof, account, opened.methods)

    def _ticket(
        self,
        caller: Caller,
        site: Site,
        holder: Holder,
        tokens: IssuedTokens,
        account: CustomerAccount | None,
        methods: tuple[str, ...] = (),
    ) -> Ticket:
        before = caller.shopper if account is not None else None
        anonymous_id = before.user_id if before and before.account_id is None else None
        signed = self.jwt.sign(
            site,
            holder,
            tokens,
            caller.application,
            anonymous_id,
            methods=methods,
            acted_for_by=acted_for_by(methods),
        )
        return Ticket(tokens, signed, holder.user_id, account)
