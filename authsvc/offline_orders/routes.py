"""The offline-order tool's calls: first the site, then the customer, or a new one, then a receipt."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.rules import EmailAddressTaken, UnknownAccount, UsernameTaken
from authsvc.accounts.wire import Account
from authsvc.callers import Behavior, Caller, Requires
from authsvc.credentials.hashing import HashingBusy
from authsvc.credentials.rules import HasLogin
from authsvc.customer_sets.rules import UnknownSite
from authsvc.errors import NotOffered
from authsvc.listing.paging import Page
from authsvc.listing.queries import FieldsQuery
from authsvc.mail.rules import SiteHasNoHost
from authsvc.offline_orders.service import OfflineOrders
from authsvc.offline_orders.wire import (
    EligibilityModel,
    EligibleCustomer,
    EligibleCustomerPage,
    NewCustomerBody,
    ReceiptModel,
)
from authsvc.orders.rules import NotOfTheSitesSet
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

# What somebody types is a few words; characters.
LONGEST_TEXT = 100
# Longer than any cursor.
LONGEST_CURSOR = 2_000

_READS = Requires(Behavior.CUSTOMER_READ)


class EligibleQuery(Wire):
    """What is typed, and how many customers are wanted at most."""

    q: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None
    page_size: int | None = None
    cursor: Annotated[str, Field(max_length=LONGEST_CURSOR)] | None = None
    response_fields: str | None = None


def routes(service: OfflineOrders) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("offline_orders", prefix="/api/commerce/customer/sites", tag="Offline orders")
    _choosing(part, service)
    _making(part, service)
    return part


def _choosing(part: Routes, service: OfflineOrders) -> None:
    @part.get(
        "/<int:site_id>/eligiblecustomers",
        requires=_READS,
        answers=EligibleCustomerPage,
        refuses=(UnknownSite,),
    )
    def list_eligible_customers(
        caller: Caller, site_id: int, query: EligibleQuery
    ) -> EligibleCustomerPage:
        """Find customers whom an order on the site may name, while somebody types.

        Only customers of the site's customer set, guests and registered. `q`: beginnings of words of the name, company,
        e-mail address or username; a customer number; or six digits or more of a telephone number.
        """
        found = service.eligible(
            caller.tenant_id,
            site_id,
            query.q or "",
            Page.asked(0, query.page_size).size,
            query.cursor,
        )
        return EligibleCustomerPage(
            items=[EligibleCustomer.of(account) for account in found.items],
            next_cursor=found.next_cursor,
        )

    @part.get(
        "/<int:site_id>/eligiblecustomers/<int:account_id>",
        requires=_READS,
        answers=EligibilityModel,
        refuses=(UnknownSite, UnknownAccount),
    )
    def get_eligibility(
        caller: Caller, site_id: int, account_id: int, query: FieldsQuery
    ) -> EligibilityModel:
        """Tell whether an order on the site may name a customer; if not, why and what to do."""
        return EligibilityModel.of(service.eligibility(caller.tenant_id, site_id, account_id))


def _making(part: Routes, service: OfflineOrders) -> None:
    @part.post(
        "/<int:site_id>/eligiblecustomers",
        requires=Requires(Behavior.CUSTOMER_CREATE),
        answers=Account,
        status=201,
        refuses=(
            UnknownSite,
            EmailAddressTaken,
            UsernameTaken,
            HasLogin,
            SiteHasNoHost,
            NotOffered,
            HashingBusy,
        ),
        body_name="accountAndAuthInfo",
    )
    def create_eligible_customer(
        caller: Caller, site_id: int, body: NewCustomerBody, query: FieldsQuery
    ) -> Account:
        """Make a new unique account in the site's customer set for a shopper who has none there.

        `sendInvitation`: the shopper is mailed a link to choose a password, good for 14 days, once.
        """
        return Account.of(
            service.create(caller, site_id, body.enrolment(), invited=body.send_invitation)
        )

    @part.post(
        "/<int:site_id>/eligiblecustomers/<int:account_id>/receipts",
        requires=Requires(Behavior.ORDER_UPDATE),
        answers=ReceiptModel,
        status=201,
        refuses=(UnknownSite, UnknownAccount, NotOfTheSitesSet),
    )
    def issue_eligibility_receipt(
        caller: Caller, site_id: int, account_id: int, query: FieldsQuery
    ) -> ReceiptModel:
        """Get signed proof that an order on the site may name the customer now; send it along with the order.

        It is good for orders placed before it expires, whenever they arrive and wherever site and customer are then.
        """
        return ReceiptModel.of(*service.receipt(caller, site_id, account_id))
