"""A browser that is signed in on one host becomes known on another, by an address that is good once.

The host to arrive at first gives the browser a cookie with a random text, and names that text's digest to the host that
knows the session. This one makes a code for just that browser, site and host, which the browser carries back. A code
that leaks is good for a minute, once, and in no other browser; one that an attacker sends somebody is good for nothing,
so that nobody can be signed in as somebody else without knowing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from authsvc.sessions.rules import IssuedCookie, NoSession, Refusal
from authsvc.storefront.arrival_store import ArrivalCode

if TYPE_CHECKING:
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.browser import BrowserSessions
    from authsvc.storefront.arrival_store import ArrivalStore
    from authsvc.storefront.places import Place

# Two redirections on a slow telephone; OAuth's codes may last ten times as long (RFC 6749 §4.1.2).
CODE_LIFETIME = timedelta(seconds=60)
_BYTES = 32


def new_browser_text() -> str:
    """Return what a browser is known by while it is on its way."""
    return secrets.token_urlsafe(_BYTES)


def browser_digest(text: str) -> bytes:
    """Return what one host tells another of the text in a browser's cookie."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The use cases."""

    store: ArrivalStore
    browser_sessions: BrowserSessions
    directory: Directory
    transaction: Transaction
    clock: Clock

    def vouch(self, place: Place, session_id: str, origin: str, browser: bytes) -> str:
        """Return a code for a session that is good on the place's site, to be shown at `origin` by that `browser`."""
        code = secrets.token_urlsafe(_BYTES)
        expires_at = self.clock() + CODE_LIFETIME
        self.store.add(
            place.tenant.id,
            _digest(code),
            ArrivalCode(session_id, place.details.id, origin, browser, expires_at),
        )
        return code

    def arrive(self, place: Place, code: str, browser_text: str) -> IssuedCookie:
        """Return a cookie of the session a code stands for, or raise `NoSession`; the code is gone either way."""
        known = self.store.take(place.tenant.id, _digest(code))
        if (
            known is None
            or not browser_text
            or known.site_id != place.details.id
            or known.origin != place.own
            or not hmac.compare_digest(known.browser_digest, browser_digest(browser_text))
            or self.clock() >= known.expires_at
        ):
            raise NoSession(Refusal.UNKNOWN)
        site = self.directory.fresh_site(place.tenant.id, place.details.id)
        with self.transaction():
            return self.browser_sessions.join(site, known.session_id)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).digest()
