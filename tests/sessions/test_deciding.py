"""A check's decision by itself: what it asks in which order, and what follows. No store is there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from authsvc.customer_sets.rules import UnknownSite
from authsvc.infra.database import DatabaseUnavailable
from authsvc.sessions.deciding import (
    Answers,
    Decided,
    Decision,
    Question,
    RecordNow,
    SetNow,
    decide,
    settle_all,
)
from authsvc.sessions.rules import NoSession, Refusal, SessionRecord
from authsvc.tokens import TokenReference

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
TOKEN = TokenReference(1001, b"\x01" * 32)
KIDS, PARTS = SetNow(1001, 7), SetNow(1001, 8)
RECORD = SessionRecord(
    *(1001, "session", 5, "user", "b2c", KIDS.site_id, ("password",), NOW, LATER, LATER),
    ended=False,
    account_is_usable=True,
)
REMEMBERED = {(1001, 7): "b2c", (1001, 8): "b2b"}


def remembered_set(tenant_id: int, site_id: int) -> str | None:
    return REMEMBERED.get((tenant_id, site_id))


def on(site_id: int | None, record: SessionRecord | None = RECORD) -> Decision:
    """Begin to decide about the session on a site."""
    return decide(TOKEN, record, site_id, NOW, remembered_set)


def asked(decision: Decision, *answers: object) -> tuple[list[Question], object]:
    """Answer what a decision asks, in order; return the questions, and what came of it."""
    questions: list[Question] = []
    try:
        questions.append(next(decision))
        for answer in answers:
            questions.append(decision.send(answer))  # noqa: PERF401  what was asked before an end counts
    except StopIteration as end:
        return questions, end.value
    except NoSession as refusal:
        return questions, refusal.refusal
    except UnknownSite:
        return questions, UnknownSite
    raise AssertionError(f"it asks on: {questions}")


def test_where_both_are_known_nothing_is_asked() -> None:
    assert asked(on(KIDS.site_id)) == ([], Decided(TOKEN, RECORD, KIDS.site_id))
    assert asked(on(None)) == ([], Decided(TOKEN, RECORD, KIDS.site_id))
    assert asked(on(KIDS.site_id, None)) == ([], Refusal.UNKNOWN)
    assert asked(on(PARTS.site_id, replace(RECORD, ended=True))) == ([], Refusal.ENDED)


def test_a_site_that_is_not_remembered_is_asked_for_and_may_not_exist() -> None:
    nowhere = SetNow(1001, 9)
    assert asked(on(9), "b2c") == ([nowhere], Decided(TOKEN, RECORD, 9))
    assert asked(on(9), None) == ([nowhere], UnknownSite)


def test_a_remembered_set_does_not_keep_a_new_door_closed() -> None:
    """Design §4: before a refusal for the set, both sides are looked at as they are now."""
    moved = replace(RECORD, customer_set="b2b")
    both = [PARTS, RecordNow(TOKEN)]
    assert asked(on(8), "b2c", RECORD) == (both, Decided(TOKEN, RECORD, 8))
    assert asked(on(8), "b2b", moved) == (both, Decided(TOKEN, moved, 8))
    # Moved together, between the two looks.
    assert asked(on(8), "b2c", moved, "b2b") == ([*both, PARTS], Decided(TOKEN, moved, 8))
    assert asked(on(8), "b2b", RECORD, "b2b") == ([*both, PARTS], Refusal.OTHER_CUSTOMER_SET)
    assert asked(on(8), None) == ([PARTS], UnknownSite)


def test_an_end_that_is_put_off_by_use_is_looked_at_before_it_is_believed() -> None:
    over = replace(RECORD, token_expires_at=NOW, remembered=False)
    put_off = replace(over, token_expires_at=LATER)
    question = [RecordNow(TOKEN)]
    assert asked(on(7, over), put_off) == (question, Decided(TOKEN, put_off, 7))
    assert asked(on(7, over), over) == (question, Refusal.EXPIRED)
    assert asked(on(7, replace(over, remembered=None))) == ([], Refusal.EXPIRED)


def test_many_are_settled_in_as_many_journeys_as_one() -> None:
    journeys: list[set[Question]] = []

    def ask(questions: Collection[Question]) -> Answers:
        journeys.append(set(questions))
        return {PARTS: "b2b", RecordNow(TOKEN): RECORD}

    invented = range(1_000, 2_000)
    ends = settle_all({site_id: on(site_id) for site_id in (7, 8, *invented)}, ask)
    assert ends[7] == Decided(TOKEN, RECORD, 7)
    refusal = ends[8]
    assert isinstance(refusal, NoSession)
    assert refusal.refusal is Refusal.OTHER_CUSTOMER_SET
    assert all(isinstance(ends[site_id], UnknownSite) for site_id in invented)
    assert journeys == [
        {PARTS, *(SetNow(1001, site_id) for site_id in invented)},
        {RecordNow(TOKEN)},
        {PARTS},
    ]


def test_what_could_not_be_asked_is_said_of_who_asked_and_nobody_asks_again() -> None:
    journeys: list[set[Question]] = []

    def ask(questions: Collection[Question]) -> Answers:
        journeys.append(set(questions))
        raise DatabaseUnavailable

    ends = settle_all({site_id: on(site_id) for site_id in (7, 8, 9)}, ask)
    assert ends[7] == Decided(TOKEN, RECORD, 7)
    assert isinstance(ends[8], DatabaseUnavailable)
    assert isinstance(ends[9], DatabaseUnavailable)
    assert len(journeys) == 1
