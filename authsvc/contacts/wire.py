"""Contacts as they travel: the vendor's field names ([K] 3.2) to and from `rules.Contact`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from authsvc.contacts.rules import LONGEST_TEXT, Contact, ContactKind
from authsvc.web.audit_info import AuditInfo
from authsvc.web.wire import Id, Json, Wire

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


def _in_any_case(value: Json) -> Json:
    return value.capitalize() if isinstance(value, str) else value


class PhoneNumbers(Wire):
    """How to call a contact."""

    home: Text | None = None
    mobile: Text | None = None
    work: Text | None = None


class Address(Wire):
    """Where a contact is."""

    address1: Text | None = None
    address2: Text | None = None
    address3: Text | None = None
    address4: Text | None = None
    address_type: Text | None = None
    city_or_town: Text | None = None
    country_code: Text | None = None
    is_validated: bool | None = None
    postal_or_zip_code: Text | None = None
    state_or_province: Text | None = None


class ContactType(Wire):
    """What a contact is for, and whether it is the first choice for that."""

    name: Annotated[ContactKind, BeforeValidator(_in_any_case)]
    is_primary: bool = False


class ContactBody(Wire):
    """A contact as a caller sends it. Its account and audit info are the service's to say."""

    id: Id | None = None
    email: Text | None = None
    first_name: Text | None = None
    middle_name_or_initial: Text | None = None
    last_name_or_surname: Text | None = None
    company_or_organization: Text | None = None
    fax_number: Text | None = None
    label: Text | None = None
    phone_numbers: PhoneNumbers | None = None
    types: list[ContactType] | None = None
    address: Address | None = None

    def fields(self) -> dict[str, Any]:
        """Return what was sent, by the names of `rules.CONTACT_FIELDS`; what is absent is left out.

        Address, telephone numbers and types are each sent as a whole: a line that is missing in a new address is
        not that of the old one.
        """
        sent = self.model_fields_set - {"id", "phone_numbers", "types", "address"}
        fields = {name: getattr(self, name) for name in sent}
        if "email" in sent:
            fields["email"] = self.email or ""
        if "phone_numbers" in self.model_fields_set:
            phones = self.phone_numbers or PhoneNumbers()
            fields |= {
                "phone_home": phones.home,
                "phone_mobile": phones.mobile,
                "phone_work": phones.work,
            }
        if "types" in self.model_fields_set:
            fields |= {
                "primary_billing": self._is_primary(ContactKind.BILLING),
                "primary_shipping": self._is_primary(ContactKind.SHIPPING),
            }
        if "address" in self.model_fields_set:
            fields["address"] = (self.address or Address()).model_dump(exclude_none=True)
        return fields

    def contact(self) -> Contact:
        """Return the contact to keep; its id is given by the store."""
        return replace(Contact(0, ""), **self.fields())

    def _is_primary(self, kind: ContactKind) -> bool | None:
        named = [each.is_primary for each in self.types or () if each.name is kind]
        return any(named) if named else None


class CustomerContact(Wire):
    """An address of an account."""

    id: Id
    account_id: Id
    email: str
    first_name: str | None
    middle_name_or_initial: str | None
    last_name_or_surname: str | None
    company_or_organization: str | None
    fax_number: str | None
    label: str | None
    phone_numbers: PhoneNumbers
    types: list[ContactType]
    address: Address
    audit_info: AuditInfo

    @classmethod
    def of(cls, account_id: int, contact: Contact) -> CustomerContact:
        """Show a kept contact."""
        return cls(
            id=contact.id,
            account_id=account_id,
            email=contact.email,
            first_name=contact.first_name,
            middle_name_or_initial=contact.middle_name_or_initial,
            last_name_or_surname=contact.last_name_or_surname,
            company_or_organization=contact.company_or_organization,
            fax_number=contact.fax_number,
            label=contact.label,
            phone_numbers=PhoneNumbers(
                home=contact.phone_home, mobile=contact.phone_mobile, work=contact.phone_work
            ),
            types=[
                ContactType(name=each.name, is_primary=each.is_primary) for each in contact.types
            ],
            address=Address.model_validate(contact.address),
            audit_info=AuditInfo.of(contact),
        )
