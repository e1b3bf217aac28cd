"""What a customer account is, who may change what of it, and what an account must never do (design §2, 7–15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from authsvc.accounts.texts import refuse_numbers_in_names, refuse_unkeepable
from authsvc.accounts.usernames import EmailAddress
from authsvc.contacts.rules import Contact
from authsvc.errors import Conflict, Forbidden, Invalid, NotFound

# [K] 3.2: a user id is at most 55 characters.
LONGEST_USER_ID = 55
ONE_MILLISECOND = timedelta(milliseconds=1)
NO_ACCOUNT = 0  # ids begin at 1


class UnknownAccount(NotFound):
    """The tenant has no such customer account."""

    def __init__(self, account_id: int | str) -> None:
        """Name what was asked for, which the caller knows already."""
        super().__init__(f"There is no customer account {account_id}.")


class UsernameTaken(Conflict):
    """The customer set has an account with this username already (rules 8 and 9)."""

    def __init__(self) -> None:
        """Say it without repeating the username, which may be somebody else's."""
        super().__init__(
            "An account with this username already exists in the customer set. "
            "Use another username, or sign in with this one.",
            data=[("ParameterName", "userName")],
        )


class EmailAddressTaken(Invalid):
    """The e-mail address already has a login in the customer set; the text is the vendor's ([K] 1.5)."""

    def __init__(self) -> None:
        """Give the text that storefront themes look for."""
        super().__init__("EmailAddress", "EmailAddress already associated with a login")


class UserIdTaken(Conflict):
    """An account of the tenant has this user id already."""

    error_code = "ITEM_ALREADY_EXISTS"


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the account since the caller read it; nothing was saved."""

    def __init__(self, now: CustomerAccount, changed: Sequence[str]) -> None:
        """Keep the account as it is `now`, and the names of the fields that are not as they were."""
        super().__init__(
            "Somebody else has changed this customer since you opened the page, so nothing was saved.",
            data=[("ParameterName", name) for name in changed],
        )
        self.now = now
        self.changed = tuple(changed)


class AccountHasOrders(Conflict):
    """An account with orders is not deleted: the vendor refuses it ([K] 3.3), and the law keeps what was sold."""

    def __init__(self, account_id: int) -> None:
        """Say what can be done instead."""
        super().__init__(
            f"Customer account {account_id} has orders and is kept with them. "
            "Disable it instead: nobody can sign in with it then."
        )


class AccountType(StrEnum):
    """Consumer or business ([K] 3.2)."""

    B2C = "B2C"
    B2B = "B2B"


@dataclass(frozen=True, slots=True)
class CustomerAccount:
    """A shopper's or a business customer's account, in exactly one customer set."""

    tenant_id: int
    id: int
    customer_set: str
    user_id: str
    username: str | None
    username_key: str | None
    email_address: str | None
    email_key: str | None
    first_name: str | None
    last_name: str | None
    company_or_organization: str | None
    locale_code: str | None
    account_type: AccountType
    external_id: str | None
    tax_id: str | None
    tax_exempt: bool
    accepts_marketing: bool
    is_active: bool
    is_locked: bool
    # When it was last locked, also after it was unlocked.
    locked_at: datetime | None
    # False for a guest: an account without login ([K] 3.3).
    has_login: bool
    customer_since: datetime
    order_count: int
    total_order_amount: Decimal
    last_order_at: datetime | None
    # Of the total: the currency most orders are in; None without orders.
    order_currency: str | None
    visits_count: int
    wishlist_count: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    contacts: tuple[Contact, ...] = ()
    # Its password is known by a hash that another system made, until the first good sign-in.
    has_external_password: bool = False
    # When its second factor was given last ([K] 2.6).
    last_second_factor_at: datetime | None = None
    # When it lost its person: it is kept, as a number, for its orders, and nothing is changed on it any more.
    erased_at: datetime | None = None

    @property
    def is_usable(self) -> bool:
        """Tell whether its sessions may be used: it is neither locked nor disabled."""
        return self.is_active and not self.is_locked


# What an application may set on an account, by field name.
APPLICATION_FIELDS = frozenset(
    {
        "username",
        "email_address",
        "first_name",
        "last_name",
        "company_or_organization",
        "locale_code",
        "account_type",
        "external_id",
        "tax_id",
        "tax_exempt",
        "accepts_marketing",
        "customer_since",
    }
)

# What shoppers may set on their own account; the rest is the merchant's to say.
SHOPPER_FIELDS = frozenset(
    {
        "email_address",
        "first_name",
        "last_name",
        "company_or_organization",
        "locale_code",
        "accepts_marketing",
    }
)

# What a shopper signs in with, and where a new password is sent to.
SIGNS_IN = frozenset({"username", "email_address"})

# What a new account has unless its creator says otherwise.
DEFAULTS: Mapping[str, Any] = {
    "account_type": AccountType.B2C.value,
    "tax_exempt": False,
    "accepts_marketing": False,
}

# What stands in the row of an account that lost its person.
NOBODY: Mapping[str, Any] = {
    "username": None,
    "username_key": None,
    "email_address": None,
    "email_key": None,
    "first_name": None,
    "last_name": None,
    "company_or_organization": None,
    "locale_code": None,
    "external_id": None,
    "tax_id": None,
    "tax_exempt": False,
    "accepts_marketing": False,
    "is_active": False,
}

# A partial body once blanked these ([K] 3.3): null for one of them is refused rather than obeyed.
NEVER_CLEARED: Mapping[str, str] = {
    "email_address": "emailAddress",
    "first_name": "firstName",
    "last_name": "lastName",
}


def changes_to_apply(
    account: CustomerAccount, wanted: Mapping[str, Any], *, by_shopper: bool
) -> dict[str, Any]:
    """Return what of `wanted` (field → value; absent means unchanged) would change the account.

    Raises `Invalid` for a null that would blank a name or the e-mail address and for a text that cannot be kept,
    and `Forbidden` when a shopper would change what is not theirs to change; sending such a field back as it is does
    no harm.
    """
    changed = {
        name: value
        for name, value in wanted.items()
        if name in APPLICATION_FIELDS and not _is_same(getattr(account, name), value)
    }
    for name, wire_name in NEVER_CLEARED.items():
        if name in changed and not changed[name]:
            raise Invalid(wire_name, "This cannot be cleared; leave it out to keep it as it is.")
    refuse_unkeepable(changed)
    refuse_numbers_in_names(changed)
    if by_shopper and not changed.keys() <= SHOPPER_FIELDS:
        refused = ", ".join(sorted(changed.keys() - SHOPPER_FIELDS))
        raise Forbidden(f"A shopper cannot change: {refused}. Leave it as it is.")
    return changed


def asks_for_another_address(account: CustomerAccount, wanted: Mapping[str, Any]) -> bool:
    """Tell whether an e-mail address is wanted that is not just sent back as it was read; raises `Invalid`."""
    address = wanted.get("email_address") or ""
    return address != "" and EmailAddress.parse(address).key != account.email_key


def refuse_if_changed(account: CustomerAccount, expected: Mapping[str, Any]) -> None:
    """Raise `ChangedMeanwhile` where a field is not as expected; empty and missing are the same."""
    changed = [
        name
        for name, value in expected.items()
        if (getattr(account, name) or None) != (value or None)
    ]
    if changed:
        raise ChangedMeanwhile(account, changed)


def _is_same(held: object, sent: object) -> bool:
    """Tell whether nothing would change; a moment travels in milliseconds, and may come back so."""
    if isinstance(held, datetime) and isinstance(sent, datetime):
        return abs(held - sent) < ONE_MILLISECOND
    return held == sent


def fields_of_new_account(fields: Mapping[str, Any], *, by_shopper: bool) -> dict[str, Any]:
    """Return what of `fields` a new account gets.

    Raises `Forbidden` for what a shopper may not say of themselves, and `Invalid` for a text that cannot be kept.
    """
    given = {
        name: value
        for name, value in fields.items()
        if name in APPLICATION_FIELDS and value is not None
    }
    refused = sorted(
        name
        for name in given.keys() - SHOPPER_FIELDS - {"username"}
        if given[name] != DEFAULTS.get(name)
    )
    if by_shopper and refused:
        raise Forbidden(f"A shopper cannot set: {', '.join(refused)}. Leave it out.")
    refuse_unkeepable(given)
    refuse_numbers_in_names(given)
    return dict(DEFAULTS) | given


def user_id(text: str) -> str:
    """Return a user id a caller brings along; raises `Invalid` unless it is 1 to 55 printable ASCII characters."""
    if not 1 <= len(text) <= LONGEST_USER_ID or not text.isascii() or not text.isprintable():
        raise Invalid(
            "userId", f"Give 1 to {LONGEST_USER_ID} printable ASCII characters, or leave it out."
        )
    return text
