"""One question to PostgreSQL for all who wait to ask the same kind of thing at this moment, each about a key of theirs.

A question costs a journey there and back, however much it asks. So while one is under way, whoever else wants to know
something gathers, and the next one asks for all of them. None is answered by a question that was sent before they
asked: what was acknowledged before somebody asks is in the answer they get (reads are linearizable).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from threading import Lock
from time import monotonic, sleep
from typing import Generic, TypeVar

from authsvc.infra.database import POOL_WAIT_SECONDS, DatabaseUnavailable

# Where several ask, the next question waits until so long after the last one was sent, for more of them to gather: a
# question costs as much as ten answers. Who asks alone never waits.
APART_SECONDS = 0.001

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Round(Generic[Key, Value]):
    """Those who are answered by one question."""

    __slots__ = ("answered", "askers", "failure", "found", "keys")

    def __init__(self) -> None:
        self.askers = 0
        self.keys: set[Key] = set()
        self.found: Mapping[Key, Value] = {}
        self.failure: BaseException | None = None
        # Held until there is an answer. Whoever gets it hands it on at once, so that threads which can only run one
        # after the other are woken one after the other.
        self.answered = Lock()
        self.answered.acquire()


class SharedQuestions(Generic[Key, Value]):
    """Asks for one key at a time, or for all at once that somebody waits for."""

    def __init__(
        self,
        ask: Callable[[Collection[Key]], Mapping[Key, Value]],
        patience_seconds: float = POOL_WAIT_SECONDS,
    ) -> None:
        """Let `ask` ask, one question at a time; what it leaves out is not there.

        `patience_seconds`: nobody waits longer for a question that somebody else has asked.
        """
        self._ask = ask
        self._patience_seconds = patience_seconds
        self._gathering: _Round[Key, Value] = _Round()
        self._lock = Lock()
        self._turn = Lock()
        self._next_at = 0.0

    def answer(self, key: Key) -> Value | None:
        """Return what there is of a key now, or None.

        Raises what asking raised, and `DatabaseUnavailable` when the question under way is not answered in time.
        """
        with self._lock:
            mine = self._gathering
            mine.askers += 1
            mine.keys.add(key)
            is_first = mine.askers == 1
        if is_first:
            self._ask_for(mine)
        elif mine.answered.acquire(timeout=self._patience_seconds):
            mine.answered.release()
        else:
            raise DatabaseUnavailable
        if mine.failure is not None:
            raise mine.failure
        return mine.found.get(key)

    def _ask_for(self, mine: _Round[Key, Value]) -> None:
        """Ask once the question under way is answered, for all who have gathered by then."""
        has_turn = self._turn.acquire(timeout=self._patience_seconds)
        try:
            if has_turn:
                too_early = self._next_at - monotonic()
                if too_early > 0:
                    sleep(too_early)
            with self._lock:
                self._gathering = _Round()
            if has_turn:
                self._next_at = monotonic() + APART_SECONDS if mine.askers > 1 else 0.0
                mine.found = self._ask(mine.keys)
            else:
                mine.failure = DatabaseUnavailable()
        except BaseException as failure:  # noqa: BLE001  it is raised to each who asked
            mine.failure = failure
        finally:
            mine.answered.release()
            if has_turn:
                self._turn.release()
