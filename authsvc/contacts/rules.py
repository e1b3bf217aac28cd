"""What a contact is, and that an account has at most one primary contact of each type ([K] 3.2, 8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from authsvc.card_numbers import refuse_card_numbers, refuse_in_telephone_numbers
from authsvc.errors import Conflict, Invalid, NotFound

# Longer than any real value; a guard for the store, not a rule of the documents. Characters.
LONGEST_TEXT = 200
# Every reading of the account shows all of them.
MOST_CONTACTS = 500


class ContactKind(StrEnum):
    """What a contact is for ([K] 3.2)."""

    BILLING = "Billing"
    SHIPPING = "Shipping"


@dataclass(frozen=True, slots=True)
class ContactType:
    """One thing a contact is for, and whether it is the first choice for that."""

    name: ContactKind
    is_primary: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """An address of a customer account, with the person to reach there ([K] 3.2)."""

    id: int
    email: str
    first_name: str | None = None
    middle_name_or_initial: str | None = None
    last_name_or_surname: str | None = None
    company_or_organization: str | None = None
    fax_number: str | None = None
    label: str | None = None
    phone_home: str | None = None
    phone_mobile: str | None = None
    phone_work: str | None = None
    # Under the vendor's names.
    address: Mapping[str, Any] = field(default_factory=dict)
    # Whether it is the first choice to bill to, and to ship to; None: it is not for that.
    primary_billing: bool | None = None
    primary_shipping: bool | None = None
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None

    @property
    def types(self) -> tuple[ContactType, ...]:
        """What the contact is for."""
        ranks = (
            (ContactKind.BILLING, self.primary_billing),
            (ContactKind.SHIPPING, self.primary_shipping),
        )
        return tuple(ContactType(kind, rank) for kind, rank in ranks if rank is not None)


# What a caller may say of a contact.
CONTACT_FIELDS = tuple(
    each.name
    for each in fields(Contact)
    if each.name not in ("id", "created_at", "created_by", "updated_at", "updated_by")
)


class UnknownContact(NotFound):
    """The account has no such contact."""

    def __init__(self, contact_id: int) -> None:
        """Name what was asked for."""
        super().__init__(f"There is no contact {contact_id}.")


class TooManyContacts(Conflict):
    """The account has as many contacts as one may have."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            f"An account has at most {MOST_CONTACTS} contacts. Delete some that are not used."
        )


def checked(contact: Contact) -> Contact:
    """Return a contact that may be kept; raises `Invalid` without an e-mail address ([K] 3.2), `CardNumberRefused`."""
    if not contact.email.strip():
        raise Invalid("email", "is required")
    refuse_card_numbers(
        {
            "email": contact.email,
            "firstName": contact.first_name,
            "middleNameOrInitial": contact.middle_name_or_initial,
            "lastNameOrSurname": contact.last_name_or_surname,
            "companyOrOrganization": contact.company_or_organization,
            "label": contact.label,
        }
        | {
            f"address.{name}": text
            for name, text in contact.address.items()
            if isinstance(text, str)
        }
    )
    refuse_in_telephone_numbers(
        {
            "faxNumber": contact.fax_number,
            "phoneNumbers.home": contact.phone_home,
            "phoneNumbers.mobile": contact.phone_mobile,
            "phoneNumbers.work": contact.phone_work,
        }
    )
    return contact


def new_contacts(contacts: Iterable[Contact]) -> list[Contact]:
    """Return the contacts a new account begins with: checked, the last that claims to be primary being it."""
    settled: list[Contact] = []
    for contact in contacts:
        settled = [*demoted(settled, checked(contact)), contact]
    return settled


def changed(contact: Contact, wanted: Mapping[str, Any]) -> Contact:
    """Return `contact` with what of `wanted` (field of `CONTACT_FIELDS` → value) is another; the rest stays.

    Raises as `checked` does.
    """
    return checked(
        replace(contact, **{name: wanted[name] for name in CONTACT_FIELDS if name in wanted})
    )


def demoted(others: Iterable[Contact], newest: Contact) -> list[Contact]:
    """Return the other contacts as they are to be beside `newest`, which alone is primary for what it claims."""
    return [
        replace(
            other,
            primary_billing=_rank(other.primary_billing, newest.primary_billing),
            primary_shipping=_rank(other.primary_shipping, newest.primary_shipping),
        )
        for other in others
    ]


def _rank(held: bool | None, claimed: bool | None) -> bool | None:
    return False if held and claimed else held


def refuse_too_many(held: Sequence[Contact]) -> None:
    """Raise `TooManyContacts` if `held` are more than an account may have."""
    if len(held) > MOST_CONTACTS:
        raise TooManyContacts
