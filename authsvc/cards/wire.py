"""Cards as they travel, under the vendor's field names ([K] 3.2)."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from authsvc.card_numbers import refuse_anywhere
from authsvc.cards.rules import Card
from authsvc.web.wire import Count, Id, Integer, Json, Wire

# The vendor's name → ours, where they differ.
_RENAMED = {"card_number_part": "number_part", "is_default_pay_method": "is_default"}


class CardBody(Wire):
    """A card as a caller sends it: `id` is the payment service's token, `cardNumberPart` the last digits or a mask.

    No part of it, named here or not, may look like a full card number.
    """

    id: str | None = None
    card_number_part: str | None = None
    card_type: str | None = None
    name_on_card: str | None = None
    expire_month: Integer | None = None
    expire_year: Integer | None = None
    contact_id: Id | None = None
    is_default_pay_method: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _refuse_card_numbers(cls, data: Json) -> Json:
        """Look through all that was sent, before anything is read; the refusal passes through as it is."""
        refuse_anywhere(data, "card", token="id")  # noqa: S106  a field's name
        return data

    def fields(self) -> dict[str, Any]:
        """Return what was sent besides the token, by the names of `rules.CARD_FIELDS`; what is absent is left out."""
        fields = {
            _RENAMED.get(name, name): getattr(self, name) for name in self.model_fields_set - {"id"}
        }
        if "contact_id" in fields:
            # 0 is none, as storefronts send it.
            fields["contact_id"] = fields["contact_id"] or None
        if fields.get("is_default", True) is None:
            del fields["is_default"]
        return fields


class CustomerCard(Wire):
    """A payment card of an account."""

    id: str
    card_number_part: str | None
    card_type: str | None
    name_on_card: str | None
    expire_month: Integer | None
    expire_year: Integer | None
    contact_id: Id
    is_default_pay_method: bool

    @classmethod
    def of(cls, card: Card) -> CustomerCard:
        """Show a kept card."""
        return cls(
            id=card.id,
            card_number_part=card.number_part,
            card_type=card.card_type,
            name_on_card=card.name_on_card,
            expire_month=card.expire_month,
            expire_year=card.expire_year,
            contact_id=card.contact_id or 0,
            is_default_pay_method=card.is_default,
        )


class CardCollection(Wire):
    """All cards of an account; this list has no pages ([K] 3.2)."""

    items: list[CustomerCard]
    total_count: Count

    @classmethod
    def of(cls, cards: list[Card]) -> CardCollection:
        """Show kept cards."""
        return cls(items=[CustomerCard.of(card) for card in cards], total_count=len(cards))
