"""Who is meant by what was typed, who is refused although the password is right, and what a ticket holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.whole_accounts import Beside, Said
from authsvc.callers import Behavior, Caller
from authsvc.contacts.rules import Contact
from authsvc.credentials.rules import KnownLogin
from authsvc.customer_sets.rules import Site, may_use
from authsvc.errors import AuthsvcError, Forbidden, Invalid, NotAuthenticated
from authsvc.second_factor.pending import Wishes
from authsvc.sessions.rules import Holder, IssuedTokens, Lifetimes

# As many as the largest page of a list; each may cost a password hash.
MOST_ACCOUNTS_AT_ONCE = 200


class BadCredentials(NotAuthenticated):
    """Username and password do not open an account on this site; why not is nobody's business (rule 11)."""

    error_code = "INVALID_CREDENTIALS"

    def __init__(self) -> None:
        """Say the same for an unknown username, a wrong password, another set's account and a guest."""
        super().__init__(
            "Invalid Credentials: the username or password is not right. Try again, or sign up."
        )


class AccountLocked(Forbidden):
    """The password is right and the account is locked; the text is the vendor's, spaces included ([K] 2.5)."""

    def __init__(self) -> None:
        """Give the text that storefront themes look for."""
        super().__init__(
            "The system does not permit the attempted operation.  "
            "User account is locked, Please contact System Administrator "
        )


class AccountDisabled(Forbidden):
    """The password is right and the account has been disabled."""

    def __init__(self) -> None:
        """Say whom to ask."""
        super().__init__(
            "The system does not permit the attempted operation.  "
            "User account is disabled, Please contact System Administrator "
        )


class PasswordChangeRequired(Forbidden):
    """The password is right and must be changed before it opens anything."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The system does not permit the attempted operation.  "
            "The password must be changed before signing in. Reset the password."
        )


class EmailNotVerified(Forbidden):
    """The password is right, or the account is new, and its e-mail address must be confirmed first."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The system does not permit the attempted operation.  "
            "The e-mail address must be confirmed first. Open the link that was mailed to it."
        )


class SignUpVerification(Protocol):
    """What has new shoppers confirm their e-mail address; `authsvc.recovery`, which builds on this, answers."""

    def begin(self, site: Site, account: CustomerAccount) -> bool:
        """Within the transaction that makes a login, ask; tell whether nobody is signed in before an answer."""

    def ensure_can_confirm(self, site: Site, username: str, email_address: str | None) -> None:
        """Raise `Invalid` for names of which nobody could confirm what the site wants confirmed."""

    def remind_politely(self, site: Site, account_id: int) -> None:
        """Ask once more, if it is of any use."""

    def answers_by_mail(self, site: Site) -> bool:
        """Tell whether who signs up on the site is answered by mail alone, and so can be told nothing here."""

    def tell_holder(self, site: Site, email_address: str) -> bool:
        """Mail the holder of an address that somebody wanted to sign up with it; a few times an hour at the most.

        Tells whether a login of the set has the address.
        """


class Obstacle(StrEnum):
    """What keeps an account from signing in on a site although the password is right."""

    OTHER_CUSTOMER_SET = "other_customer_set"
    NO_LOGIN = "no_login"
    LOCKED = "account_locked"
    DISABLED = "account_disabled"
    PASSWORD_CHANGE = "password_change_required"  # noqa: S105  an obstacle, not a password
    EMAIL_NOT_VERIFIED = "email_not_verified"


REFUSALS: Mapping[Obstacle, Callable[[], AuthsvcError]] = {
    Obstacle.OTHER_CUSTOMER_SET: BadCredentials,
    Obstacle.NO_LOGIN: BadCredentials,
    Obstacle.LOCKED: AccountLocked,
    Obstacle.DISABLED: AccountDisabled,
    Obstacle.PASSWORD_CHANGE: PasswordChangeRequired,
    Obstacle.EMAIL_NOT_VERIFIED: EmailNotVerified,
}


def obstacles(
    account: CustomerAccount,
    site_set: str,
    *,
    must_change_password: bool,
    awaits_verification: bool = False,
) -> list[Obstacle]:
    """List what keeps `account` from signing in on a site of `site_set`; a sign-in is refused for the first.

    What would tell a stranger that the account exists comes last (rule 11).
    """
    met = {
        Obstacle.OTHER_CUSTOMER_SET: not may_use(account.customer_set, site_set),
        Obstacle.NO_LOGIN: not account.has_login,
        Obstacle.LOCKED: account.is_locked,
        Obstacle.DISABLED: not account.is_active,
        Obstacle.PASSWORD_CHANGE: must_change_password,
        Obstacle.EMAIL_NOT_VERIFIED: awaits_verification,
    }
    return [obstacle for obstacle, is_met in met.items() if is_met]


def ensure_may_sign_in(account: CustomerAccount, site_set: str, login: KnownLogin) -> None:
    """Refuse an account for the first thing that keeps it from signing in on a site of `site_set`."""
    met = obstacles(
        account,
        site_set,
        must_change_password=login.must_change_password,
        awaits_verification=login.awaits_verification,
    )
    if met:
        refuse = REFUSALS[met[0]]
        raise refuse()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What someone sends to sign up, or an application to make an account for them.

    `fields`: of `accounts.rules.APPLICATION_FIELDS`. `said`, `notes`: what is to be known of the account beside.
    `external_password`: in place of `password`, a hash of it that another system made. None of both makes a guest
    account.
    """

    fields: Mapping[str, Any]
    password: str | None = field(repr=False)
    contacts: Sequence[Contact] = ()
    user_id: str | None = None
    said: Sequence[Said] = ()
    notes: Sequence[str | None] = ()
    external_password: str | None = field(default=None, repr=False)

    @property
    def is_guest(self) -> bool:
        """Tell whether there is to be no login."""
        return self.password is None and self.external_password is None


@dataclass(frozen=True, slots=True)
class WantedLifetimes:
    """A caller's own wishes for a ticket ([K] 2.1); None leaves the settings'."""

    access: timedelta | None = None
    refresh: timedelta | None = None


NO_WISHES = WantedLifetimes()


def kept(wishes: WantedLifetimes) -> Wishes:
    """Return what a sign-in that waits keeps of these wishes."""
    return Wishes(_seconds(wishes.access), _seconds(wishes.refresh))


def wanted(wishes: Wishes) -> WantedLifetimes:
    """Return the wishes that a sign-in has kept."""
    return WantedLifetimes(_lifetime(wishes.access_seconds), _lifetime(wishes.refresh_seconds))


def _seconds(lifetime: timedelta | None) -> int | None:
    return None if lifetime is None else int(lifetime.total_seconds())


def _lifetime(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a shopper is handed ([K] 2.2); an anonymous shopper has no account.

    `beside`: what the shopper may see beside a new account that something was said of.
    """

    tokens: IssuedTokens = field(repr=False)
    jwt: str = field(repr=False)
    user_id: str
    account: CustomerAccount | None
    beside: Beside | None = None


class ShowsSession(Protocol):
    """What shows a session: a ticket's tokens, or a browser's cookie."""

    @property
    def session_id(self) -> str:
        """The session."""


Proof = TypeVar("Proof", bound=ShowsSession)
# Opens a session on a site, of a holder who proved who they are by these methods; returns what will show it.
Opening = Callable[[Site, Holder, tuple[str, ...]], Proof]


@dataclass(frozen=True, slots=True)
class Opened(Generic[Proof]):
    """A session that a sign-in or sign-up has opened, and what its holder is handed to show it."""

    site: Site
    account: CustomerAccount
    proof: Proof
    # By which its holder has shown who they are.
    methods: tuple[str, ...]


def lifetimes_for(caller: Caller, wishes: WantedLifetimes, usual: Lifetimes) -> Lifetimes:
    """Return how long a ticket lives: as `usual`, or shorter as the caller wishes, who needs leave for that."""
    if wishes == NO_WISHES:
        return usual
    if Behavior.CONFIGURE_TOKEN_DURATIONS not in caller.behaviors:
        raise Forbidden(f"The application lacks the behavior {Behavior.CONFIGURE_TOKEN_DURATIONS}.")
    return usual.limited(wishes.access, wishes.refresh)


def holder_of(account: CustomerAccount) -> Holder:
    """Return whose session an account's is."""
    return Holder(account.id, account.user_id, account.first_name, account.last_name)


def identifiers(fields: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the username and e-mail address a login is to have; the username defaults to the address ([K] 3.3).

    Raises `Invalid` when there is neither.
    """
    email_address = fields.get("email_address")
    username = fields.get("username") or email_address
    if not username:
        raise Invalid(
            "EmailAddress",
            "Give an e-mail address, which is also the username unless you give one.",
        )
    return username, email_address


def ensure_of_set(site: Site, account: CustomerAccount) -> None:
    """Refuse a site of another set than the account's to who may know of both."""
    if not may_use(account.customer_set, site.customer_set):
        raise Forbidden(
            f"The account is in the customer set {account.customer_set}; call on a site of that set."
        )
