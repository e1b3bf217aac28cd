"""Many callers at once, and a steady load that keeps every answer it gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from types import TracebackType
from typing import TypeVar

from tests.live.instances import Instance
from tests.live.storefronts import Answer, Storefronts

Result = TypeVar("Result")

# Between two requests of one caller: a shopper's clicks, not a benchmark.
PAUSE_SECONDS = 0.01
LOST = 0


def at_once(calls: Sequence[Callable[[], Result]]) -> list[Result]:
    """Make all calls at the same moment, each from a thread of its own; returns their results in order."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer under load: when it was asked for and answered (seconds), and what it was; None was no answer."""

    kind: str
    asked: float
    answered: float
    answer: Answer | None

    @property
    def status(self) -> int:
        """The answer's status, or 0 when the connection broke."""
        return LOST if self.answer is None else self.answer.status


Request = Callable[[HTTPConnection], Answer]
Steady = tuple[str, Instance, Request]
"""A caller's kind, whom it calls, and what it asks."""


class Load:
    """Callers who repeat their request until the block ends, each over one connection that stays open."""

    def __init__(self, callers: Sequence[Steady]) -> None:
        """Let each of `callers` (kind, instance, request) have a thread."""
        self._callers = callers
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._seen: list[Seen] = []
        self._threads = [
            threading.Thread(target=self._repeat, args=caller, daemon=True) for caller in callers
        ]

    def __enter__(self) -> Load:
        """Begin, and return when every kind was answered."""
        for thread in self._threads:
            thread.start()
        self.more(1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End, when all have had their last answer."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def more(
        self, answers: int, seconds: float = 60, *, statuses: Collection[int] | None = None
    ) -> list[Seen]:
        """Wait for that many answers of each kind to requests made from now on, and return all of those.

        `statuses`: count only such answers.
        """
        began = time.monotonic()
        kinds = {kind for kind, _, _ in self._callers}

        def enough() -> bool:
            since = [
                seen.kind
                for seen in self._seen
                if seen.asked >= began and (statuses is None or seen.status in statuses)
            ]
            return all(since.count(kind) >= answers for kind in kinds)

        with self._news:
            assert self._news.wait_for(enough, seconds), f"no {answers} answers within {seconds} s"
        return self.since(began)

    def since(self, moment: float) -> list[Seen]:
        """Return the answers so far to requests made at or after `moment` (`time.monotonic`)."""
        with self._news:
            return [seen for seen in self._seen if seen.asked >= moment]

    def _repeat(self, kind: str, instance: Instance, request: Request) -> None:
        connection = instance.connect()
        while not self._stopping.is_set():
            asked = time.monotonic()
            try:
                answer = request(connection)
            except (OSError, HTTPException):
                answer = None
                connection.close()
            with self._news:
                self._seen.append(Seen(kind, asked, time.monotonic(), answer))
                self._news.notify_all()
            self._stopping.wait(PAUSE_SECONDS)
        connection.close()


def checking_and_signing_in(storefronts: Storefronts) -> list[Steady]:
    """Return shoppers of both instances who are checked, by token and by JWT, and sign in anew."""
    callers: list[Steady] = []
    for instance in storefronts.instances:
        shopper = storefronts.new_shopper(at=instance)

        def by_token(at: HTTPConnection, token: str = shopper.access_token) -> Answer:
            return storefronts.check(token, "Mystic Kids", at=at)

        def by_jwt(at: HTTPConnection, token: str = shopper.jwt) -> Answer:
            return storefronts.check(token, "Mystic Sports", at=at)

        def sign_in(at: HTTPConnection, username: str = shopper.username) -> Answer:
            return storefronts.sign_in(username, at=at)

        callers += [
            ("check", instance, by_token),
            ("check", instance, by_jwt),
            ("sign-in", instance, sign_in),
        ]
    return callers


def slowest(seen: Sequence[Seen], kind: str) -> float:
    """Return the longest wait for an answer of a kind, in seconds."""
    return max(item.answered - item.asked for item in seen if item.kind == kind)


def statuses(seen: Sequence[Seen], kind: str) -> set[int]:
    """Return the statuses that a kind of request was answered with."""
    return {item.status for item in seen if item.kind == kind}
