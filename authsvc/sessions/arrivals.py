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

from authsvc.customer_sets.rules import Site
from authsvc.errors import Invalid
from authsvc.sessions.arrival_store import ArrivalCode
from authsvc.sessions.rules import IssuedCookie, NoSession, Refusal

if TYPE_CHECKING:
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.sessions.arrival_store import ArrivalStore
    from authsvc.sessions.browser import BrowserSessions

# Two redirections on a slow telephone; OAuth's codes may last ten times as long (RFC 6749 §4.1.2).
CODE_LIFETIME = timedelta(seconds=60)
_BYTES = 32
# No text is known to have this digest, so a code that announces lets no browser arrive.
_NO_BROWSER = bytes(32)


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

    def vouch(self, site: Site, session_id: str, origin: str, browser: bytes) -> str:
        """Return a code for a session that is good on the site, to be shown at `origin` by that `browser`."""
        return self._code(site, session_id, origin, browser)

    def arrive(self, site: Site, origin: str, code: str, browser_text: str) -> IssuedCookie:
        """Return a cookie of the session a code stands for, or raise `NoSession`; the code is gone either way."""
        known = self._taken(site, code)
        if (
            known is None
            or not browser_text
            or known.origin != origin
            or not hmac.compare_digest(known.browser_digest, browser_digest(browser_text))
        ):
            raise NoSession(Refusal.UNKNOWN)
        site = self.directory.fresh_site(site.tenant_id, site.id)
        with self.transaction():
            return self.browser_sessions.join(site, known.session_id)

    def announce(self, site: Site, session_id: str, origin: str) -> str:
        """Return a code by which a host of the site learns which session is on its way, and that `origin` knows it.

        It opens nothing: the browser is sent back there to be vouched for.
        """
        return self._code(site, session_id, origin, _NO_BROWSER)

    def announced(self, site: Site, code: str) -> tuple[str, str]:
        """Return the session and the origin that a code announced, or raise `NoSession`; the code is gone then too."""
        known = self._taken(site, code)
        if known is None or known.browser_digest != _NO_BROWSER:
            raise NoSession(Refusal.UNKNOWN)
        return known.session_id, known.origin

    def _code(self, site: Site, session_id: str, origin: str, browser: bytes) -> str:
        code = secrets.token_urlsafe(_BYTES)
        self.store.add(
            site.tenant_id,
            _digest(code),
            ArrivalCode(session_id, site.id, origin, browser, self.clock() + CODE_LIFETIME),
        )
        return code

    def _taken(self, site: Site, code: str) -> ArrivalCode | None:
        known = self.store.take(site.tenant_id, _digest(code))
        if known is None or known.site_id != site.id or self.clock() >= known.expires_at:
            return None
        return known


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).digest()


def given_digest(text: str | None) -> bytes:
    """Return the digest of a browser's text as it stands in an address; raises `Invalid`."""
    try:
        digest = bytes.fromhex(text or "")
    except ValueError:
        digest = b""
    if len(digest) != _BYTES:
        raise Invalid("browser", "Begin at the page you want to get to.")
    return digest
