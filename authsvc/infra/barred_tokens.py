"""What this process's follower has heard of barred tokens lately, told on to services that keep answers themselves.

Every process reads the same list to its end (`token_records`), so a service may ask one process now and another next:
it says up to where it has heard, and hears the rest. What it cannot be told any more (another run of Valkey, a flush, a
long silence, all copies voided at once) is told as "not complete": it then forgets everything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

# Longer than anybody keeps an answer (`client/kept_answers.KEPT_SECONDS`): who was silent for longer holds nothing.
REMEMBERED_SECONDS = 60.0
# Some 15 MB. Beyond it the oldest are forgotten before their time, and who has not heard of them forgets everything.
MOST_DIGESTS = 100_000
# What was heard up to then is worth nothing to anybody afterwards (`client/kept_answers.TRUST_SECONDS`).
OLDEST_SECONDS = 1.0
# In one answer, which is then 700 kB long; who would have to be told more forgets everything instead.
MOST_TOLD = 10_000

# An entry's place in the list, as Valkey numbers them.
Place = tuple[int, int]
# Counters in PostgreSQL, each of which voids all copies when it moves on: of all copies, of sites and sets, of pushes.
Versions = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Bar:
    """Tokens that were barred together; `tenant_id` None: whose they are is not known."""

    place: Place
    tenant_id: int | None
    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read of the list that is called `source`; not `complete`: something before may be missing."""

    complete: bool
    source: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where somebody has heard."""

    source: str
    place: Place
    versions: Versions

    def __str__(self) -> str:
        """Write it as `read` reads it."""
        return ".".join([self.source, *map(str, self.place), *map(str, self.versions)])

    @classmethod
    def read(cls, text: str) -> Position | None:
        """Return what was written, or None for any other text."""
        source, *numbers = text.split(".")
        if not all(each.isascii() and each.isdigit() and len(each) <= 20 for each in numbers):
            return None
        match [int(each) for each in numbers]:
            case [milliseconds, number, copies, structure, pushed]:
                return cls(source, (milliseconds, number), (copies, structure, pushed))
        return None


@dataclass(frozen=True, slots=True)
class Told:
    """Which tokens were barred behind a position, and the position to go on from; not `complete`: forget everything."""

    position: Position
    complete: bool
    digests: list[bytes]


class BarredTokens:
    """Bars by their place in the list; `ticks` counts seconds without ever jumping."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        """Know of nothing yet."""
        self._ticks = ticks
        self.versions: Versions = (0, 0, 0)
        self._look: tuple[float, datetime] | None = None
        self._source = ""
        self._last: Place = (0, 0)
        # Everything up to here may be forgotten.
        self._forgotten: Place = (0, 0)
        self._bars: deque[tuple[float, Bar]] = deque()
        self._digests = 0
        self._lock = Lock()

    def note(self, heard: Heard) -> None:
        """Remember what was heard, and forget what is old."""
        now = self._ticks()
        with self._lock:
            if not heard.complete or heard.source != self._source:
                self._source, self._last, self._forgotten = heard.source, (0, 0), (0, 0)
                self._bars.clear()
                self._digests = 0
            for bar in heard.bars:
                self._bars.append((now, bar))
                self._digests += len(bar.digests)
                self._last = bar.place
            while self._bars and (
                self._digests > MOST_DIGESTS or self._bars[0][0] + REMEMBERED_SECONDS < now
            ):
                _, oldest = self._bars.popleft()
                self._digests -= len(oldest.digests)
                self._forgotten = oldest.place

    def all_heard(self, looked_at: float, true_at: datetime) -> None:
        """Note that all that had ended by that moment (in ticks, and by the clock) was listed and heard of."""
        self._look = (looked_at, true_at)

    def last_look(self) -> tuple[float, datetime] | None:
        """Return how many seconds ago that was, and when; None if it is too long ago. Ask before `since`."""
        if self._look is None:
            return None
        looked_at, true_at = self._look
        age = self._ticks() - looked_at
        return None if age >= OLDEST_SECONDS else (age, true_at)

    def since(self, tenant_id: int, position: Position | None) -> Told:
        """Return what was barred of a tenant's tokens behind `position`; None: whoever asks holds nothing yet."""
        with self._lock:
            here = Position(self._source, self._last, self.versions)
            if position is None or position.source != here.source:
                return Told(here, complete=False, digests=[])
            digests: list[bytes] = []
            for _, bar in reversed(self._bars):
                if bar.place <= position.place or len(digests) > MOST_TOLD:
                    break
                if bar.tenant_id in (tenant_id, None):
                    digests += bar.digests
            complete = position.place >= self._forgotten and len(digests) <= MOST_TOLD
        # Another process may be ahead of this one: nobody is sent back.
        complete = complete and all(
            own <= theirs for own, theirs in zip(here.versions, position.versions, strict=True)
        )
        copies, structure, pushed = map(max, here.versions, position.versions)
        ahead = replace(
            here, place=max(here.place, position.place), versions=(copies, structure, pushed)
        )
        return Told(ahead, complete, digests if complete else [])
