"""SIGINT, SIGTERM and SIGHUP as one request to stop that interrupts work and never interrupts the stopping."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Someone asked this process to stop. Not an Exception: nothing on the way shall take it for a failure."""


@contextmanager
def stop_signals_held() -> Iterator[None]:
    """Let stop signals pass unheard, so that what must be put away is put away. For the main thread."""
    with _handled_by(lambda _number, _frame: None):
        yield


@contextmanager
def stop_signals_raised() -> Iterator[None]:
    """Raise StopRequested at the first stop signal, and at no later one. For the main thread."""
    requested = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal requested
        if not requested:
            requested = True
            raise StopRequested

    with _handled_by(stop):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
