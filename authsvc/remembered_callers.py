"""Callers who show what they showed before: found out once by `identification`, and known while that still holds.

Most requests come from callers who were here a moment ago with the same tickets, for the same site. Who that is is
decided by `identification`, as everywhere; here only stands whether it would be decided the same way once more, by the
same records in this process's memory, which is believed for as long as for session checks (`infra/invalidation.py`).
Whatever is not certain is decided anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.callers import Caller, Requires
from authsvc.identification import Identification, Identified, Shown
from authsvc.sessions.kept_answers import KeptAnswers
from authsvc.sessions.standing import Standing
from authsvc.web.environ_headers import EnvironHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from authsvc.tokens import TokenReference

# What of a request decides about its caller, where no cookie counts.
_DECIDES = (
    "HTTP_AUTHORIZATION",
    "HTTP_X_VOL_APP_CLAIMS",
    "HTTP_X_VOL_USER_CLAIMS",
    "HTTP_X_VOL_SITE",
    "HTTP_X_VOL_TENANT",
    "HTTP_HOST",
)
MOST_CALLERS = 50_000
MOST_BYTES = 64 * 1024 * 1024
# Of one caller beside the text of its headers.
CALLER_BYTES = 1_000
# Longer than any tickets of ours; what somebody makes up need not be kept.
LONGEST_KEY = 4_096

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A caller, and about how many bytes it takes to remember them.

    `application_token`: what the application's ticket is looked up by. `host_says`: tenant and site of the request's
    host; None where the request itself names the site.
    """

    identified: Identified
    application_token: TokenReference | None
    host_says: tuple[int | None, int | None] | None
    size: int


class RememberedCallers:
    """Callers by what their requests show; whether they meet what is required is asked each time."""

    def __init__(self, identification: Identification) -> None:
        """Let `identification` decide."""
        self._identification = identification
        sessions = identification.sessions
        self._invalidation = sessions.records.invalidation
        self._standing = Standing(sessions.records.copies, sessions.uses)
        self._known: KeptAnswers[Key, Known] = KeptAnswers(MOST_CALLERS, MOST_BYTES)

    def caller(
        self, requires: Requires, environ: WSGIEnvironment, shown: Callable[[], Shown]
    ) -> Caller:
        """Return the caller of a request as `Identification.caller` does, which is given `shown()` if need be.

        A caller who was here before comes with the address and the correlation id of that time.
        """
        if requires.by_cookie:
            return self._identification.caller(requires, shown())
        key = tuple([environ.get(name, "") for name in _DECIDES])
        known = self._known.get(key)
        if known is not None:
            if self._still_holds(known, environ):
                requires.admit(known.identified.caller)
                return known.identified.caller
            self._known.drop(key)
        # Asked before: should it say something else meanwhile, what is remembered does not hold.
        host_says = self._host_says(environ)
        identified = self._identification.identified(requires, shown())
        length = sum(map(len, key))
        if length <= LONGEST_KEY and _is_by_records_alone(identified):
            token = self._identification.application_token(EnvironHeaders(environ))
            size = length + CALLER_BYTES
            self._known.keep(key, Known(identified, token, host_says, size))
        return identified.caller

    def _host_says(self, environ: WSGIEnvironment) -> tuple[int | None, int | None] | None:
        if environ.get("HTTP_X_VOL_SITE"):
            return None
        return self._identification.directory.tenant_and_site_of_host(environ.get("HTTP_HOST", ""))

    def _still_holds(self, known: Known, environ: WSGIEnvironment) -> bool:
        """Tell whether the same records would decide the same way."""
        if not self._invalidation.trusted() or known.host_says != self._host_says(environ):
            return False
        session, application = known.identified.session, known.identified.application
        if session is not None:
            identification = self._identification
            site_set = identification.directory.remembered_set(
                session.record.tenant_id, session.site_id
            )
            if not self._standing.holds(session, site_set, identification.sessions.clock()):
                return False
        token = known.application_token
        if token is None:
            return application is None
        records = self._identification.applications.records
        return records.application_of_access_token(token) is application


def _is_by_records_alone(identified: Identified) -> bool:
    """Tell whether records that are at hand decided: a shopper's ticket that was passed over is not on record."""
    return (identified.session is not None) is identified.caller.carries_shopper
