"""The pool that waits for one of its own connections before it opens a further one."""

from __future__ import annotations

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util.queue import Empty

# Longer than a hundred requests with a few milliseconds of PostgreSQL each wait for each other, a crowd that the
# threads of one worker make; shorter than what a shopper calls slow.
PATIENCE_SECONDS = 0.5


class PatientPool(QueuePool):
    """Opens connections beyond its size only where those it has are held for long, by locks or slow statements.

    SQLAlchemy's own opens one for whoever finds none free, and closes it when it comes back. Under a crowd that is a
    new connection for many a request, a process started in PostgreSQL each time: more senders, fewer requests done.
    Whoever waits here is soon served by a connection whose statements are prepared.
    """

    def _do_get(self) -> ConnectionPoolEntry:
        """Return a connection; waits `PATIENCE_SECONDS` for one to come back before opening one beyond the size.

        Where connections are held for long, those opened beyond the size stay for as long as they are: what comes
        back then finds room. Raises as SQLAlchemy's does.
        """
        # Below zero while fewer are open than the pool keeps.
        if self.overflow() >= 0:
            try:
                return self._pool.get(True, PATIENCE_SECONDS)
            except Empty:
                pass
        return super()._do_get()
