"""What the plain texts of an account may be, by whichever door they come: the API, a page's form, an imported list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authsvc.card_numbers import refuse_card_numbers
from authsvc.contacts.rules import LONGEST_TEXT
from authsvc.errors import Invalid

# Where a card number never belongs; an e-mail address may be a telephone number. Field → name on the wire.
_NAMES = {
    "first_name": "firstName",
    "last_name": "lastName",
    "company_or_organization": "companyOrOrganization",
}
# Username and e-mail address have rules of their own.
_TEXTS = _NAMES | {"locale_code": "localeCode", "external_id": "externalId", "tax_id": "taxId"}


def refuse_unkeepable(fields: Mapping[str, Any]) -> None:
    """Raise `Invalid` for a text that is too long, or that PostgreSQL cannot store.

    `fields`: those of `rules.APPLICATION_FIELDS` that are known.
    """
    for name, wire_name in _TEXTS.items():
        text = fields.get(name)
        if not isinstance(text, str):
            continue
        if len(text) > LONGEST_TEXT:
            raise Invalid(wire_name, f"must have at most {LONGEST_TEXT} characters")
        if "\0" in text:
            raise Invalid(wire_name, "must not contain the character U+0000")


def refuse_numbers_in_names(fields: Mapping[str, Any]) -> None:
    """Raise `CardNumberRefused` for a card number where a name belongs."""
    refuse_card_numbers({wire_name: fields.get(name) for name, wire_name in _NAMES.items()})
