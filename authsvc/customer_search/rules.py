"""What a search for customers is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

from authsvc.accounts.rules import CustomerAccount
from authsvc.listing.paging import PAGE_SIZE_DEFAULT


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """A search: what was typed, what the customers must be besides, and which page.

    `text`: words that all begin a word of the customer's first or last name, company, e-mail address or username, in
    any case and any composed form; one that is a number may be the customer number instead. Empty: everybody.
    A filter that is None does not filter; `is_guest`: without login, or only with one. `page_size`: customers, at most
    `listing.paging.PAGE_SIZE_MAX`. `cursor`: from the page before or after this one, for the same search.
    """

    text: str = ""
    customer_set: str | None = None
    is_locked: bool | None = None
    is_guest: bool | None = None
    segment_id: int | None = None
    page_size: int = PAGE_SIZE_DEFAULT
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Customers in the order of the word they are found by; without text, of their names. Without their contacts.

    The cursors lead to the pages beside this one; None where there is none.
    """

    items: tuple[CustomerAccount, ...] = field(default=())
    next_cursor: str | None = None
    previous_cursor: str | None = None
