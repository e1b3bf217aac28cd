"""Two things done at once: one in a transaction that is not committed yet, the other as far as it comes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep

from sqlalchemy import text

from authsvc.services import Services

DEADLINE_SECONDS = 5.0
LOOK_EVERY_SECONDS = 0.01


@contextmanager
def meanwhile(
    services: Services, first: Callable[[], object], second: Callable[[], object]
) -> Iterator[Future[object]]:
    """Do `first` in a transaction, begin `second` before it commits, and let it come as far as it can."""
    with ThreadPoolExecutor(1) as threads:
        with services.database.transaction():
            first()
            running = threads.submit(second)
            deadline = monotonic() + DEADLINE_SECONDS
            while not (running.done() or someone_waits(services)):
                assert monotonic() < deadline
                sleep(LOOK_EVERY_SECONDS)
        yield running


def someone_waits(services: Services) -> bool:
    """Tell whether some connection waits for a lock."""
    with services.database.engine.connect() as connection:
        waiting = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        return bool(waiting.scalar_one())
