import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.errors import Invalid
from authsvc.listing.paging import PAGE_SIZE_MAX, START_INDEX_MAX, Page


def test_a_page_holds_20_items_from_the_start_unless_asked_otherwise() -> None:
    assert Page.asked() == Page() == Page(start_index=0, size=20)
    assert Page.asked(start_index=50, page_size=25) == Page(start_index=50, size=25)


def test_a_page_above_200_is_capped_and_says_so() -> None:
    assert Page.asked(page_size=200).size == 200
    assert Page.asked(page_size=201).size == 200
    assert Page.asked(page_size=10**30).size == PAGE_SIZE_MAX


@pytest.mark.parametrize(
    ("start_index", "page_size", "parameter"),
    [
        (-1, 20, "startIndex"),
        (START_INDEX_MAX + 1, 20, "startIndex"),
        (0, 0, "pageSize"),
        (0, -1, "pageSize"),
    ],
)
def test_a_page_that_makes_no_sense_is_refused(
    start_index: int, page_size: int, parameter: str
) -> None:
    with pytest.raises(Invalid, match=parameter):
        Page.asked(start_index, page_size)


def test_25_items_fill_3_pages_of_10_whatever_the_offset() -> None:
    """The vendor's own test: 25 items, pageSize 10, startIndex 5 make pageCount 3."""
    assert Page.asked(start_index=5, page_size=10).page_count(25) == 3
    assert Page.asked(page_size=10).page_count(30) == 3
    assert Page.asked().page_count(0) == 0


@given(st.integers(0, 10**9), st.integers(1, 200))
def test_pages_hold_all_items_and_none_is_empty(total: int, size: int) -> None:
    count = Page(size=size).page_count(total)
    assert (count - 1) * size < total <= count * size or total == count == 0
