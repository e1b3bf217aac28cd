"""What a login is, and what its state tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from authsvc.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Credential:
    """A login's secret half and what happened to it."""

    account_id: int
    username_key: str
    password_hash: str = field(repr=False)
    external_kind: str | None
    must_change_password: bool
    password_changed_at: datetime
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class KnownLogin:
    """What signing in asks of a login: whose it is, by which name, and what it takes."""

    account_id: int
    username_key: str
    password_hash: str = field(repr=False)
    # Scheme and cost of a hash that another system made; None for ours.
    external_kind: str | None
    must_change_password: bool
    # Tells one password from another; its hash may be renewed by a sign-in while the password stays.
    password_changed_at: datetime
    # Whether the e-mail address must be confirmed first; said of a login that is held.
    awaits_verification: bool = False


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """A password as it is kept: our hash, or one another system made, with its scheme and cost."""

    hash: str = field(repr=False)
    external_kind: str | None = None


@dataclass(frozen=True, slots=True)
class LoginState:
    """What customer service sees of a login ([K] 3.2)."""

    is_password_change_required: bool
    last_password_change_on: datetime
    is_locked: bool
    last_locked_on: datetime | None
    failed_login_attempt_count: int
    remaining_login_attempts: int
    first_failed_login_attempt_on: datetime | None
    last_login_on: datetime | None
    created_on: datetime
    updated_on: datetime
    # When the counted failures are forgotten.
    failures_forgotten_on: datetime | None
    # For how long nobody gets in from a device that was never signed in.
    strangers_wait: timedelta

    @property
    def is_refused_for_now(self) -> bool:
        """Tell whether the username has failed so often that strangers wait until `failures_forgotten_on`."""
        return self.remaining_login_attempts == 0 and self.failures_forgotten_on is not None


class NoLogin(NotFound):
    """There is no login of this description: no such account, or a guest account."""

    def __init__(self) -> None:
        """Say the same for both."""
        super().__init__("There is no login of this description.")


class HasLogin(Conflict):
    """The account has its login already; a guest account gains one once (rule 12)."""

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("This account already has a login. Change its password instead.")


class WrongPassword(Invalid):
    """The old password is wrong; the text is the vendor's, trailing space included ([K] 3.3)."""

    def __init__(self) -> None:
        """Give the text that storefront themes look for."""
        super().__init__("password")


def the_login_meant(found: Sequence[KnownLogin], key: str) -> KnownLogin | None:
    """Return the login a typed name stands for: its username, or the e-mail address of exactly one (rule 10).

    `found`: logins of one set that have the name as either, the one with the username first.
    """
    if found and found[0].username_key == key:
        return found[0]
    return found[0] if len(found) == 1 else None
