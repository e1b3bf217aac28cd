"""`GET /session` in front of Flask: every page view of every storefront asks it, and Flask alone costs eight checks.

What is decided is decided by `identification` and `sessions`, as everywhere. An answer is written once, and repeated
while the same request would be decided by the same record on a site of the same set. Refusals are Flask's to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter_ns
from typing import TYPE_CHECKING

from authsvc.errors import AuthsvcError
from authsvc.sessions.browser_cookie import shown_token
from authsvc.sessions.check_answer import AS_OF_HEADER, Written
from authsvc.sessions.kept_answers import KeptAnswers
from authsvc.sessions.rules import CheckedSession
from authsvc.sessions.standing import Standing
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.correlation import CORRELATION_HEADER, correlation_id
from authsvc.web.request_figures import REQUESTS
from authsvc.web.security_headers import with_security_headers
from authsvc.web.wire import wire_moment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.sessions.records import SessionRecords
    from authsvc.sessions.uses import BrowserUses

PATH = "/session"
OPERATION = f"GET {PATH}"
# One in 64 of the answers given once more is timed, and stands for all: a bit mask.
UNTIMED = 63
# Where Flask finds what a check was refused for, so that nothing is asked twice.
REFUSAL_KEY = "authsvc.session_refusal"
# An answer whose request shows more than a long JWT is written anew each time.
LONGEST_KEY = 2_048
# What an answer takes beside its texts: objects, lists and their places in dictionaries.
OBJECT_BYTES = 1_500
MOMENT_BYTES = len("2026-01-02T03:04:05.678Z")

# What of a request decides about a check: ticket, site, tenant, host and cookie.
Key = tuple[str, str, str, str, str, str]
_CONTENT_TYPE = ("Content-Type", JSON_CONTENT_TYPE)
_SECURITY = [header for header in with_security_headers([]) if header[0] != "Cache-Control"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer but for its moment, which stands between `before` and `after`, and its correlation id.

    `size`: about how many bytes it takes with its key. `times_forgotten`: the directory's, when it was decided: a host
    that it is kept for may stand for another site since.
    """

    session: CheckedSession
    times_forgotten: int
    before: bytes
    after: bytes
    headers: list[tuple[str, str]]
    size: int


class CheckFront:
    """A WSGI layer that answers good checks itself and leaves everything else to the layer behind it."""

    def __init__(
        self,
        behind: WSGIApplication,
        check: Callable[[WSGIEnvironment], CheckedSession],
        records: SessionRecords,
        directory: Directory,
        uses: BrowserUses,
        clock: Clock,
    ) -> None:
        """Let `check` decide about a request; it raises `AuthsvcError` to refuse."""
        self._behind = behind
        self._check = check
        self._true_at = records.invalidation.true_at
        self._directory = directory
        self._holds = Standing(records.copies, uses).holds
        self._clock = clock
        self._figures = records.figures
        # Good answers to single checks; those refused are Flask's to write and to count.
        self.answered = 0
        self.answers: KeptAnswers[Key, Answer] = KeptAnswers(records.copies.most)
        self._moment: tuple[datetime | None, str] = (None, "")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] != PATH or method not in ("GET", "HEAD"):
            return self._behind(environ, start_response)
        figures = self._figures
        started_ns = 0 if figures.repeated & UNTIMED else perf_counter_ns()
        get = environ.get
        key = (
            get("HTTP_AUTHORIZATION", ""),
            get("HTTP_X_VOL_USER_CLAIMS", ""),
            get("HTTP_X_VOL_SITE", ""),
            get("HTTP_X_VOL_TENANT", ""),
            get("HTTP_HOST", ""),
            shown_token(environ) if "HTTP_COOKIE" in environ else "",
        )
        answer = self.answers.get(key)
        # Asked before the record: an answer is as old as the oldest thing it says.
        true_at = None if answer is None else self._true_at()
        if answer is None or true_at is None or not self._still_holds(answer):
            started_ns = started_ns or perf_counter_ns()
            times, times_forgotten = 1, self._directory.times_forgotten
            try:
                session = self._check(environ)
                key_bytes = sum(map(len, key))
                answer, true_at = _written(session, times_forgotten, key_bytes), session.true_at
            except AuthsvcError as refusal:
                self.answers.drop(key)
                environ[REFUSAL_KEY] = refusal
                return self._behind(environ, start_response)
            except Exception:  # noqa: BLE001  it happens again where it is answered, and logged if it is a bug
                return self._behind(environ, start_response)
            if key_bytes <= LONGEST_KEY:
                self.answers.keep(key, answer)
        else:
            times = 1 + UNTIMED
            figures.repeated += 1
        self.answered += 1
        moment = self._spelled(true_at)
        start_response(
            "200 OK",
            [
                *answer.headers,
                (AS_OF_HEADER, moment),
                (CORRELATION_HEADER, correlation_id(environ)),
            ],
        )
        if started_ns:
            REQUESTS.time(OPERATION, perf_counter_ns() - started_ns, times)
        return [answer.before + moment.encode() + answer.after] if method == "GET" else []

    def _still_holds(self, answer: Answer) -> bool:
        """Tell whether a check would be decided by the same record, on the same site, and the same way."""
        if answer.times_forgotten != self._directory.times_forgotten:
            return False
        session = answer.session
        site_set = self._directory.remembered_set(session.record.tenant_id, session.site_id)
        return self._holds(session, site_set, self._clock())

    def _spelled(self, moment: datetime) -> str:
        """Spell a moment; the one that many answers are true for, only once."""
        known, text = self._moment
        if known is not moment:
            text = wire_moment(moment)
            self._moment = (moment, text)
        return text


def _written(session: CheckedSession, times_forgotten: int, key_bytes: int) -> Answer:
    written = Written.of(session)
    length = len(written.before) + MOMENT_BYTES + len(written.after)
    headers = [_CONTENT_TYPE, ("Content-Length", str(length)), *written.headers, *_SECURITY]
    # What stands in the body stands in the headers once more.
    size = OBJECT_BYTES + key_bytes + 2 * length
    return Answer(session, times_forgotten, written.before, written.after, headers, size)
