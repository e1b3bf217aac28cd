"""Finding customers as one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.customer_search.rules import CustomerPage, CustomerQuery
from authsvc.listing.paging import Page

if TYPE_CHECKING:
    from authsvc.accounts.list_store import AccountList


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """The use case; it changes nothing."""

    listing: AccountList

    def search(self, tenant_id: int, query: CustomerQuery) -> CustomerPage:
        """Return a page of the tenant's customers that `query` finds.

        Raises `Invalid` for too many words, a page size out of range, or a cursor that is not of this search.
        """
        condition = f"customerSet eq {query.customer_set}" if query.customer_set else ""
        found, _ = self.listing.page(
            tenant_id,
            Page.asked(0, query.page_size),
            filter_text=condition,
            quick_search=query.text,
            is_anonymous=query.is_guest,
        )
        return CustomerPage(tuple(found))
