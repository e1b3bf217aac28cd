"""One question for all who wait: each gets an answer that was asked for after they asked, and none waits for ever."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest

from authsvc.infra.database import DatabaseUnavailable
from authsvc.infra.shared_questions import SharedQuestions

DEADLINE_SECONDS = 10


class Store:
    """A store that says, of each key, the number of the question; the first question waits until it is let go."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.first_is_asked = Event()
        self.go_on = Event()

    def ask(self, keys: Collection[str]) -> dict[str, int]:
        """Answer a question."""
        self.asked.append(set(keys))
        if len(self.asked) == 1:
            self.first_is_asked.set()
            assert self.go_on.wait(DEADLINE_SECONDS)
        return {key: len(self.asked) for key in keys if key != "nobody"}


def test_who_asks_while_a_question_is_under_way_waits_for_the_next_and_all_share_it() -> None:
    store = Store()
    questions = SharedQuestions(store.ask)
    with ThreadPoolExecutor(10) as threads:
        first = threads.submit(questions.answer, "john")
        assert store.first_is_asked.wait(DEADLINE_SECONDS)
        # The first question is with the store already: what changed since then is not in its answer.
        later = [threads.submit(questions.answer, key) for key in ["john", "stacy", "nobody"] * 3]
        while len(questions._gathering.keys) < 3:
            assert not first.done()
        store.go_on.set()
        assert first.result(DEADLINE_SECONDS) == 1
        answers = [each.result(DEADLINE_SECONDS) for each in later]
    assert all(answer is None or answer > 1 for answer in answers)
    assert answers[2::3] == [None] * 3
    assert store.asked[1] == {"john", "stacy", "nobody"}


def test_all_who_wait_hear_of_a_failure_and_the_next_is_asked_anew() -> None:
    class Away(Exception):
        """The store cannot be asked."""

    store, fails = Store(), Event()

    def ask(keys: Collection[str]) -> dict[str, int]:
        found = store.ask(keys)
        if not fails.is_set():
            raise Away
        return found

    questions = SharedQuestions(ask)
    with ThreadPoolExecutor(10) as threads:
        asking = [threads.submit(questions.answer, "john")]
        assert store.first_is_asked.wait(DEADLINE_SECONDS)
        asking += [threads.submit(questions.answer, key) for key in ["john", "stacy"] * 3]
        store.go_on.set()
        for each in asking:
            assert isinstance(each.exception(DEADLINE_SECONDS), Away)
    fails.set()
    assert questions.answer("john") is not None


def test_nobody_ever_sees_less_than_was_written_before_they_asked() -> None:
    """Many threads write and read one register; a read that misses a write acknowledged before it would be stale."""
    written: list[int] = []

    def ask(keys: Collection[str]) -> dict[str, int]:
        seen = len(written)
        # The answer is on its way, and others are at work.
        sleep(0)
        return dict.fromkeys(keys, seen)

    questions = SharedQuestions(ask)

    def work(times: int) -> int:
        stale = 0
        for _ in range(times):
            if times % 2:
                written.append(1)
            at_least = len(written)
            seen = questions.answer("john")
            stale += seen is None or seen < at_least
        return stale

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(work, [300, 301] * 4)) == 0


def test_a_question_that_hangs_holds_up_nobody_but_who_asks_it() -> None:
    store = Store()
    questions = SharedQuestions(store.ask, patience_seconds=0.05)
    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(questions.answer, "john")
        assert store.first_is_asked.wait(DEADLINE_SECONDS)
        later = [threads.submit(questions.answer, "stacy") for _ in range(5)]
        for each in later:
            assert isinstance(each.exception(DEADLINE_SECONDS), DatabaseUnavailable)
        assert not first.done()
        store.go_on.set()
        assert first.result(DEADLINE_SECONDS) == 1
    assert questions.answer("stacy") == 2


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_broken_question_holds_nobody(failure: type[BaseException]) -> None:
    def ask(_: Collection[str]) -> dict[str, int]:
        raise failure

    questions = SharedQuestions(ask)
    for _ in range(2):
        with pytest.raises(failure):
            questions.answer("john")
