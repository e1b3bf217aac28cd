"""What can come of a check besides a session; each class says what to do about it.

No text here holds a token, nor does anything these are raised from.
"""

from __future__ import annotations

from typing import ClassVar


class ClientError(Exception):
    """The base of all. `status`: what a service answers its own caller with, if it speaks HTTP."""

    status: ClassVar[int] = 500


class NoSession(ClientError):
    """The token shows no session that may be used on the site: let nobody in. `reason`: the service's word for it."""

    status = 401
    reason: ClassVar[str] = "no_session"
    advice: ClassVar[str] = "Sign in."

    def __init__(self) -> None:
        """Say what the caller should do."""
        super().__init__(self.advice)


class NotSignedIn(NoSession):
    """No session has this token, or no token was shown: send them to sign in."""


class SessionExpired(NoSession):
    """The ticket has run out: refresh it and ask again, or send them to sign in."""

    reason = "session_expired"
    advice = "Refresh the ticket, or sign in again."


class SessionEnded(NoSession):
    """Signed out, locked, disabled, a new password: send them to sign in."""

    reason = "session_ended"
    advice = "Sign in again."


class OtherCustomerSet(NoSession):
    """The account belongs to other sites: send them to sign in or sign up on this one."""

    reason = "other_customer_set"
    advice = "Sign in on this site, or sign up."


class UnknownSite(ClientError):
    """There is no such site: correct the number, or what maps hosts to it."""

    status = 404

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__("There is no such site. Look at the site's number and the tenant's.")


class CannotTell(ClientError):
    """It cannot be told now: let nobody in, and answer 503. It was tried again already.

    `retry_after_seconds`: when it makes sense to ask again.
    """

    status = 503

    def __init__(self, why: str, retry_after_seconds: int = 1) -> None:
        """Say in `why` what kept the answer away."""
        super().__init__(f"Whether the session is good cannot be told now: {why}.")
        self.retry_after_seconds = retry_after_seconds


class Misconfigured(ClientError):
    """The service refuses this client itself: correct its address, credentials or behaviors."""


REFUSALS: dict[str, type[NoSession]] = {
    each.reason: each for each in (NotSignedIn, SessionExpired, SessionEnded, OtherCustomerSet)
}
