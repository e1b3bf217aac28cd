"""How a process follows the news: what to ask next, and what to do with the answer. No sockets in here.

Over HTTP and not straight from Valkey, because Valkey's list alone cannot keep the promise: what was ended while Valkey
was away waits in PostgreSQL, and only a process that looks there as well may say that nothing else has ended. Besides,
it takes no more than the address services know already and an application that may do just this.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from authsvc.client.errors import CannotTell, ClientError, Misconfigured
from authsvc.client.http1 import Request, Response
from authsvc.client.kept_answers import KeptAnswers
from authsvc.client.questions import (
    Application,
    Ticket,
    for_news,
    for_ticket,
    news_told,
    ticket_told,
)

# News is true for a moment up to 0.3 s before it is asked (a worker looks four times a second): asked five times a
# second it leaves room for two questions that fail before there is no trust.
ASK_EVERY_SECONDS = 0.2
# Longer, and the trust is gone whatever the answer says.
NEWS_TIMEOUT_SECONDS = 0.5
# A mistake is not mended within a second.
ASK_AGAIN_AFTER_MISTAKE_SECONDS = 5.0
# An application's ticket is renewed when this part of its life is over.
RENEW_AFTER = 0.8

log = logging.getLogger("authsvc.client")


class Following:
    """One process's way through the news; ask what `question` says, and hand what came to `hear` or `fail`."""

    def __init__(
        self, kept: KeptAnswers, application: Application, ticks: Callable[[], float]
    ) -> None:
        """Begin with a ticket for `application`."""
        self._kept = kept
        self._application = application
        self._ticks = ticks
        self._ticket: Ticket | None = None
        self._renew_at = float("-inf")
        self._position = ""
        self._failing_by: type[ClientError] | None = None

    def question(self) -> tuple[Request, float]:
        """Return what to ask now, and the moment; ask at once, since news is trusted from that moment on."""
        if self._ticket is None or self._ticks() >= self._renew_at:
            self._ticket = None
            return for_ticket(self._application), self._ticks()
        return for_news(self._ticket, self._position), self._ticks()

    def hear(self, response: Response, asked_at: float) -> float:
        """Take an answer; returns how many seconds to wait before the next question. Raises one of `ClientError`."""
        if self._ticket is None:
            self._ticket = ticket_told(response)
            self._renew_at = asked_at + RENEW_AFTER * self._ticket.seconds
            return 0.0
        if response.status == 401:
            # It ran out, or was given up: a new one is asked for.
            self._ticket = None
            raise CannotTell("the application's ticket is not good any more", retry_after_seconds=0)
        news = news_told(response)
        self._kept.hear(news, asked_at)
        self._position = news.position
        if self._failing_by is not None:
            self._failing_by = None
            log.info("authsvc is followed again: answers are kept")
        return ASK_EVERY_SECONDS

    def fail(self, failure: Exception) -> float:
        """Note that there was no news, so that trust runs out by itself; returns how many seconds to wait."""
        error = failure if isinstance(failure, ClientError) else CannotTell("no answer")
        if type(error) is not self._failing_by:
            self._failing_by = type(error)
            log.warning("authsvc is not followed, each check asks: %s", error)
        if isinstance(error, Misconfigured):
            return ASK_AGAIN_AFTER_MISTAKE_SECONDS
        if self._ticket is None and isinstance(error, CannotTell):
            # Each try for a ticket counts where they are limited: too soon, and there is none for longer.
            return max(ASK_EVERY_SECONDS, float(error.retry_after_seconds))
        return ASK_EVERY_SECONDS
