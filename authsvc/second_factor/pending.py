"""A sign-in that waits for its second factor, or for a code in place of a password; how it is refused.

It is no session. Its token is the vendor's limited ticket ([K] 2.6) or stands in a browser's cookie, is good for this
one sign-in, at this site, in the hands that got it, for minutes; only its digest is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from authsvc.errors import Forbidden, NotAuthenticated
from authsvc.second_factor.rules import Factor

# Long enough to fetch the telephone and wait for a mail, short enough that nobody finds it open (seconds).
PENDING_SECONDS = 600
PENDING = timedelta(seconds=PENDING_SECONDS)
# [K] 2.6: a code lives 3 minutes, and after 3 wrong entries a new one must be asked for.
CODE_SECONDS = 180
CODE_LIFETIME = timedelta(seconds=CODE_SECONDS)
TRIES = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the session is to be like once it opens: a ticket's tokens (seconds), or a cookie that is remembered."""

    access_seconds: int | None = None
    refresh_seconds: int | None = None
    remembered: bool = False


NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """What is stored of it.

    `account_id`: None while nobody has looked whose `login_key` it is. `methods`: what was shown so far. `factors`: of
    which one is still to be given. `password_changed_at`: tells the password that was shown from a later one.
    `application`: which must complete what it began; None for a browser. `fingerprint`, `region`: as they were told at
    its beginning. `code`: encrypted, until `code_good_until`.
    """

    tenant_id: int
    digest: bytes
    site_id: int
    login_key: str
    account_id: int | None
    methods: tuple[str, ...]
    factors: frozenset[Factor]
    password_changed_at: datetime | None
    application: str | None
    wishes: Wishes
    fingerprint: str
    region: str
    expires_at: datetime
    tries_left: int = TRIES
    codes_sent: int = 0
    request_id: UUID | None = None
    code: bytes | None = field(default=None, repr=False)
    code_good_until: datetime | None = None

    def is_in_the_right_hands(self, application: str | None, site_id: int) -> bool:
        """Tell whether whoever shows it is who was given it, where it was begun."""
        return self.application == application and self.site_id == site_id


@dataclass(frozen=True, slots=True)
class IssuedPending:
    """A pending sign-in as it is handed out: its token, in clear, is forgotten here."""

    token: str = field(repr=False)
    user_id: str
    factors: frozenset[Factor]
    expires_at: datetime


class SecondFactorRequired(Forbidden):
    """The password is right, and nobody is signed in before a second factor is given. Carries how to go on."""

    error_code = "SECOND_FACTOR_REQUIRED"

    def __init__(self, pending: IssuedPending) -> None:
        """Say what is missing."""
        super().__init__("A second factor is needed to sign in. Enter the code.")
        self.pending = pending


class NoPendingSignIn(NotAuthenticated):
    """There is no sign-in to complete: unknown, too late, completed, begun elsewhere; which is not said."""

    error_code = "INVALID_ACCESS_TOKEN"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This sign-in has run out or was completed. Sign in again.")


class WrongCode(NotAuthenticated):
    """The code is wrong, too old, used, or was tried too often; which is not said."""

    error_code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Invalid Credentials: this code is not good, or no longer. Try once more, or ask for a new one."
        )


class NoFactorPossible(Forbidden):
    """The customer set asks for a second factor, and this account can give none: it has no e-mail address."""

    def __init__(self) -> None:
        """Say whom to ask."""
        super().__init__(
            "The system does not permit the attempted operation.  "
            "A second factor is needed, and the account has no e-mail address to send a code to. Ask the shop."
        )
