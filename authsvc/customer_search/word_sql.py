"""The queries over the words customers are found by (migration 0009), put together of what is written here only.

Whatever a caller gave goes along as a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from authsvc.customer_search.cursors import Cursor
from authsvc.customer_search.rules import Filters, end_of_range

# Entries of an index counted to tell which of several words is the rarest: a millisecond or two.
MOST_COUNTED = 8_000

_COLUMNS = "words.word, words.other_words, words.account_id"
# Words written in a set, and those of customers who came to it by a large move since.
_HOMES = """(
    SELECT CAST(:customer_set AS text) AS code
    UNION SELECT home_set_code FROM customer_search_moves
    WHERE tenant_id = :tenant_id AND customer_set_code = :customer_set
) AS homes"""
# These are asked for each customer by itself: joined, PostgreSQL might begin with everybody in the set or segment.
_IN_SET = """(
    SELECT accounts.id FROM accounts WHERE accounts.tenant_id = :tenant_id
    AND accounts.customer_set_code = :customer_set AND accounts.id = words.account_id
) IS NOT NULL"""
_IN_SEGMENT = """(
    SELECT members.account_id FROM account_segments AS members WHERE members.tenant_id = :tenant_id
    AND members.account_id = words.account_id AND members.segment_id = :segment_id
) IS NOT NULL"""
# A customer with several words that begin like the leading one stands where the first of them does.
_IS_FIRST = """(strpos(' ' || words.other_words, ' ' || :first) = 0 OR NOT EXISTS (
    SELECT FROM unnest(string_to_array(words.other_words, ' ')) AS other
    WHERE other COLLATE "C" >= :first AND other COLLATE "C" < words.word
))"""


class WordSearch:
    """The conditions of a query over the words, and their values."""

    def __init__(self, tenant_id: int, filters: Filters) -> None:
        """Begin one for `tenant_id`; nothing of `filters` is asked for yet."""
        self.values: dict[str, Any] = {"tenant_id": tenant_id}
        self._conditions = ["words.tenant_id = :tenant_id"]
        self._filters = filters
        self._in_set = filters.customer_set is not None
        if self._in_set:
            self.values["customer_set"] = filters.customer_set

    def add(self, condition: str, **values: object) -> None:
        """Ask for one thing more."""
        self._conditions.append(condition)
        self.values |= values

    def add_flags(self, filters: Filters) -> None:
        """Ask for what stands beside each word."""
        for flag in ("is_locked", "is_guest"):
            wanted = getattr(filters, flag)
            if wanted is not None:
                self._conditions.append(f"words.{flag}" if wanted else f"NOT words.{flag}")

    def add_members(self) -> None:
        """Ask the customer's set and segments as they are now."""
        if self._in_set:
            self._conditions.append(_IN_SET)
        if self._filters.segment_id is not None:
            self.add(_IN_SEGMENT, segment_id=self._filters.segment_id)

    def add_range(self, leading: str | None, beside: Cursor | None) -> None:
        """Ask for the words that begin with `leading`, each customer once, on one side of a position."""
        self.add_flags(self._filters)
        is_backward = beside is not None and beside.is_backward
        if beside is not None:
            place = beside.position
            self.add(
                f"({_COLUMNS}) {'<' if is_backward else '>'} (:word, :other_words, :account_id)",
                word=place.word,
                other_words=place.other_words,
                account_id=place.account_id,
            )
        if leading is None:
            self._conditions.append("words.is_listed")
        else:
            # A second bound on the side of the position could make PostgreSQL begin to read there.
            if beside is None or is_backward:
                self._conditions.append("words.word >= :first")
            if beside is None or not is_backward:
                self._end_range("end", leading)
            self.add(_IS_FIRST, first=leading)
        self.add_members()

    def add_others(self, words: Sequence[str]) -> None:
        """Ask for customers of whom each of these begins a word as well."""
        every = "' ' || words.word || ' ' || words.other_words"
        for at, word in enumerate(words):
            self.add(f"strpos({every}, :other{at}) > 0", **{f"other{at}": f" {word}"})

    def _end_range(self, name: str, word: str) -> None:
        end = end_of_range(word)
        if end is not None:
            self.add(f"words.word < :{name}", **{name: end})

    def where(self) -> str:
        """Return FROM and WHERE over the words, wherever they were written."""
        return f"FROM customer_search_words AS words WHERE {' AND '.join(self._conditions)}"

    def ordered(self, direction: str, limit: int) -> str:
        """Return the query for the first words in their order."""
        self.values["limit"] = limit
        order = ", ".join(f"{name} {direction}" for name in ("word", "other_words", "account_id"))
        return self._in_homes(f"SELECT {_COLUMNS}", f"ORDER BY {order} LIMIT :limit")

    def counted(self, at: int, word: str) -> str:
        """Return the query that counts the words which begin with `word`, up to `MOST_COUNTED`."""
        before = list(self._conditions)
        self.add(f"words.word >= :first{at}", **{f"first{at}": word})
        self._end_range(f"end{at}", word)
        query = self._in_homes("SELECT 1", f"LIMIT {MOST_COUNTED}")
        self._conditions = before
        return f"SELECT count(*) FROM ({query}) AS counted"  # noqa: S608  of what is written here only

    def _in_homes(self, columns: str, tail: str) -> str:
        if not self._in_set:
            return f"{columns} {self.where()} {tail}"
        here = f"{columns} {self.where()} AND words.home_set_code = homes.code {tail}"
        # Values come as parameters; all that is put together here is written in this file.
        return f"SELECT found.* FROM {_HOMES} CROSS JOIN LATERAL ({here}) AS found {tail}"  # noqa: S608
