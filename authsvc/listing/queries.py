"""What callers may ask for in any call's address: which fields of the answer, and which part of a list ([K] 3.4)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.listing.filters import FILTER_MAX_CHARACTERS
from authsvc.listing.paging import Page
from authsvc.web.wire import Wire

# Characters: naming every field that the longest list can be sorted by takes fewer.
_LONGEST_ORDER = 500


class FieldsQuery(Wire):
    """What of the answer is wanted."""

    response_fields: str | None = None


class PageQuery(FieldsQuery):
    """Which part of a list."""

    start_index: int | None = None
    page_size: int | None = None

    @property
    def page(self) -> Page:
        """The part that is meant; raises `Invalid`."""
        return Page.asked(self.start_index, self.page_size)


class ListQuery(PageQuery):
    """Which part of a list, which of its items, and in which order."""

    sort_by: Annotated[str, Field(max_length=_LONGEST_ORDER)] | None = None
    filter: Annotated[str, Field(max_length=FILTER_MAX_CHARACTERS)] | None = None
