"""What a session is, and when it may be used (design §2 rule 13, §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authsvc.customer_sets.rules import may_use
from authsvc.errors import NotAuthenticated, NotFound


class Refusal(StrEnum):
    """Why a session may not be used; each tells the caller what to do next, none tells who exists."""

    UNKNOWN = "no_session"
    EXPIRED = "session_expired"
    ENDED = "session_ended"
    OTHER_CUSTOMER_SET = "other_customer_set"


_ADVICE = {
    Refusal.UNKNOWN: "There is no such session. Sign in.",
    Refusal.EXPIRED: "The ticket has run out. Refresh it, or sign in again.",
    Refusal.ENDED: "The session has ended. Sign in again.",
    Refusal.OTHER_CUSTOMER_SET: "The session is not valid on this site. Sign in on this site, or sign up.",
}


class NoSession(NotAuthenticated):
    """The token shows no session that may be used on this site."""

    error_code = "INVALID_ACCESS_TOKEN"

    def __init__(self, refusal: Refusal) -> None:
        """Say what the caller should do about `refusal`."""
        super().__init__(_ADVICE[refusal], data=[("Reason", refusal.value)])
        self.refusal = refusal


class UnknownRefreshToken(NotFound):
    """No session can be continued with this refresh token on this site; which part is wrong is not said."""

    def __init__(self) -> None:
        """Say the same for every reason ([K] 2.4: unknown, expired and revoked are 404)."""
        super().__init__("The refresh token is not or no longer good on this site. Sign in again.")


class UnknownSession(NotFound):
    """The account has no such session that goes on."""

    def __init__(self) -> None:
        """Say what may have happened."""
        super().__init__("There is no such session any more. It may have ended meanwhile.")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what lasts.

    `access`, `refresh`: a ticket's two tokens ([K] 2.2: 15 min and 24 h). `refresh_grace`: how long a replaced
    refresh token still gets its successor, for tabs that refresh at once ([K] 2.4; 30 s, as SuperTokens).
    `session`: the longest a session can be kept alive by refreshing (ASVS 5 7.3.2 asks for a bound; 30 days is
    NIST SP 800-63B-4 §2.1.3's for AAL1).
    """

    access: timedelta
    refresh: timedelta
    refresh_grace: timedelta
    session: timedelta

    def limited(self, access: timedelta | None, refresh: timedelta | None) -> Lifetimes:
        """Return these with a caller's own wishes for a ticket's tokens, which may shorten but not lengthen them."""
        return Lifetimes(
            min(access or self.access, self.access),
            min(refresh or self.refresh, self.refresh),
            self.refresh_grace,
            self.session,
        )


@dataclass(frozen=True, slots=True)
class BrowserLifetimes:
    """How long a browser stays signed in: left alone (`idle`), and at the most (`session`)."""

    idle: timedelta
    session: timedelta


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it is: an account, or an anonymous shopper, who has only a user id."""

    account_id: int | None
    user_id: str
    first_name: str | None = None
    last_name: str | None = None


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What the stores know of the session behind one access token, or one browser's cookie.

    `customer_set`: the account's set now, or the set an anonymous session was opened in. `account_is_usable`:
    neither locked nor disabled. `token_expires_at` is the token's end, `expires_at` the session's. `remembered`: None
    for a ticket's session; a browser's is to outlast its windows or not, and each use puts its token's end off.
    """

    tenant_id: int
    session_id: str
    account_id: int | None
    user_id: str
    customer_set: str
    site_id: int
    methods: tuple[str, ...]
    opened_at: datetime
    token_expires_at: datetime
    expires_at: datetime
    ended: bool
    account_is_usable: bool
    remembered: bool | None = None

    def refusal(self, *, customer_set: str, now: datetime) -> Refusal | None:
        """Return why the session may not be used on a site of `customer_set` at `now`, or None if it may.

        Compares with the set the site is in now, not with the set it was in at sign-in: moving a site signs its
        shoppers out there, and moving an account takes its sessions along (rule 13).
        """
        if self.ended or not self.account_is_usable:
            return Refusal.ENDED
        if now >= self.token_expires_at or now >= self.expires_at:
            return Refusal.EXPIRED
        if not may_use(self.customer_set, customer_set):
            return Refusal.OTHER_CUSTOMER_SET
        return None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session of an account that somebody could go on with.

    `site_id`: where it was signed in. `good_until`: when it runs out unless it is used before; `expires_at`: when it
    ends however much it is used. `issued_at`: when its newest token was. `remembered`: as in `SessionRecord`.
    `device_id`: of the account's devices, if it is known which.
    """

    session_id: str
    site_id: int
    methods: tuple[str, ...]
    opened_at: datetime
    good_until: datetime
    expires_at: datetime
    issued_at: datetime
    remembered: bool | None
    device_id: str | None


@dataclass(frozen=True, slots=True)
class CheckedSession:
    """The answer to a check that went well: whose session it is, and the site it was asked for.

    `digest`: what its token is known by. `true_at`: the moment that the answer is true for.
    """

    record: SessionRecord
    site_id: int
    digest: bytes
    true_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """The tokens of a ticket, in clear: they go to the shopper and are forgotten here."""

    session_id: str
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class IssuedCookie:
    """A browser's token in clear: it goes into a cookie and is forgotten here.

    `lasts`: how long the browser keeps it; None until it closes.
    """

    session_id: str
    token: str
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What is stored of a refresh token, with the session it continues."""

    session: SessionRecord
    expires_at: datetime
    replaced_at: datetime | None
    successor_salt: bytes | None

    def is_good(self, *, customer_set: str, now: datetime) -> bool:
        """Tell whether the session can be continued on a site of `customer_set` at all."""
        return (
            not self.session.ended
            and self.session.account_is_usable
            and now < self.expires_at
            and now < self.session.expires_at
            and may_use(self.session.customer_set, customer_set)
        )

    def is_reused(self, *, now: datetime, grace: timedelta) -> bool:
        """Tell whether a token that was replaced long ago is shown again: a sign that somebody copied it."""
        return self.replaced_at is not None and now > self.replaced_at + grace


class EndReason(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  a reason, not a password
    ACCOUNT_LOCKED = "account_locked"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_DELETED = "account_deleted"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105  a reason, not a token
    # Whoever acted in it for the shopper was signed out, or may no longer act for any.
    ACTING_ENDED = "acting_ended"
