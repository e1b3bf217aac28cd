"""Cards of an account: list, add, change, delete ([K] 3.1, 3.5)."""

from __future__ import annotations

from dataclasses import replace

from authsvc.callers import Behavior, Caller, FreshSignIn, Requires, ShopperRole
from authsvc.card_numbers import CardNumberRefused
from authsvc.cards.rules import CardExists, NoCardToDelete, TooManyCards, UnknownCard
from authsvc.cards.service import Cards
from authsvc.cards.wire import CardBody, CardCollection, CustomerCard
from authsvc.listing.queries import FieldsQuery
from authsvc.sessions.freshness import FreshSignInRequired
from authsvc.web.operations import Routes

_READS = Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT, acting=False)
_CHANGES = Requires(Behavior.CUSTOMER_UPDATE, ShopperRole.OWN_ACCOUNT, acting=False)
_ADDS_OR_DELETES = replace(_CHANGES, fresh_sign_in=FreshSignIn.NEEDED_BEYOND_VENDOR)


def routes(service: Cards) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("cards", prefix="/api/commerce/customer/accounts", tag="Cards")
    _reading(part, service)
    _changing(part, service)
    return part


def _reading(part: Routes, service: Cards) -> None:
    @part.get(
        "/<int:account_id>/cards",
        requires=_READS,
        answers=CardCollection,
        refuses=(UnknownCard,),
    )
    def list_cards(caller: Caller, account_id: int, query: FieldsQuery) -> CardCollection:
        """List the cards of an account: tokens, last digits and expiry, never a number."""
        caller.may_see_account(account_id)
        return CardCollection.of(service.of_known_account(caller.tenant_id, account_id))

    @part.get(
        "/<int:account_id>/cards/<card_id>",
        requires=_READS,
        answers=CustomerCard,
        refuses=(UnknownCard,),
    )
    def get_card(caller: Caller, account_id: int, card_id: str, query: FieldsQuery) -> CustomerCard:
        """Get a card by its token."""
        caller.may_see_account(account_id)
        return CustomerCard.of(service.card(caller.tenant_id, account_id, card_id))


def _changing(part: Routes, service: Cards) -> None:
    @part.post(
        "/<int:account_id>/cards",
        requires=_ADDS_OR_DELETES,
        answers=CustomerCard,
        status=201,
        refuses=(FreshSignInRequired, UnknownCard, CardExists, TooManyCards, CardNumberRefused),
        body_name="card",
    )
    def add_card(
        caller: Caller, account_id: int, body: CardBody, query: FieldsQuery
    ) -> CustomerCard:
        """Add a card that the payment service knows; one that is the default takes that from the one that was."""
        caller.may_see_account(account_id)
        return CustomerCard.of(service.add(caller, account_id, body.id or "", body.fields()))

    @part.put(
        "/<int:account_id>/cards/<card_id>",
        requires=_CHANGES,
        answers=CustomerCard,
        refuses=(UnknownCard, CardNumberRefused),
        body_name="card",
    )
    def update_card(
        caller: Caller, account_id: int, card_id: str, body: CardBody, query: FieldsQuery
    ) -> CustomerCard:
        """Change what is known of a card; what is left out stays as it is."""
        caller.may_see_account(account_id)
        return CustomerCard.of(service.update(caller, account_id, card_id, body.fields()))

    @part.delete(
        "/<int:account_id>/cards/<card_id>",
        requires=_ADDS_OR_DELETES,
        refuses=(FreshSignInRequired, UnknownCard, NoCardToDelete),
    )
    def delete_card(caller: Caller, account_id: int, card_id: str) -> None:
        """Delete a card."""
        caller.may_see_account(account_id)
        service.delete(caller, account_id, card_id)
