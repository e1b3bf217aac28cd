"""The fields by which customer accounts can be filtered and sorted, under their names on the wire ([K] 3.2, 3.4)."""

from __future__ import annotations

from authsvc.listing.fields import FieldTable, Kind, ListField

# A quick search is a few words; characters.
LONGEST_QUICK_SEARCH = 100

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

#: What the segments that an account is in hold ([K] 3.2).
SEGMENT_FIELDS = (
    ListField("segments.id", Kind.INTEGER, is_many=True),
    ListField("segments.code", Kind.TEXT, is_many=True),
    ListField("segments.name", Kind.TEXT, is_many=True),
)

#: Everything the list of accounts can be filtered by.
ACCOUNT_LIST = FieldTable((*ACCOUNT_FIELDS, *CONTACT_FIELDS, *SEGMENT_FIELDS))
