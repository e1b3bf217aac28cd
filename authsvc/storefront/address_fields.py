"""The fields of an address form: how a contact is shown in them, and what they want of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from authsvc.contacts.rules import LONGEST_TEXT, Contact
from authsvc.errors import Invalid

# ISO 3166-1 alpha-2, as the vendor's clients send it ([K] 3.2).
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)

# The form's field → the contact's.
_PLAIN = {
    "first_name": "first_name",
    "last_name": "last_name_or_surname",
    "company": "company_or_organization",
    "email": "email",
    "phone_mobile": "phone_mobile",
    "phone_home": "phone_home",
}
# The form's field → the one of the contact's address, under the vendor's name.
_ADDRESS = {
    "address1": "address1",
    "address2": "address2",
    "postal_code": "postalOrZipCode",
    "city": "cityOrTown",
    "state": "stateOrProvince",
    "country": "countryCode",
}
_RANKS = ("primary_billing", "primary_shipping")

# What the service calls a field in a refusal, in lower case → the form's field.
FIELDS = {
    "firstname": "first_name",
    "lastnameorsurname": "last_name",
    "companyororganization": "company",
    "email": "email",
    "phonenumbers.mobile": "phone_mobile",
    "phonenumbers.home": "phone_home",
    "country": "country",
    **{f"address.{name.lower()}": field for field, name in _ADDRESS.items()},
    **{field: field for field in (*_PLAIN, *_ADDRESS)},
}


def shown(contact: Contact | None) -> dict[str, str]:
    """Return what stands in the form of a contact, or of a new one."""
    if contact is None:
        return {}
    texts = {field: getattr(contact, name) or "" for field, name in _PLAIN.items()}
    texts |= {field: str(contact.address.get(name) or "") for field, name in _ADDRESS.items()}
    return texts | {rank: "1" for rank in _RANKS if getattr(contact, rank)}


def wanted(typed: Mapping[str, str], held: Contact | None) -> dict[str, Any]:
    """Return what is wanted of a contact (field of `CONTACT_FIELDS` → value); raises `Invalid`.

    What the form does not show stays: further lines of the address, the label, a telephone at work.
    """
    texts = {field: typed.get(field, "").strip() for field in (*_PLAIN, *_ADDRESS)}
    texts["country"] = texts["country"].upper()
    for field, text in texts.items():
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise Invalid(field, f"Give at most {LONGEST_TEXT} printable characters.")
    if texts["country"] and not _COUNTRY.fullmatch(texts["country"]):
        raise Invalid("country", "Give the country's two letters, such as US or DE.")
    if not texts["email"]:
        raise Invalid("email", "Give an e-mail address: whoever delivers may need to ask.")
    fields: dict[str, Any] = {name: texts[field] or None for field, name in _PLAIN.items()}
    old = dict(held.address) if held else {}
    typed_address = {name: texts[field] or None for field, name in _ADDRESS.items()}
    if any((old.get(name) or None) != text for name, text in typed_address.items()):
        # What was validated is another address.
        old.pop("isValidated", None)
    kept = old | typed_address
    fields["address"] = {name: value for name, value in kept.items() if value is not None}
    for rank in _RANKS:
        is_for_it = held is not None and getattr(held, rank) is not None
        # What it was for, it stays for; the first choice is what is ticked.
        fields[rank] = True if rank in typed else (False if is_for_it else None)
    return fields
