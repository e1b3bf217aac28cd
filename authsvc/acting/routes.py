"""The vendor's call to take a shopper's cart over ([K] 2.7); staff begin on the customer's page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import LONGEST_USER_ID, UnknownAccount
from authsvc.acting.service import ActingForShoppers
from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import Invalid
from authsvc.login.wire import CustomerAuthTicket
from authsvc.web.operations import Routes
from authsvc.web.wire import Id, Wire

# A guard, not a rule of the documents; the vendor's cart ids have 32 characters.
LONGEST_CART_ID = 100


class CartImpersonation(Wire):
    """Whose cart it is; `userId` must be the account's, if it is sent."""

    account_id: Id | None = None
    cart_id: Annotated[str, Field(max_length=LONGEST_CART_ID)] | None = None
    user_id: Annotated[str, Field(max_length=LONGEST_USER_ID)] | None = None


class TicketQuery(Wire):
    """What of the ticket is wanted."""

    response_fields: str | None = None


def routes(service: ActingForShoppers) -> Routes:
    """Declare the operation over `service`."""
    part = Routes("acting", prefix="/api/commerce/customer/authtickets", tag="Shopper tickets")

    @part.post(
        "/impersonatecart",
        requires=Requires(Behavior.CUSTOMER_IMPERSONATE),
        answers=CustomerAuthTicket,
        status=200,
        refuses=(UnknownAccount, UnknownSite),
        body_name="cartImpersonation",
    )
    def impersonate_cart(
        caller: Caller, body: CartImpersonation, query: TicketQuery
    ) -> CustomerAuthTicket:
        """Get a ticket to act for a shopper on the call's site, for 15 minutes.

        Its session's methods say who acts; passwords, cards and the account's end are out of reach in it.
        """
        if not body.account_id:
            raise Invalid("accountId", "Name the customer account whose cart it is.")
        acting = service.begin(
            caller, body.account_id, user_id=body.user_id, cart_id=body.cart_id or None
        )
        return CustomerAuthTicket.of(acting.ticket)

    return part
