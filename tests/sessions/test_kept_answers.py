"""What a process keeps to answer again: bounded in number and in bytes, whatever its callers show it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from authsvc.sessions.kept_answers import KeptAnswers

MOST, MOST_BYTES = 4, 100


@dataclass(frozen=True)
class Sized:
    """An answer of so many bytes."""

    size: int


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 120) | st.none()), max_size=60))
def test_it_is_bounded_by_entries_and_by_bytes(steps: list[tuple[int, int | None]]) -> None:
    kept: KeptAnswers[int, Sized] = KeptAnswers(MOST, MOST_BYTES)
    for key, size in steps:
        if size is None:
            kept.drop(key)
            assert kept.get(key) is None
            continue
        answer = Sized(size)
        kept.keep(key, answer)
        assert kept.get(key) is (answer if size <= MOST_BYTES else None)
        there = [found for each in range(10) if (found := kept.get(each)) is not None]
        assert len(kept) == len(there) <= MOST
        assert kept.size == sum(each.size for each in there) <= MOST_BYTES


def test_the_oldest_goes_first() -> None:
    kept: KeptAnswers[str, Sized] = KeptAnswers(2, MOST_BYTES)
    for key in ("Stacy", "John", "Stacy", "Pat"):
        kept.keep(key, Sized(1))
    assert [key for key in ("Stacy", "John", "Pat") if kept.get(key)] == ["Stacy", "Pat"]
