"""Proving once more who one is, in a browser that is signed in already: the session goes on, its cookie is another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.customer_sets.rules import Site
from authsvc.sessions.rules import CheckedSession, IssuedCookie

if TYPE_CHECKING:
    from authsvc.infra.database import Transaction
    from authsvc.sessions.browser import BrowserSessions
    from authsvc.sessions.service import Sessions


@dataclass(frozen=True, slots=True)
class Proving:
    """The use case."""

    browser_sessions: BrowserSessions
    sessions: Sessions
    transaction: Transaction

    def again(self, site: Site, session: CheckedSession) -> IssuedCookie:
        """Keep that the holder has just proved who they are; returns the cookie that shows the session from now on.

        The one that showed it is void everywhere within a second: whoever copied it before is not let in by what its
        owner has proved (ASVS 5 7.2.4). Raises `NoSession`.
        """
        record, store = session.record, self.sessions.freshness.store
        with self.transaction():
            cookie = self.browser_sessions.join(site, record.session_id)
            store.prove(record.tenant_id, UUID(record.session_id), self.browser_sessions.clock())
            store.drop_cookie(record.tenant_id, session.digest)
            self.sessions.records.distrust(record.tenant_id, [session.digest])
        return cookie
