"""The fields by which customer accounts can be filtered and sorted, under their names on the wire ([K] 3.2, 3.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a field holds, and so which values and operators it takes."""

    TEXT = "text"
    INTEGER = "whole number"
    DECIMAL = "number"
    BOOLEAN = "true or false"
    DATETIME = "date"


@dataclass(frozen=True, slots=True)
class ListField:
    """A field that a list can be filtered by.

    `name`: as on the wire. `aliases`: other names clients use for it. `is_many`: a listed thing may hold several
    (an account has contacts), so one value matches if any does, and there is nothing to sort by.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    is_many: bool = False


class FieldTable:
    """The fields of one list, found by name or alias without regard to case ([K] 3.4)."""

    def __init__(self, fields: Iterable[ListField]) -> None:
        self.fields = tuple(fields)
        self._by_name = {
            name.lower(): field for field in self.fields for name in (field.name, *field.aliases)
        }

    def find(self, name: str) -> ListField | None:
        """Return the field a client calls `name`, or None."""
        return self._by_name.get(name.lower())


#: What an account itself holds.
ACCOUNT_FIELDS = (
    ListField("id", Kind.INTEGER),
    ListField("userId", Kind.TEXT),
    ListField("userName", Kind.TEXT),
    ListField("emailAddress", Kind.TEXT),
    ListField("firstName", Kind.TEXT),
    ListField("lastName", Kind.TEXT),
    ListField("companyOrOrganization", Kind.TEXT),
    ListField("customerSet", Kind.TEXT),
    ListField("externalId", Kind.TEXT),
    ListField("accountType", Kind.TEXT),
    ListField("taxId", Kind.TEXT),
    ListField("localeCode", Kind.TEXT),
    ListField("isAnonymous", Kind.BOOLEAN),
    ListField("isLocked", Kind.BOOLEAN),
    ListField("isActive", Kind.BOOLEAN),
    ListField("acceptsMarketing", Kind.BOOLEAN),
    ListField("taxExempt", Kind.BOOLEAN),
    ListField("hasExternalPassword", Kind.BOOLEAN),
    ListField("customerSinceDate", Kind.DATETIME),
    ListField("last2FaDate", Kind.DATETIME),
    ListField("auditInfo.createDate", Kind.DATETIME, aliases=("createDate",)),
    ListField("auditInfo.updateDate", Kind.DATETIME, aliases=("updateDate",)),
    ListField("commerceSummary.lastOrderDate", Kind.DATETIME),
    ListField("commerceSummary.orderCount", Kind.INTEGER),
    ListField(
        "commerceSummary.totalOrderAmount",
        Kind.DECIMAL,
        aliases=("commerceSummary.totalOrderAmount.amount",),
    ),
    ListField("commerceSummary.visitsCount", Kind.INTEGER),
    ListField("commerceSummary.wishlistCount", Kind.INTEGER),
)

#: What the contacts of an account hold.
CONTACT_FIELDS = (
    ListField("contacts.email", Kind.TEXT, is_many=True),
    ListField("contacts.firstName", Kind.TEXT, is_many=True),
    ListField("contacts.middleNameOrInitial", Kind.TEXT, is_many=True),
    ListField(
        "contacts.lastNameOrSurname", Kind.TEXT, aliases=("contacts.lastName",), is_many=True
    ),
    ListField("contacts.companyOrOrganization", Kind.TEXT, is_many=True),
    ListField("contacts.phoneNumbers.home", Kind.TEXT, is_many=True),
    ListField("contacts.phoneNumbers.mobile", Kind.TEXT, is_many=True),
    ListField("contacts.phoneNumbers.work", Kind.TEXT, is_many=True),
    ListField("contacts.faxNumber", Kind.TEXT, is_many=True),
    ListField("contacts.label", Kind.TEXT, is_many=True),
    ListField("contacts.address.address1", Kind.TEXT, is_many=True),
    ListField("contacts.address.address2", Kind.TEXT, is_many=True),
    ListField("contacts.address.address3", Kind.TEXT, is_many=True),
    ListField("contacts.address.address4", Kind.TEXT, is_many=True),
    ListField("contacts.address.cityOrTown", Kind.TEXT, is_many=True),
    ListField("contacts.address.stateOrProvince", Kind.TEXT, is_many=True),
    ListField("contacts.address.postalOrZipCode", Kind.TEXT, is_many=True),
    ListField("contacts.address.countryCode", Kind.TEXT, is_many=True),
)

#: Everything the list of accounts can be filtered by.
ACCOUNT_LIST = FieldTable((*ACCOUNT_FIELDS, *CONTACT_FIELDS))
