"""What a process keeps: given for one second after the news is true for, dropped when named, bounded."""

from __future__ import annotations

import tracemalloc
from typing import Any
from uuid import uuid4

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authsvc.client.kept_answers import (
    KEPT_SECONDS,
    LATE_SECONDS,
    LONGEST_QUESTION_SECONDS,
    MOST_DROPS,
    TRUST_SECONDS,
    Bounds,
    KeptAnswers,
)
from authsvc.tokens import digest
from tests.client.answers import JOHN, NOON, SITE, STACY, Ticks, moment, news, session


@pytest.fixture(name="ticks")
def _ticks() -> Ticks:
    return Ticks()


@pytest.fixture(name="kept")
def _kept(ticks: Ticks) -> KeptAnswers:
    """A memory that has followed for long enough to keep what is asked for."""
    kept = KeptAnswers(ticks, Bounds())
    kept.hear(news(complete=False), ticks())
    ticks.now += LATE_SECONDS
    kept.hear(news(), ticks())
    return kept


def test_an_answer_is_given_for_one_second_from_the_moment_that_news_was_asked_for(
    ticks: Ticks, kept: KeptAnswers
) -> None:
    kept.keep(STACY, SITE, session(), ticks())
    asked_at = ticks.now
    # News that comes late is old news, wherever it waited.
    ticks.now += 0.7
    kept.hear(news(age=0.2), asked_at)
    ticks.now = asked_at + 0.79
    assert kept.get(STACY, SITE) is not None
    assert kept.trusted()
    ticks.now = asked_at + TRUST_SECONDS
    assert kept.get(STACY, SITE) is None
    assert not kept.trusted()
    kept.hear(news(), ticks())
    assert kept.get(STACY, SITE) is not None


def test_an_answer_is_about_one_token_on_one_site(ticks: Ticks, kept: KeptAnswers) -> None:
    kept.keep(STACY, SITE, session(), ticks())
    assert kept.get(STACY, SITE + 1) is None
    assert kept.get(STACY, None) is None
    assert kept.get(JOHN, SITE) is None
    assert kept.get("\ud800", SITE) is None


def test_what_news_names_is_forgotten_on_every_site_and_in_every_form(
    ticks: Ticks, kept: KeptAnswers
) -> None:
    claims = {"jti": digest(STACY).hex()}
    as_jwt = jwt.encode(claims, "k" * 32, "HS256")
    for token in (STACY, as_jwt, JOHN):
        for site in (SITE, None):
            kept.keep(token, site, session(), ticks())
    kept.hear(news(STACY), ticks())
    assert [
        kept.get(token, site) is None for token in (STACY, as_jwt, JOHN) for site in (SITE, None)
    ] == [True, True, True, True, False, False]
    # A JWT that names no token could not be dropped.
    kept.keep(jwt.encode({}, "k" * 32, "HS256"), SITE, session(), ticks())
    assert len(kept) == 2


def test_news_that_is_not_complete_makes_everything_void(ticks: Ticks, kept: KeptAnswers) -> None:
    kept.keep(JOHN, SITE, session(), ticks())
    kept.hear(news(complete=False), ticks())
    assert (kept.get(JOHN, SITE), len(kept), kept.size) == (None, 0, 0)
    # The same if more tokens end at once than can be remembered.
    ticks.now += LATE_SECONDS
    kept.keep(JOHN, SITE, session(), ticks())
    kept.hear(news(*(str(each) for each in range(MOST_DROPS + 1))), ticks())
    assert len(kept) == 0


def test_a_late_answer_is_not_kept_once_its_end_was_heard_of(
    ticks: Ticks, kept: KeptAnswers
) -> None:
    """The server may answer as of a second before it was asked."""
    kept.hear(news(STACY), ticks())
    ticks.now += LATE_SECONDS - 0.01
    kept.keep(STACY, SITE, session(), ticks())
    kept.keep(JOHN, SITE, session(), ticks())
    kept.hear(news(), ticks())
    assert kept.get(STACY, SITE) is None
    assert kept.get(JOHN, SITE) is not None
    ticks.now += 0.02
    kept.keep(STACY, SITE, session(), ticks())
    assert kept.get(STACY, SITE) is not None
    # Nor is one that took so long that the drop may be forgotten by now.
    asked_at = ticks.now
    ticks.now += LONGEST_QUESTION_SECONDS + 0.1
    kept.keep(f"{JOHN}x", SITE, session(), asked_at)
    assert len(kept) == 2


def test_no_answer_outlives_half_a_minute_or_its_session(ticks: Ticks, kept: KeptAnswers) -> None:
    kept.keep(STACY, SITE, session(), ticks())
    kept.keep(JOHN, SITE, session(lasts=10), ticks())
    ticks.now += 9
    kept.hear(news(), ticks())
    assert kept.get(STACY, SITE) is not None
    assert kept.get(JOHN, SITE) is None
    ticks.now += KEPT_SECONDS - 9
    kept.hear(news(), ticks())
    assert kept.get(STACY, SITE) is None


def test_nothing_is_kept_before_the_first_news(ticks: Ticks) -> None:
    kept = KeptAnswers(ticks, Bounds())
    kept.keep(STACY, SITE, session(), ticks())
    assert len(kept) == 0


def test_a_kept_answer_says_the_moment_it_is_true_for(ticks: Ticks, kept: KeptAnswers) -> None:
    kept.keep(STACY, SITE, session(ticks.now), ticks())
    first = kept.get(STACY, SITE)
    assert first is not None
    assert first.as_of == moment(ticks.now)
    ticks.now += 0.5
    kept.hear(news(age=0.1, true_at=ticks.now - 0.1), ticks())
    later = kept.get(STACY, SITE)
    assert later is not None
    assert later.as_of == moment(ticks.now - 0.1)
    assert later is kept.get(STACY, SITE)


def test_memory_is_bounded_by_answers_and_by_bytes(ticks: Ticks) -> None:
    for bounds in (Bounds(answers=100), Bounds(bytes=100 * 1_500)):
        kept = KeptAnswers(ticks, bounds)
        kept.hear(news(complete=False), ticks.now - LATE_SECONDS)
        ticks.now += LATE_SECONDS
        for each in range(200):
            kept.keep(f"1001s~{each:043}", SITE, session(), ticks())
        assert 90 < len(kept) <= 120
        assert kept.size <= bounds.bytes
        kept.hear(news(), ticks())
        # The oldest went.
        assert kept.get(f"1001s~{0:043}", SITE) is None
        assert kept.get(f"1001s~{199:043}", SITE) is not None


def test_answers_take_no_more_memory_than_they_are_taken_to(
    ticks: Ticks, kept: KeptAnswers
) -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(2_000):
            kept.keep(f"1001s~{uuid4().hex}{'x' * 11}", SITE, session(), ticks())
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.5 * kept.size < after - before < kept.size


def test_no_token_is_kept(ticks: Ticks, kept: KeptAnswers) -> None:
    kept.keep(STACY, SITE, session(), ticks())
    assert STACY not in repr(vars(kept))


# Hundredths of a second; each worker of the server looks at least every second, or is not believed.
# Extremes, rather than anything between: it is there that a rule with a hole would show it.
DURATION = st.sampled_from([0, 3, 30])
AGE = st.sampled_from([0, 40, 99])
TOKENS = (STACY, JOHN)
STEP = st.one_of(
    st.tuples(st.just("end"), st.sampled_from(TOKENS), DURATION),
    st.tuples(st.just("ask"), st.sampled_from(TOKENS), DURATION, DURATION, AGE),
    st.tuples(st.just("news"), DURATION, DURATION, AGE),
    st.tuples(st.just("pass"), st.sampled_from([1, 30, 99])),
)


class World:
    """A server that answers as late and as old as its promise allows, and a process that keeps what it says."""

    def __init__(self) -> None:
        self.now = 0
        self.kept = KeptAnswers(lambda: self.now / 100, Bounds())
        self.ended: dict[str, int] = {}
        self.heard_to: int | None = None
        self.under_way: list[tuple[int, str, int, int]] = []

    def advance(self, duration: int) -> None:
        """Let time pass; answers arrive meanwhile, and what is kept is looked at every hundredth."""
        for _ in range(duration + 1):
            for arrival in [each for each in self.under_way if each[0] <= self.now]:
                self.under_way.remove(arrival)
                _, token, asked_at, true_at = arrival
                if self.ended.get(token, true_at + 1) > true_at:
                    self.kept.keep(token, SITE, session(true_at / 100), asked_at / 100)
            for token in TOKENS:
                found = self.kept.get(token, SITE)
                if found is not None and token in self.ended:
                    # Acknowledged a second ago or later: it may not be good any more. Nor as of a moment after its end.
                    assert self.now - self.ended[token] <= 100
                    assert (found.as_of - NOON).total_seconds() * 100 <= self.ended[token] + 0.5
            self.now += 1
        self.now -= 1

    def end(self, token: str, duration: int) -> None:
        """End a session, later than whatever was looked at before."""
        self.now += 1
        self.ended.setdefault(token, self.now)
        self.advance(duration)

    def ask(self, token: str, there: int, back: int, age: int) -> None:
        """Ask some worker; what it knows is true for a moment before it is reached."""
        true_at = self.now + there - age
        self.under_way.append((self.now + there + back, token, self.now, true_at))

    def news(self, there: int, back: int, age: int) -> None:
        """Ask some worker for news, and hear it."""
        asked_at = self.now
        self.advance(there)
        true_at = self.now - age
        after = self.heard_to
        ends = [
            token for token, at in self.ended.items() if after is not None and after < at <= true_at
        ]
        self.heard_to = true_at if after is None else max(after, true_at)
        self.advance(back)
        told = news(*ends, age=age / 100, complete=after is not None, true_at=true_at / 100)
        self.kept.hear(told, asked_at / 100)


@settings(max_examples=200)
@given(st.lists(STEP, min_size=5, max_size=30))
def test_whatever_comes_late_nothing_is_good_a_second_after_its_end(
    steps: list[tuple[Any, ...]],
) -> None:
    world = World()
    for name, *arguments in [("news", 0, 0, 0), ("pass", 111), *steps]:
        getattr(world, "advance" if name == "pass" else name)(*arguments)
        world.advance(0)
