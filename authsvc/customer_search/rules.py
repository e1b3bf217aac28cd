"""What a search for customers is asked, what it answers, and what it looks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.search_words import typed_words
from authsvc.customer_search.cursors import Position
from authsvc.errors import Invalid
from authsvc.listing.paging import PAGE_SIZE_DEFAULT, Page

# Who knows more than this of a customer uses a filter.
MOST_WORDS = 8
# A bigint's largest value: a longer number is no customer number.
_LARGEST_ID = 2**63 - 1
_MOST_ID_DIGITS = 19


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

    @property
    def size(self) -> int:
        """The customers of a page, at most; raises `Invalid` for a page size that makes no sense."""
        return Page.asked(0, self.page_size).size


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Customers in the order of the word they are found by; without text, of their names. Without their contacts.

    The cursors lead to the pages beside this one; None where there is none.
    """

    items: tuple[CustomerAccount, ...] = field(default=())
    next_cursor: str | None = None
    previous_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """What a customer must be to be found, whatever is typed; None does not matter."""

    customer_set: str | None = None
    is_locked: bool | None = None
    is_guest: bool | None = None
    segment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search looks for: words that begin words of a customer, none of them the beginning of another."""

    words: tuple[str, ...]
    filters: Filters

    @classmethod
    def of(cls, query: CustomerQuery) -> Self:
        """Read what was typed; raises `Invalid` for too many words."""
        typed = typed_words(query.text)
        if len(typed) > MOST_WORDS:
            raise Invalid("q", f"Give at most {MOST_WORDS} words.")
        words = tuple(
            word
            for word in typed
            # A number may be found elsewhere than in a word, so it speaks for itself only.
            if not any(
                other != word and other.startswith(word) and customer_number(other) is None
                for other in typed
            )
        )
        return cls(
            words,
            Filters(
                None if query.customer_set is None else query.customer_set.lower(),
                query.is_locked,
                query.is_guest,
                query.segment_id,
            ),
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        """The customer numbers among the words, ascending."""
        return tuple(sorted({number for number in map(customer_number, self.words) if number}))

    def rarest(self, frequencies: Mapping[str, int]) -> str:
        """Return the word that the fewest words of customers begin with; of several such, the longest."""
        return min(self.words, key=lambda word: (frequencies.get(word, 0), -len(word)))

    def is_found_by(self, account_id: int, its_words: list[str]) -> bool:
        """Tell whether a customer with this number and these words is meant."""
        return all(
            customer_number(word) == account_id or any(its.startswith(word) for its in its_words)
            for word in self.words
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A customer, and where it stands in the order of the search."""

    position: Position
    account: CustomerAccount


def customer_number(word: str) -> int | None:
    """Return the customer number that a word is, or None."""
    if not word.isascii() or not word.isdigit() or len(word) > _MOST_ID_DIGITS:
        return None
    return int(word) if 0 < int(word) <= _LARGEST_ID else None


def end_of_range(word: str) -> str | None:
    """Return the first text, in the order of code points, after all that begin with `word`; None if none does."""
    for at in range(len(word) - 1, -1, -1):
        following = ord(word[at]) + 1
        if 0xD800 <= following <= 0xDFFF:
            following = 0xE000  # the halves of surrogate pairs are no characters
        if following <= 0x10FFFF:
            return word[:at] + chr(following)
    return None
