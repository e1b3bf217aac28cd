"""Reaching for a database that was away, beside whoever must not wait for it.

A machine that vanished without a word refuses nothing: each try to connect to it lasts as long as a time-out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from authsvc.infra.database import DatabaseUnavailable

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


class Reaching:
    """Asks for one thread."""

    def __init__(self, ping: Callable[[], None]) -> None:
        """Try with `ping`, which raises `DatabaseUnavailable` in vain."""
        self._ping = ping
        self._is_away = False
        self._trying: threading.Thread | None = None

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return what `question` learns of the database.

        Raises `DatabaseUnavailable` when the question does; after that at once, until a try beside it has succeeded.
        """
        if self._is_away:
            if not self.is_trying():
                self._trying = threading.Thread(target=self._try, name="reaching", daemon=True)
                self._trying.start()
            raise DatabaseUnavailable
        try:
            return question()
        except DatabaseUnavailable:
            self._is_away = True
            raise

    def is_trying(self) -> bool:
        """Tell whether a try is under way."""
        return self._trying is not None and self._trying.is_alive()

    def _try(self) -> None:
        try:
            self._ping()
        except DatabaseUnavailable:
            return
        except Exception:
            log.exception("reaching_failed")
            return
        self._is_away = False
