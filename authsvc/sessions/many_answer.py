"""What `POST /sessions/check` takes and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.sessions.check_answer import SessionModel
from authsvc.web.wire import Id, Wire

# A page of a gateway's log, or all that a busy storefront sees in a quarter of a second.
MOST_AT_ONCE = 1_000
# Longer than any ticket of ours; a JWT has about 1,100 characters.
LONGEST_TOKEN = 4_096
# Beside a session's own reasons (`rules.Refusal`).
UNKNOWN_SITE = "unknown_site"
UNAVAILABLE = "unavailable"


class Question(Wire):
    """A token, and the site that it is shown on."""

    token: Annotated[
        str, Field(max_length=LONGEST_TOKEN, description="An access token, a JWT, or a cookie's.")
    ]
    site_id: Annotated[Id | None, Field(description="Absent: the site of the whole call.")] = None


class Questions(Wire):
    """Many tokens."""

    site_id: Annotated[
        Id | None,
        Field(description="Absent: the one that the headers or the host name, as for one check."),
    ] = None
    checks: Annotated[list[Question], Field(max_length=MOST_AT_ONCE)]


class AnswerModel(Wire):
    """One token's answer: its session if it is good, else the reason."""

    session: SessionModel | None
    reason: Annotated[
        str | None,
        Field(
            description="`no_session`, `session_expired`, `session_ended`, `other_customer_set`, "
            "`unknown_site`; `unavailable`: it cannot be told now, so let nobody in."
        ),
    ]


class AnswersModel(Wire):
    """The answers, in the order of the questions."""

    answers: list[AnswerModel]
