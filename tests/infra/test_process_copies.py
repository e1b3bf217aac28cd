"""What a process remembers: never what was dropped, whoever reads it at that moment."""

from __future__ import annotations

from authsvc.infra.process_copies import (
    LONGEST_READ_SECONDS,
    PROCESS_SECONDS,
    ProcessCopies,
)

STACY, JOHN = b"s" * 32, b"j" * 32


class Ticks:
    """Seconds, turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Read them."""
        return self.now


def test_what_is_kept_is_there_until_it_is_too_old() -> None:
    ticks = Ticks()
    copies: ProcessCopies[str] = ProcessCopies(ticks)
    copies.keep(STACY, "hers", copies.begin())
    assert copies.get(STACY) == "hers"
    ticks.now = PROCESS_SECONDS - 0.1
    assert copies.get(STACY) == "hers"
    ticks.now = PROCESS_SECONDS
    assert copies.get(STACY) is None


def test_what_is_dropped_while_it_is_read_is_not_kept() -> None:
    copies: ProcessCopies[str] = ProcessCopies(Ticks())
    reading, other = copies.begin(), copies.begin()
    copies.drop([STACY])
    copies.keep(STACY, "stale", reading)
    copies.keep(JOHN, "his", other)
    assert (copies.get(STACY), copies.get(JOHN)) == (None, "his")
    copies.keep(STACY, "read afterwards", copies.begin())
    assert copies.get(STACY) == "read afterwards"


def test_what_is_read_while_all_is_forgotten_is_not_kept() -> None:
    copies: ProcessCopies[str] = ProcessCopies(Ticks())
    copies.keep(JOHN, "his", copies.begin())
    reading = copies.begin()
    copies.clear()
    copies.keep(STACY, "stale", reading)
    assert len(copies) == 0


def test_what_took_long_to_read_is_not_kept() -> None:
    """The drop that should have stopped it may be forgotten by then."""
    ticks = Ticks()
    copies: ProcessCopies[str] = ProcessCopies(ticks)
    reading = copies.begin()
    copies.drop([STACY])
    ticks.now = LONGEST_READ_SECONDS + 0.1
    copies.drop([JOHN])
    copies.keep(STACY, "stale", reading)
    assert copies.get(STACY) is None


def test_there_is_room_for_so_many_and_the_oldest_goes() -> None:
    copies: ProcessCopies[str] = ProcessCopies(Ticks(), most=2)
    for name in (b"1", b"2", b"3"):
        copies.keep(name, "copy", copies.begin())
    assert [copies.get(name) for name in (b"1", b"2", b"3")] == [None, "copy", "copy"]
