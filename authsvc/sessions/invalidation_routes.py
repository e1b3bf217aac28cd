"""`GET /sessions/invalidations`: how a service that keeps answers hears, several times a second, which to forget.

Asked and answered at once, not held open: whoever keeps answers must learn every second that nothing has happened, and
so asks that often anyway; a held request would only take a thread meanwhile. And only an answer proves how late it is:
what is pushed may have waited anywhere, and would have to be judged by comparing two machines' clocks.
"""

from __future__ import annotations

from math import ceil
from typing import Annotated

from pydantic import Field

from authsvc.callers import Behavior, Caller, Requires
from authsvc.errors import Unavailable
from authsvc.infra.barred_tokens import BarredTokens, Position
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire, WireDateTime

LONGEST_POSITION = 200


class CannotTell(Unavailable):
    """This process has not been able to look within the last second."""


class Behind(Wire):
    """Up to where the caller has heard."""

    after: Annotated[
        str, Field(max_length=LONGEST_POSITION, description="`position` of the last answer.")
    ] = ""


class Invalidations(Wire):
    """What must be forgotten, and what the rest is still worth."""

    position: Annotated[str, Field(description="To be sent as `after` with the next question.")]
    complete: Annotated[
        bool,
        Field(description="False: `tokens` is not all. Forget everything, and begin anew here."),
    ]
    tokens: Annotated[
        list[str],
        Field(
            description="SHA-256 of the access tokens and cookies, in hex; a JWT's is its `jti`."
        ),
    ]
    age_milliseconds: Annotated[
        int,
        Field(
            ge=0, description="So long before the question came in, nothing else had been ended."
        ),
    ]
    as_of: Annotated[WireDateTime, Field(description="That moment, by this machine's clock.")]


def routes(barred: BarredTokens) -> Routes:
    """Declare the operation over what this process has heard."""
    part = Routes("invalidations", prefix="/sessions", tag="Sessions")

    @part.get(
        "/invalidations",
        requires=Requires(Behavior.SESSION_FOLLOW, without_site=True),
        answers=Invalidations,
        refuses=(CannotTell,),
    )
    def read_invalidations(caller: Caller, query: Behind) -> Invalidations:
        """Hear whose sessions have changed, so that answers about the others may be kept.

        Answers that were kept may be given for one second from the moment that `ageMilliseconds` tells, counted back
        from when this was asked, by the caller's own clock. docs/client.md has the rules; `authsvc.client` keeps them.
        """
        # Asked before what was barred: all that had ended by then was heard of before it was noted.
        look = barred.last_look()
        if look is None:
            raise CannotTell("It cannot be told now what has changed. Ask again.")
        age, true_at = look
        told = barred.since(caller.tenant_id, Position.read(query.after))
        return Invalidations(
            position=str(told.position),
            complete=told.complete,
            tokens=[digest.hex() for digest in told.digests],
            age_milliseconds=ceil(age * 1000),
            as_of=true_at,
        )

    return part
