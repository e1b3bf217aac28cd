"""The shape of every list that is given out page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Self, TypeVar

from authsvc.web.wire import Count, Wire

Item = TypeVar("Item")


class Collection(Wire, Generic[Item]):
    """One page of a list and the size of the whole ([K] 1.1)."""

    items: list[Item]
    start_index: Count
    page_size: Count
    page_count: Count
    total_count: Count

    @classmethod
    def page(
        cls, items: Sequence[Item], *, start_index: int, page_size: int, total_count: int
    ) -> Self:
        """Wrap the `items` of one page; `start_index` is an offset of items, counted from zero.

        `pageCount` is the total divided by the page size, rounded up, whatever the offset ([K] 3.4).
        """
        return cls(
            items=list(items),
            start_index=start_index,
            page_size=page_size,
            page_count=-(-total_count // page_size) if page_size else 0,
            total_count=total_count,
        )
