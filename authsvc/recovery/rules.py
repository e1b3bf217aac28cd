"""What a mailed link is good for, how long, and what makes it worthless before ([K] 3.3, OWASP Forgot Password)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import EmailAddress
from authsvc.customer_sets.rules import may_use
from authsvc.errors import Conflict, Invalid, NotFound

# As every other token of ours: 256 random bits, of which one SHA-256 is stored.
_TOKEN_BYTES = 32
# Resets mailed to one account within an hour; whoever asks for more fills somebody's mailbox.
MOST_RESETS = 5
RESETS_WITHIN = timedelta(hours=1)


class Purpose(StrEnum):
    """What a link is for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  no password
    INVITATION = "invitation"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGE = "email_change"
    EMAIL_UNDO = "email_undo"


# 72 hours are the vendor's for a reset ([K] 3.3). Whoever is invited has not asked, and looks when they look.
LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.PASSWORD_RESET: timedelta(hours=72),
    Purpose.INVITATION: timedelta(days=14),
    Purpose.EMAIL_VERIFICATION: timedelta(hours=72),
    Purpose.EMAIL_CHANGE: timedelta(hours=72),
    Purpose.EMAIL_UNDO: timedelta(days=14),
}


class LinkRefused(Invalid):
    """A link is unknown, used, too old, or of an account that is not as it was; which of these is not said."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "confirmationCode",
            "This link has been used, or is too old, or was replaced. Ask for a new one.",
        )


class NobodyToReset(NotFound):
    """No login of this name, or none that can be mailed; said only where the settings ask for the vendor's answer."""

    def __init__(self) -> None:
        """Say the same for all of these."""
        super().__init__("There is no login of this description.")


class NoSiteToAnswer(Conflict):
    """A mail's link leads to a site, and no site of the set that was named has a host."""

    def __init__(self, customer_set: str) -> None:
        """Say what is missing."""
        super().__init__(f"No site of the customer set {customer_set} has a host for a link.")


class AddressTakenMeanwhile(Conflict):
    """An address is to come back, and another account has it; whose the first one was is not let in by anything."""

    def __init__(self) -> None:
        """Say what was done, and who can help."""
        super().__init__(
            "Another account has this address now, so it could not be given back. Everybody is signed out of yours, "
            "and it is closed until customer service has looked at it. Please tell them."
        )


class NoEmailAddress(Invalid):
    """There is no address that a link could be mailed to."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("emailAddress", "The customer has no e-mail address to be mailed at.")


@dataclass(frozen=True, slots=True)
class Link:
    """What a code stands for. `email_address`: where it was mailed, or what is to become of that."""

    account_id: int
    purpose: Purpose
    site_id: int
    email_address: str
    made_at: datetime
    expires_at: datetime

    def is_good(
        self,
        purpose: Purpose,
        account: CustomerAccount,
        site_set: str,
        password_changed_at: datetime | None,
        now: datetime,
    ) -> bool:
        """Tell whether the link still does what it was mailed for.

        `site_set`: of the site it was mailed for, now. `password_changed_at`: None without a login. A link to a new
        password dies with the password it was to replace and with the address it was mailed to; one to a new
        address with the password it was asked for by, which may have been known to somebody else.
        """
        alive = (
            self.purpose is purpose
            and now < self.expires_at
            and account.is_active
            and may_use(account.customer_set, site_set)
        )
        match purpose:
            case Purpose.PASSWORD_RESET:
                return (
                    alive
                    and self._is_to(account)
                    and password_changed_at is not None
                    and password_changed_at <= self.made_at
                )
            case Purpose.INVITATION:
                return alive and self._is_to(account) and password_changed_at is None
            case Purpose.EMAIL_VERIFICATION:
                return alive and self._is_to(account)
            case Purpose.EMAIL_CHANGE:
                return (
                    alive
                    and password_changed_at is not None
                    and password_changed_at <= self.made_at
                )
            case Purpose.EMAIL_UNDO:
                return alive

    def _is_to(self, account: CustomerAccount) -> bool:
        return EmailAddress.parse(self.email_address).key == account.email_key


@dataclass(frozen=True, slots=True)
class ResetRequest:
    """Somebody says that they have forgotten the password of a login, which may not exist."""

    tenant_id: int
    id: UUID
    site_id: int
    customer_set: str
    host: str
    login_key: str
    asked_by: str
    application: str | None
    remote_address: str | None
    correlation_id: str | None
    asked_at: datetime


def new_token() -> str:
    """Return a link's token: characters that stand in an address as they are."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def hours(lifetime: timedelta) -> str:
    """Return a lifetime as mails say it."""
    return str(int(lifetime.total_seconds() // 3600))
