"""Answers that one process keeps to give them again: so many, and so many bytes, whatever its callers show it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar

# What they may take together: callers who show the longest headers they can get room for fewer.
MOST_BYTES = 256 * 1024 * 1024


class Sized(Protocol):
    """An answer that knows about how many bytes it takes with its key."""

    @property
    def size(self) -> int:
        """Return them."""


Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer", bound=Sized)


class KeptAnswers(Generic[Key, Answer]):
    """Answers by what was asked; where there is no room for one more, the oldest go."""

    def __init__(self, most: int, most_bytes: int = MOST_BYTES) -> None:
        """Keep `most` answers that take `most_bytes` together."""
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        # The dictionary's own method, since every check calls it.
        self.get: Callable[[Key], Answer | None] = self._kept.get

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._kept)

    @property
    def size(self) -> int:
        """About how many bytes they take together."""
        return self._bytes

    def keep(self, key: Key, answer: Answer) -> None:
        """Keep an answer in place of the one before."""
        with self._lock:
            self._drop(key)
            if answer.size > self._most_bytes:
                return
            self._kept[key] = answer
            self._bytes += answer.size
            while len(self._kept) > self._most or self._bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        """Keep none for `key`."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        answer = self._kept.pop(key, None)
        if answer is not None:
            self._bytes -= answer.size
