"""Who is meant by what was typed, and what a ticket holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authsvc.accounts.rules import Contact, CustomerAccount
from authsvc.errors import Forbidden, Invalid, NotAuthenticated
from authsvc.sessions.rules import Holder, IssuedTokens

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


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What someone sends to sign up, or an application to make an account for them.

    `fields`: of `accounts.rules.APPLICATION_FIELDS`. `password` None makes a guest account.
    """

    fields: Mapping[str, Any]
    password: str | None
    contacts: Sequence[Contact] = ()
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a shopper is handed ([K] 2.2); an anonymous shopper has no account."""

    tokens: IssuedTokens = field(repr=False)
    jwt: str = field(repr=False)
    user_id: str
    account: CustomerAccount | None


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
