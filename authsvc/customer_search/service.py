"""Finding customers as one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.customer_search.cursors import BadCursor, Cursor
from authsvc.customer_search.rules import CustomerPage, CustomerQuery, Found, Wanted

if TYPE_CHECKING:
    from authsvc.customer_search.store import CustomerSearchStore


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """The use case; it changes nothing."""

    store: CustomerSearchStore

    def search(self, tenant_id: int, query: CustomerQuery) -> CustomerPage:
        """Return a page of the tenant's customers that `query` finds.

        Who has a number that was typed comes first. Raises `Invalid` for too many words or a page size that makes no
        sense, and `BadCursor`.
        """
        wanted = Wanted.of(query)
        size = query.size
        asked = [tenant_id, wanted.words, *_said(wanted)]
        beside = Cursor.read(query.cursor, asked) if query.cursor else None
        leading = self._leading(tenant_id, wanted, beside)
        numbered = self.store.by_number(tenant_id, wanted) if wanted.numbers else []
        is_backward = beside is not None and beside.is_backward
        # One more than the page tells whether another follows.
        found = self.store.page(
            tenant_id,
            wanted,
            leading,
            size + 1,
            beside=beside,
            besides=[one.account.id for one in numbered],
        )
        found = _merged(numbered, found, beside)
        items, has_more = found[:size], len(found) > size
        if is_backward:
            items.reverse()
        has_next, has_previous = (
            (beside is not None, has_more) if is_backward else (has_more, beside is not None)
        )

        def cursor(at: int, *, backward: bool) -> str:
            return Cursor(items[at].position, leading, backward).text(asked)

        return CustomerPage(
            tuple(one.account for one in items),
            cursor(-1, backward=False) if items and has_next else None,
            cursor(0, backward=True) if items and has_previous else None,
        )

    def _leading(self, tenant_id: int, wanted: Wanted, beside: Cursor | None) -> str | None:
        """Return the word whose range is read: the rarest, and on all pages the same."""
        if beside is not None:
            if (beside.leading is None) != (not wanted.words) or (
                beside.leading is not None and beside.leading not in wanted.words
            ):
                raise BadCursor
            return beside.leading
        if len(wanted.words) > 1:
            return wanted.rarest(self.store.frequencies(tenant_id, wanted))
        return wanted.words[0] if wanted.words else None


def _said(wanted: Wanted) -> list[str | int | bool | None]:
    filters = wanted.filters
    return [filters.customer_set, filters.is_locked, filters.is_guest, filters.segment_id]


def _merged(numbered: list[Found], found: list[Found], beside: Cursor | None) -> list[Found]:
    """Put those found by number where they stand, before all others."""
    if beside is None:
        return numbered + found
    if beside.is_backward:
        before = [one for one in numbered if one.position < beside.position]
        return found + before[::-1]
    return [one for one in numbered if one.position > beside.position] + found
