"""What is kept of a card, and what never is ([K] 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from authsvc.card_numbers import CardNumberRefused, refuse_card_numbers, refuse_in_token
from authsvc.errors import Conflict, Invalid, NotFound

# Characters. A token is a name, not a document; PCI DSS knows none longer.
LONGEST_TOKEN = 100
LONGEST_NUMBER_PART = 30
LONGEST_TYPE = 50
LONGEST_NAME = 200
# PCI DSS 4.0, 3.4.1, for numbers of 15 and 16 digits alike: the first six and the last four.
MOST_SHOWN_DIGITS = 10
# An account with more than this is no person's.
MOST_CARDS = 100
# Ids of contacts have fewer digits than card numbers.
LARGEST_CONTACT_ID = 10**11 - 1

# Whatever can stand in an address unescaped or escaped, but for the slash, which would end it.
_TOKEN = re.compile(r"[!-.0-~]+")
_NUMBER_PART = re.compile(r"[0-9*xX#•.\- ]*")


@dataclass(frozen=True, slots=True)
class Card:
    """A payment card of an account: the payment service's token, and what a person knows the card by."""

    id: str
    number_part: str | None = None
    card_type: str | None = None
    name_on_card: str | None = None
    expire_month: int | None = None
    expire_year: int | None = None
    contact_id: int | None = None
    is_default: bool = False
    # Tells cards apart in the trail, where the token must not stand.
    serial: int = 0
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    updated_by: str | None = None


# What a caller may say of a card besides its token.
CARD_FIELDS = (
    "number_part",
    "card_type",
    "name_on_card",
    "expire_month",
    "expire_year",
    "contact_id",
    "is_default",
)
# What the trail may show; of all else it shows that it changed.
SHOWN_IN_TRAIL = frozenset({"contact_id", "is_default"})


class UnknownCard(NotFound):
    """The account has no such card; what was asked for is not repeated, for it may be a number."""

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("There is no such card.")


class NoCardToDelete(Conflict):
    """The account has no such card to delete; the vendor's tests have 409 here ([K] 3.5)."""

    def __init__(self) -> None:
        """Say no more than that."""
        super().__init__("There is no such card to delete.")


class CardExists(Conflict):
    """The account has a card of this token already."""

    error_code = "ITEM_ALREADY_EXISTS"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The account has this card already. Change it instead.")


class TooManyCards(Conflict):
    """The account has as many cards as one may have."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(f"An account has at most {MOST_CARDS} cards. Delete one first.")


def checked(card: Card) -> Card:
    """Return a card that may be kept; raises `CardNumberRefused` or `Invalid`, neither repeating what was sent."""
    refuse_in_token("id", card.id)
    refuse_card_numbers(
        {
            "cardNumberPart": card.number_part,
            "cardType": card.card_type,
            "nameOnCard": card.name_on_card,
        }
    )
    if card.contact_id is not None and card.contact_id > LARGEST_CONTACT_ID:
        # Not even asked for: what a database refuses stands in its log.
        raise CardNumberRefused("contactId")
    if not card.id:
        raise Invalid("id", "Give the token by which the payment service knows the card.")
    if len(card.id) > LONGEST_TOKEN or not _TOKEN.fullmatch(card.id):
        raise Invalid("id", f"must have at most {LONGEST_TOKEN} ASCII characters, and no slash")
    _short("cardNumberPart", card.number_part, LONGEST_NUMBER_PART)
    _short("cardType", card.card_type, LONGEST_TYPE)
    _short("nameOnCard", card.name_on_card, LONGEST_NAME)
    part = card.number_part or ""
    digits = sum(character.isdecimal() for character in part)
    if not _NUMBER_PART.fullmatch(part) or digits > MOST_SHOWN_DIGITS:
        raise Invalid(
            "cardNumberPart",
            f"Give at most {MOST_SHOWN_DIGITS} digits, best the last four, and signs for the others: "
            "************1111.",
        )
    # As few digits as the store lets in.
    for name, text in (("cardType", card.card_type), ("nameOnCard", card.name_on_card)):
        if sum(character.isdecimal() for character in text or "") > MOST_SHOWN_DIGITS:
            raise Invalid(name, f"must have at most {MOST_SHOWN_DIGITS} digits")
    _within("expireMonth", card.expire_month, 1, 12)
    _within("expireYear", card.expire_year, 1000, 9999)
    return card


def changed(card: Card, wanted: Mapping[str, Any]) -> Card:
    """Return `card` with what of `wanted` (field of `CARD_FIELDS` → value) is another; raises as `checked`."""
    return checked(replace(card, **{name: wanted[name] for name in CARD_FIELDS if name in wanted}))


def demoted(others: Iterable[Card], newest: Card) -> list[Card]:
    """Return the other cards as they are to be beside `newest`: if it is the default, none of them is."""
    return [
        replace(other, is_default=other.is_default and not newest.is_default) for other in others
    ]


def changes_for_trail(old: Card | None, new: Card | None) -> dict[str, tuple[object, object]]:
    """Return what of a card changed, field → (old, new), with values only where they tell nothing of the card."""
    told: dict[str, tuple[object, object]] = {}
    for name in CARD_FIELDS:
        before = getattr(old, name) if old else None
        after = getattr(new, name) if new else None
        if before != after:
            told[name] = (before, after) if name in SHOWN_IN_TRAIL else (None, None)
    return told


def _short(name: str, text: str | None, limit: int) -> None:
    if len(text or "") > limit:
        raise Invalid(name, f"must have at most {limit} characters")


def _within(name: str, number: int | None, least: int, most: int) -> None:
    if number is not None and not least <= number <= most:
        raise Invalid(name, f"must be from {least} to {most}")
