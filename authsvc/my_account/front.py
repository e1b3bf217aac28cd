"""Reading My Account in front of Flask, whose way to an answer costs more than finding out that it still holds.

Who is calling is decided by `identification`, the answer by `answers`, as everywhere. Whatever is not plainly answered
is Flask's to answer, refusals with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter_ns
from typing import TYPE_CHECKING

from authsvc.callers import Caller
from authsvc.errors import AuthsvcError
from authsvc.my_account.answers import MyAccountAnswers, is_known
from authsvc.my_account.routes import PREFIX, REFUSAL_KEY, RULE
from authsvc.web.access_log import log_answered_in_front
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.correlation import CORRELATION_HEADER, correlation_id
from authsvc.web.security_headers import with_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = PREFIX + RULE
KNOWN = "304 NOT MODIFIED"
ANSWERED = "200 OK"


class MyAccountFront:
    """A WSGI layer that answers reads of My Account and leaves everything else to the layer behind it."""

    def __init__(
        self,
        behind: WSGIApplication,
        caller: Callable[[WSGIEnvironment], Caller],
        answers: MyAccountAnswers,
    ) -> None:
        """Let `caller` find out whose request it is; it raises to refuse."""
        self._behind = behind
        self._caller = caller
        self._answers = answers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"].lower() != PATH:
            return self._behind(environ, start_response)
        started_ns = perf_counter_ns()
        try:
            caller = self._caller(environ)
        except Exception:  # noqa: BLE001  it happens again where it is answered, and logged if it is a bug
            return self._behind(environ, start_response)
        try:
            answer = self._answers.answer(caller)
        except AuthsvcError as refusal:
            environ[REFUSAL_KEY] = refusal
            return self._behind(environ, start_response)
        except Exception:  # noqa: BLE001  as above
            return self._behind(environ, start_response)
        known = is_known(answer, environ.get("HTTP_IF_NONE_MATCH", ""))
        headers = self._answers.headers(answer)
        if not known:
            headers.append(("Content-Type", JSON_CONTENT_TYPE))
            headers.append(("Content-Length", str(len(answer.body))))
        correlation = correlation_id(environ)
        headers.append((CORRELATION_HEADER, correlation))
        status = KNOWN if known else ANSWERED
        start_response(status, with_security_headers(headers))
        # Personal data was read: that it was belongs in the log, as everything else there.
        log_answered_in_front("GET", PATH, status, started_ns, correlation, caller.tenant_id)
        return [] if known else [answer.body]
