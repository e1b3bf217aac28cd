"""Many session checks in one call."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from authsvc.sessions.many_answer import AnswersModel, Questions
from authsvc.web.answers import JSON_CONTENT_TYPE
from authsvc.web.operations import Routes


def routes(answer: Callable[[Questions], bytes]) -> Routes:
    """Declare the operation; `answer` writes the body of the answer to the current request."""
    part = Routes("session_checks", prefix="/sessions", tag="Sessions")

    @part.post("/check", requires=None, answers=AnswersModel)
    def check_sessions(body: Questions) -> Response:
        """Tell of up to 1,000 tokens at once whose sessions they show, and which are not good.

        Each is answered as `GET /session` would, in order. A session that is not good is no error here: its answer
        says the reason in place of the session.
        """
        return Response(answer(body), content_type=JSON_CONTENT_TYPE)

    return part
