"""The thread that looks at the backlog of ended sessions, again and again (`infra/invalidation.py`)."""

from __future__ import annotations

import threading

import structlog

from authsvc.infra.invalidation import TRUST_SECONDS, Invalidation

# Four looks a second: three may fail before a worker turns to PostgreSQL.
LOOK_EVERY_SECONDS = 0.25
# However much is barred, looking takes no more than a few per cent of a core.
LOOKS_APART_SECONDS = 0.02
# A machine that has vanished is given up within the trust of the look before: a quarter of a second passes until the
# next look, 0.2 until the kernel sends its question once more, and this from there (`python -m bench.vanished`). The
# kernel of a machine that is there acknowledges, however slow its PostgreSQL is.
SILENCE_MS = 200

log = structlog.get_logger(__name__)


class Follower:
    """The thread that keeps one process's trust in Valkey fresh."""

    def __init__(self, invalidation: Invalidation) -> None:
        """Follow with `invalidation` from `start` until `stop`."""
        self._invalidation = invalidation
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="invalidation", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following; the trust runs out by itself."""
        self._stopping.set()
        self._thread.join(timeout=2 * TRUST_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._invalidation.follow()
            except Exception:
                # Whatever it was, trust is not renewed: checks go to PostgreSQL until a look succeeds.
                log.exception("invalidation_look_failed")
            if self._invalidation.await_change(LOOK_EVERY_SECONDS):
                self._stopping.wait(LOOKS_APART_SECONDS)
            else:
                self._stopping.wait(LOOK_EVERY_SECONDS)
