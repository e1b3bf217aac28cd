"""Customers found as one types, over HTTP; the vendor's list counts what it finds, which takes longer for more."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.accounts.whole_accounts import WholeAccounts
from authsvc.accounts.wire import NOTES_GROUP, Account, is_wanted, response_groups
from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_search.rules import CustomerQuery
from authsvc.customer_search.service import CustomerSearch
from authsvc.listing.paging import PAGE_SIZE_DEFAULT
from authsvc.web.operations import Routes
from authsvc.web.wire import Count, Wire

# What is typed to find a customer is a few words; characters.
LONGEST_SEARCH = 300
# A cursor holds the words of one customer (`search_words.MOST_BYTES`) in base64, and little else; characters.
LONGEST_CURSOR = 4_000


class CustomerSearchQuery(Wire):
    """What was typed, what the customers must be besides, and which page; `cursor` is from another answer."""

    q: Annotated[str, Field(max_length=LONGEST_SEARCH)] | None = None
    customer_set: Annotated[str, Field(max_length=50)] | None = None
    is_locked: bool | None = None
    is_anonymous: bool | None = None
    segment_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    page_size: int | None = None
    cursor: Annotated[str, Field(max_length=LONGEST_CURSOR)] | None = None
    response_groups: str | None = None
    response_fields: str | None = None


class FoundCustomers(Wire):
    """A page of customers; the cursors lead to the pages beside it, null where there is none."""

    items: list[Account]
    page_size: Count
    next_cursor: str | None
    previous_cursor: str | None


def routes(search: CustomerSearch, whole: WholeAccounts) -> Routes:
    """Declare the operation over `search`; `whole` adds what is shown beside an account."""
    part = Routes(
        "customer_search", prefix="/api/commerce/customer/accounts", tag="Customer accounts"
    )

    @part.get("/search", requires=Requires(Behavior.CUSTOMER_READ), answers=FoundCustomers)
    def search_accounts(caller: Caller, query: CustomerSearchQuery) -> FoundCustomers:
        """Find customers as one types, at the same speed in a large tenant and on a late page.

        Every word of `q` begins a word of the first or last name, the company, the e-mail address or the username, or
        is the customer number. The answer is in the order of these words; without `q`, of names. It is not counted.
        """
        wanted = CustomerQuery(
            query.q or "",
            query.customer_set or None,
            query.is_locked,
            query.is_anonymous,
            query.segment_id,
            PAGE_SIZE_DEFAULT if query.page_size is None else query.page_size,
            query.cursor or None,
        )
        page = search.search(caller.tenant_id, wanted)
        groups = response_groups(query.response_groups)
        found = whole.accounts.with_contacts(page.items)
        beside = whole.beside(caller, found, with_notes=is_wanted(NOTES_GROUP, groups))
        return FoundCustomers(
            items=[Account.of(one, groups, beside[one.id]) for one in found],
            page_size=wanted.size,
            next_cursor=page.next_cursor,
            previous_cursor=page.previous_cursor,
        )

    return part
