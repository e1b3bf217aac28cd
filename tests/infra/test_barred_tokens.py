"""What services are told to forget: all of it or everything, and nobody else's."""

from __future__ import annotations

from dataclasses import replace

from authsvc.infra.barred_tokens import (
    MOST_DIGESTS,
    MOST_TOLD,
    REMEMBERED_SECONDS,
    Bar,
    BarredTokens,
    Heard,
    Position,
)

STACY, JOHN, ADA = b"s" * 32, b"j" * 32, b"a" * 32
OURS, THEIRS = 1001, 1002
RUN, OTHER_RUN = "a1", "b2"


class Ticks:
    """Seconds, turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Read them."""
        return self.now


def heard(*bars: Bar, source: str = RUN, complete: bool = True) -> Heard:
    return Heard(complete, source, list(bars))


def test_a_service_hears_of_its_own_tenants_tokens_from_where_it_stopped() -> None:
    barred = BarredTokens(Ticks())
    barred.note(heard(Bar((5, 0), OURS, (STACY,)), complete=False))
    begun = barred.since(OURS, None)
    # It holds nothing yet, and is not told what was before.
    assert (begun.complete, begun.digests) == (False, [])
    barred.note(heard(Bar((6, 0), OURS, (JOHN,)), Bar((6, 1), THEIRS, (ADA,))))
    told = barred.since(OURS, begun.position)
    assert (told.complete, told.digests) == (True, [JOHN])
    assert barred.since(OURS, told.position).digests == []
    assert barred.since(THEIRS, begun.position).digests == [ADA]
    # The last release did not say whose they are: then everybody is told.
    barred.note(heard(Bar((7, 0), None, (STACY,))))
    assert barred.since(OURS, told.position).digests == [STACY]


def test_a_process_that_lags_behind_another_sends_nobody_back() -> None:
    ahead, behind = BarredTokens(Ticks()), BarredTokens(Ticks())
    for each in (ahead, behind):
        each.note(heard(Bar((5, 0), OURS, (STACY,)), complete=False))
    ahead.note(heard(Bar((6, 0), OURS, (JOHN,))))
    ahead.versions = (1, 0, 0)
    position = ahead.since(OURS, None).position
    told = behind.since(OURS, position)
    assert (told.complete, told.digests, told.position) == (True, [], position)


def test_what_can_no_longer_be_told_one_by_one_makes_everything_void() -> None:
    ticks = Ticks()
    barred = BarredTokens(ticks)
    barred.note(heard(Bar((5, 0), OURS, (STACY,)), complete=False))
    position = barred.since(OURS, None).position
    # More than fits into an answer.
    barred.note(heard(*(Bar((6, each), OURS, (JOHN,)) for each in range(MOST_TOLD + 1))))
    assert barred.since(OURS, position).complete is False
    # All copies at once, or other sites and sets.
    here = barred.since(OURS, None).position
    assert barred.since(OURS, here).complete is True
    barred.versions = (0, 1, 0)
    assert barred.since(OURS, here).complete is False
    # What was forgotten: too old…
    here = barred.since(OURS, None).position
    ticks.now = REMEMBERED_SECONDS + 1
    barred.note(heard(Bar((7, 0), OURS, (JOHN,))))
    assert barred.since(OURS, here).complete is True
    assert barred.since(OURS, position).complete is False
    # … or too much.
    barred.note(heard(Bar((8, 0), THEIRS, (ADA,) * MOST_DIGESTS)))
    assert barred.since(OURS, here).complete is False


def test_another_run_of_valkey_or_a_flush_makes_everything_void() -> None:
    barred = BarredTokens(Ticks())
    barred.note(heard(Bar((5, 0), OURS, (STACY,)), complete=False))
    position = barred.since(OURS, None).position
    barred.note(heard(Bar((5, 1), OURS, (JOHN,)), source=OTHER_RUN, complete=False))
    told = barred.since(OURS, position)
    assert (told.complete, told.position.source) == (False, OTHER_RUN)


def test_a_position_is_read_as_it_was_written_and_nothing_else_is() -> None:
    position = Position(RUN, (5, 1), (1, 2, 3))
    assert Position.read(str(position)) == position
    for text in ("", "a1", "a1.5.1.1.2", f"{position}.4", "a1.5.1.1.2.x", "a1.5.1.1.2.-3"):
        assert Position.read(text) is None
    assert Position.read(str(replace(position, source=""))) == replace(position, source="")
