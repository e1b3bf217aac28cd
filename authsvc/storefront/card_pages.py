"""My Account › Saved payment information: which card is the first choice, and forgetting one.

Cards come from the payment service by way of the API, as tokens; no form here takes one. On a page a card goes by its
number in the account, never by its token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from authsvc.cards.rules import Card, UnknownCard
from authsvc.storefront.acting_pages import refuse_acting
from authsvc.storefront.own_forms import saved
from authsvc.storefront.pages import Answer, StorefrontPages
from authsvc.storefront.places import Place
from authsvc.storefront.visitors import ShopperVisitor, caller_of

if TYPE_CHECKING:
    from authsvc.cards.service import Cards

PATH = "/my-account/cards"


def add_card_pages(pages: StorefrontPages, cards: Cards) -> None:
    """Declare what the buttons do, and the question before a card is forgotten."""

    def held(place: Place, visitor: ShopperVisitor, serial: int) -> Card:
        refuse_acting(visitor)
        for card in cards.of_known_account(place.tenant.id, visitor.account_id):
            if card.serial == serial:
                return card
        raise UnknownCard

    @pages.own_form(f"{PATH}/<int:serial>/default")
    def prefer_card(place: Place, visitor: ShopperVisitor, serial: int) -> Answer:
        card = held(place, visitor, serial)
        caller = caller_of(request, place, visitor)
        cards.update(caller, visitor.account_id, card.id, {"is_default": True})
        return saved(place, "card")

    @pages.own_page(f"{PATH}/<int:serial>/delete")
    def ask_to_delete_card(place: Place, visitor: ShopperVisitor, serial: int) -> Answer:
        return pages.show("card_deletion.html", place, card=held(place, visitor, serial))

    @pages.own_form(f"{PATH}/<int:serial>/delete", fresh=True)
    def delete_card(place: Place, visitor: ShopperVisitor, serial: int) -> Answer:
        card = held(place, visitor, serial)
        cards.delete(caller_of(request, place, visitor), visitor.account_id, card.id)
        return saved(place, "card-deleted")
