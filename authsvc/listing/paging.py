"""Which part of a list an answer holds ([K] 3.4): `startIndex` items are skipped, `pageSize` at most are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from authsvc.errors import Invalid

PAGE_SIZE_DEFAULT = 20  # [K] 3.4
PAGE_SIZE_MAX = 200  # [K] 3.4
#: Items. The largest 32-bit number, which is what clients keep it in; with a page added still far inside a bigint.
START_INDEX_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: `size` items from the zero-based item `start_index` on."""

    start_index: int = 0
    size: int = PAGE_SIZE_DEFAULT

    @classmethod
    def asked(cls, start_index: int | None = None, page_size: int | None = None) -> Self:
        """Take what a caller asked for; None is not asked.

        A size above the maximum becomes the maximum, which the answer then reports. Raises `Invalid` for `startIndex`
        or `pageSize` outside of what makes sense.
        """
        start_index = 0 if start_index is None else start_index
        page_size = PAGE_SIZE_DEFAULT if page_size is None else page_size
        if not 0 <= start_index <= START_INDEX_MAX:
            raise Invalid("startIndex", f"must be from 0 to {START_INDEX_MAX}.")
        if page_size < 1:
            raise Invalid("pageSize", f"must be from 1 to {PAGE_SIZE_MAX}.")
        return cls(start_index, min(page_size, PAGE_SIZE_MAX))

    def page_count(self, total: int) -> int:
        """Return how many pages of this size `total` items fill, the last one perhaps in part."""
        return -(-total // self.size)
