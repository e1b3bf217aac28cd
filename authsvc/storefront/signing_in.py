"""Signing up and in from a form: what `login` does, with a cookie for proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import EmailAddressTaken, UsernameTaken
from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site
from authsvc.errors import Conflict
from authsvc.login.rules import EmailNotVerified, Enrolment, Opening, identifiers
from authsvc.second_factor.pending import Wishes
from authsvc.sessions.rules import Holder, IssuedCookie

if TYPE_CHECKING:
    from authsvc.login.service import Login
    from authsvc.sessions.browser import BrowserSessions


class NameTaken(Conflict):
    """The set has a login of this username or e-mail address; which of the two is not said."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This e-mail address cannot be used for a new account here. Sign in, or use another."
        )


@dataclass(frozen=True, slots=True)
class FormSignIn:
    """The use cases.

    Where a set has its shoppers confirm their address first, whoever signs up is answered alike, and an address that is
    taken is only told to who reads its mail. Elsewhere they are signed in at once, and have to be told that a name is
    taken: as much as the vendor's API says. `Login` keeps anybody from asking for a thousand names.
    """

    login: Login
    browser_sessions: BrowserSessions

    def sign_in(
        self, caller: Caller, username: str, password: str, *, remembered: bool
    ) -> IssuedCookie:
        """Sign in; raises as `Login.sign_in` does."""
        return self.login.by_password.open(
            caller,
            username,
            password,
            self.opening(remembered=remembered),
            Wishes(remembered=remembered),
        ).proof

    def sign_up(self, caller: Caller, enrolment: Enrolment, *, remembered: bool) -> IssuedCookie:
        """Sign up; raises `NameTaken`, `EmailNotVerified`, `TooManyFailures`, `Invalid` or `HashingBusy`."""
        site = self.login.directory.site(caller.tenant_id, caller.site())
        try:
            return self.login.open_by_signing_up(
                caller, enrolment, self.opening(remembered=remembered)
            ).proof
        except (UsernameTaken, EmailAddressTaken) as taken:
            if self._is_told_by_mail(site, enrolment):
                # The same work and the same answer as if it had been free.
                self.login.enrolling.stored_password(caller, site.customer_set, enrolment)
                raise EmailNotVerified from taken
            raise NameTaken from taken

    def _is_told_by_mail(self, site: Site, enrolment: Enrolment) -> bool:
        """Mail the holder of the address, where mail is how the site answers who signs up."""
        _, email_address = identifiers(enrolment.fields)
        verification = self.login.verification
        return (
            email_address is not None
            and verification.answers_by_mail(site)
            and verification.tell_holder(site, email_address)
        )

    def opening(self, *, remembered: bool) -> Opening[IssuedCookie]:
        """Return what opens a session that a cookie shows."""

        def open_session(site: Site, holder: Holder, methods: tuple[str, ...]) -> IssuedCookie:
            return self.browser_sessions.open(site, holder, methods, remembered=remembered)

        return open_session
