"""Who staff are, what their roles allow, and how far a sign-in has come: nothing is allowed that is not named here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from authsvc.callers import Behavior, Caller
from authsvc.errors import Conflict, Invalid, NotFound


class Role(StrEnum):
    """What a staff user is there for."""

    ADMINISTRATOR = "administrator"
    CUSTOMER_SERVICE = "customer-service"
    AUDITOR = "auditor"


_READS = frozenset(
    {
        Behavior.TENANT_READ,
        Behavior.CUSTOMER_SET_READ,
        Behavior.CUSTOMER_READ,
        Behavior.ORDER_READ,
    }
)
_CUSTOMERS = frozenset(
    {
        Behavior.CUSTOMER_CREATE,
        Behavior.CUSTOMER_UPDATE,
        Behavior.CUSTOMER_DELETE,
        Behavior.CUSTOMER_EXPORT,
        Behavior.CUSTOMER_IMPERSONATE,
        # Offline orders are theirs to place.
        Behavior.ORDER_UPDATE,
    }
)
_STRUCTURE = frozenset({Behavior.CUSTOMER_SET_UPDATE, Behavior.SITE_UPDATE})
# What storefronts do in a shopper's name, and services that check sessions. Staff act for a shopper only in a session
# that says so.
STOREFRONTS_ONLY = frozenset(
    {Behavior.CUSTOMER_AUTH, Behavior.CONFIGURE_TOKEN_DURATIONS, Behavior.SESSION_FOLLOW}
)

# The same permissions that applications are given, so that one check serves both. Deny by default: what a role is to
# have is written here, and a permission nobody thought of is nobody's.
BEHAVIORS: Mapping[Role, frozenset[Behavior]] = {
    Role.ADMINISTRATOR: _READS
    | _CUSTOMERS
    | _STRUCTURE
    | {Behavior.STAFF_UPDATE, Behavior.AUDIT_READ},
    Role.CUSTOMER_SERVICE: _READS | _CUSTOMERS,
    Role.AUDITOR: _READS | {Behavior.AUDIT_READ},
}

# Where a session has been of use lately is written down this seldom, so that reading pages costs no writes.
TOUCH_EVERY = timedelta(minutes=1)
# How long a right password waits for its one-time code.
CODE_WAIT = timedelta(minutes=5)

# NIST SP 800-63B-4 §3.1.1.2: a password that may be the only factor has 15 characters at least, of any kind.
PASSWORD_MINIMUM_LENGTH = 15
# Fewer different characters than this are a pattern, whatever their number.
PASSWORD_DIFFERENT_CHARACTERS = 5


class SecondFactor(StrEnum):
    """Whether staff may do without a second factor."""

    OFFERED = "offered"
    REQUIRED = "required"


class Standing(Enum):
    """How far a sign-in has come."""

    AWAITS_CODE = "the password was right; the one-time code is missing"
    MUST_CHANGE_PASSWORD = "signed in with a password that somebody else knows as well"  # noqa: S105  no password
    MUST_ENROL = "signed in, and nothing may be done before a second factor is set up"
    SIGNED_IN = "signed in"


class StaffSessionEnd(StrEnum):
    """Why a staff session ended before its time."""

    SIGNED_OUT = "signed out"
    ENDED_BY_OWNER = "ended from another session"
    PASSWORD_CHANGED = "password changed"  # noqa: S105  a reason
    DISABLED = "staff user disabled"
    SECOND_FACTOR_RESET = "second factor reset"
    ENDED_BY_ADMINISTRATOR = "ended by an administrator"


class UnknownStaffUser(NotFound):
    """The tenant has no such staff user."""

    def __init__(self, username: str) -> None:
        """Name it."""
        super().__init__(f"There is no staff user {username!r}.")


class UnknownStaffSession(NotFound):
    """This staff user has no such session."""

    def __init__(self) -> None:
        """Say what may have happened."""
        super().__init__("There is no such session any more. It may have ended meanwhile.")


class OwnStaffUser(Conflict):
    """Administrators look after each other, not themselves: a borrowed session gains nothing, and one always stays."""

    def __init__(self) -> None:
        """Say who can."""
        super().__init__(
            "This is you. Another administrator can do that; your password is changed under Your account."
        )


class StaffUsernameTaken(Conflict):
    """The tenant has a staff user of this name."""

    def __init__(self, username: str) -> None:
        """Name it."""
        super().__init__(f"There is a staff user {username!r} already.")


@dataclass(frozen=True, slots=True)
class StaffUser:
    """A member of staff of one tenant."""

    tenant_id: int
    id: int
    username: str
    username_key: str
    role: Role
    password_hash: str
    is_active: bool
    # Must set up a second factor before anything else, whatever the installation asks of others.
    must_enrol: bool
    # Must choose a password before anything else: whoever gave this one out knows it too.
    must_change_password: bool
    has_second_factor: bool
    second_factor_offered_at: datetime | None
    last_sign_in_at: datetime | None
    created_at: datetime

    @property
    def behaviors(self) -> frozenset[Behavior]:
        """What this user may do."""
        return BEHAVIORS[self.role] if self.is_active else frozenset()

    @property
    def subject(self) -> str:
        """How the audit trail names this user."""
        return f"staff:{self.username_key}"

    def caller(self, remote_address: str | None, correlation_id: str | None) -> Caller:
        """Return this user as a caller, with the role's permissions and no others."""
        return Caller(
            self.tenant_id,
            behaviors=self.behaviors,
            staff=self.username_key,
            remote_address=remote_address,
            correlation_id=correlation_id,
        )


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One sign-in of a staff user, on one browser."""

    tenant_id: int
    id: str
    staff_user_id: int
    opened_at: datetime
    second_factor_at: datetime | None
    last_used_at: datetime
    expires_at: datetime
    remote_address: str | None
    user_agent: str
    ended: bool

    def is_over(self, *, now: datetime, idle: timedelta) -> bool:
        """Tell whether the session ended, ran out, or was left alone for as long as `idle`."""
        return self.ended or now >= self.expires_at or now >= self.last_used_at + idle

    def is_to_be_touched(self, *, now: datetime) -> bool:
        """Tell whether it is time to note that the session is in use."""
        return now >= self.last_used_at + TOUCH_EVERY

    def standing(self, user: StaffUser, policy: SecondFactor) -> Standing:
        """Tell how far this sign-in has come, by what holds now: a policy made stricter counts at once."""
        if self.second_factor_at is None and user.has_second_factor:
            return Standing.AWAITS_CODE
        if user.must_change_password:
            return Standing.MUST_CHANGE_PASSWORD
        if not user.has_second_factor and (user.must_enrol or policy is SecondFactor.REQUIRED):
            return Standing.MUST_ENROL
        return Standing.SIGNED_IN


@dataclass(frozen=True, slots=True)
class StaffLifetimes:
    """How long a staff session lasts: without use, and at the longest (NIST SP 800-63B-4 §2.2.3)."""

    idle: timedelta
    absolute: timedelta


def refuse_guessable(prepared: str, username_key: str) -> None:
    """Raise `Invalid` for a prepared password that its owner's name or a pattern gives away."""
    folded = prepared.casefold()
    name = username_key.partition("@")[0]
    if len(name) > 3 and name in folded:
        raise Invalid("password", "must not contain the username.")
    if len(set(folded)) < PASSWORD_DIFFERENT_CHARACTERS:
        raise Invalid(
            "password", f"must have at least {PASSWORD_DIFFERENT_CHARACTERS} different characters."
        )
