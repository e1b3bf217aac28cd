"""The fields by which the contacts of an account can be filtered and sorted ([K] 3.2, 3.4), and their columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from authsvc.infra.schema import contacts
from authsvc.listing.fields import FieldTable, Kind, ListField

_TEXTS: dict[str, ColumnElement[Any]] = {
    "email": contacts.c.email,
    "firstName": contacts.c.first_name,
    "middleNameOrInitial": contacts.c.middle_name_or_initial,
    "lastNameOrSurname": contacts.c.last_name_or_surname,
    "companyOrOrganization": contacts.c.company_or_organization,
    "phoneNumbers.home": contacts.c.phone_home,
    "phoneNumbers.mobile": contacts.c.phone_mobile,
    "phoneNumbers.work": contacts.c.phone_work,
    "faxNumber": contacts.c.fax_number,
    "label": contacts.c.label,
    "address.address1": contacts.c.address["address1"].astext,
    "address.address2": contacts.c.address["address2"].astext,
    "address.address3": contacts.c.address["address3"].astext,
    "address.address4": contacts.c.address["address4"].astext,
    "address.cityOrTown": contacts.c.address["cityOrTown"].astext,
    "address.stateOrProvince": contacts.c.address["stateOrProvince"].astext,
    "address.postalOrZipCode": contacts.c.address["postalOrZipCode"].astext,
    "address.countryCode": contacts.c.address["countryCode"].astext,
}
_DATES: dict[str, ColumnElement[Any]] = {
    "auditInfo.createDate": contacts.c.created_at,
    "auditInfo.updateDate": contacts.c.updated_at,
}

CONTACT_LIST = FieldTable(
    (
        ListField("id", Kind.INTEGER),
        *(ListField(name, Kind.TEXT) for name in _TEXTS),
        *(ListField(name, Kind.DATETIME) for name in _DATES),
    )
)
CONTACT_LIST_COLUMNS = {"id": contacts.c.id, **_TEXTS, **_DATES}
