"""`GET /session` in front of Flask: every page view of every storefront asks it, and Flask alone costs eight checks.

What is decided is decided by `identification` and `sessions`, as everywhere. An answer is written once, and repeated
while the same request would be decided by the same record on a site of the same set. Refusals are Flask's to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from authsvc.errors import AuthsvcError
from authsvc.sessions.browser_cookie import shown_token
from authsvc.sessions.check_answer import AS_OF_HEADER, SessionModel, identity_headers
from authsvc.sessions.rules import CheckedSession
from authsvc.sessions.standing import Standing
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.correlation import CORRELATION_HEADER, correlation_id
from authsvc.web.security_headers import with_security_headers
from authsvc.web.wire import wire_moment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.sessions.records import SessionRecords
    from authsvc.sessions.uses import BrowserUses

PATH = "/session"
# Where Flask finds what a check was refused for, so that nothing is asked twice.
REFUSAL_KEY = "authsvc.session_refusal"
# What of a request decides about a check, besides its cookie.
_DECIDES = (
    "HTTP_AUTHORIZATION",
    "HTTP_X_VOL_USER_CLAIMS",
    "HTTP_X_VOL_SITE",
    "HTTP_X_VOL_TENANT",
    "HTTP_HOST",
)
# Together these bound what answers take: about 250 MB in a process whose callers show the longest headers they can.
MOST_ANSWERS = 100_000
LONGEST_KEY = 2_048

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer but for its moment, which stands between `before` and `after`, and its correlation id."""

    session: CheckedSession
    before: bytes
    after: bytes
    headers: list[tuple[str, str]]


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
        self._records = records
        self._directory = directory
        self._standing = Standing(records.copies, uses)
        self._clock = clock
        self._answers: dict[Key, Answer] = {}
        self._moment: tuple[datetime | None, str] = (None, "")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] != PATH or method not in ("GET", "HEAD"):
            return self._behind(environ, start_response)
        key = (*[environ.get(name, "") for name in _DECIDES], shown_token(environ))
        answer = self._answers.get(key)
        # Asked before the record: an answer is as old as the oldest thing it says.
        true_at = None if answer is None else self._records.invalidation.true_at()
        if answer is None or true_at is None or not self._still_holds(answer):
            try:
                session = self._check(environ)
                answer, true_at = self._written(session), session.true_at
            except AuthsvcError as refusal:
                self._answers.pop(key, None)
                environ[REFUSAL_KEY] = refusal
                return self._behind(environ, start_response)
            except Exception:  # noqa: BLE001  it happens again where it is answered, and logged if it is a bug
                return self._behind(environ, start_response)
            self._keep(key, answer)
        moment = self._spelled(true_at)
        start_response(
            "200 OK",
            [
                *answer.headers,
                (AS_OF_HEADER, moment),
                (CORRELATION_HEADER, correlation_id(environ)),
            ],
        )
        return [answer.before + moment.encode() + answer.after] if method == "GET" else []

    def _still_holds(self, answer: Answer) -> bool:
        """Tell whether a check would be decided by the same record, and the same way."""
        session = answer.session
        site_set = self._directory.remembered_set(session.record.tenant_id, session.site_id)
        return self._standing.holds(session, site_set, self._clock())

    def _written(self, session: CheckedSession) -> Answer:
        body = SessionModel.of(session).model_dump_json(by_alias=True).encode()
        before, _, after = body.partition(wire_moment(session.true_at).encode())
        headers = [("Content-Type", JSON_CONTENT_TYPE), ("Content-Length", str(len(body)))]
        identity = identity_headers(session)
        del identity[AS_OF_HEADER]
        return Answer(session, before, after, with_security_headers([*headers, *identity.items()]))

    def _keep(self, key: Key, answer: Answer) -> None:
        if sum(map(len, key)) > LONGEST_KEY:
            return
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        self._answers[key] = answer

    def _spelled(self, moment: datetime) -> str:
        """Spell a moment; the one that many answers are true for, only once."""
        known, text = self._moment
        if known is not moment:
            text = wire_moment(moment)
            self._moment = (moment, text)
        return text
