"""Browsers' sessions: opened by a sign-in, joined by the other hosts of the set, each with a cookie of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from authsvc import tokens
from authsvc.customer_sets.rules import Site
from authsvc.sessions.rules import (
    BrowserLifetimes,
    Holder,
    IssuedCookie,
    NoSession,
    Refusal,
    SessionRecord,
)
from authsvc.tokens import Audience

if TYPE_CHECKING:
    from authsvc.infra.clock import Clock
    from authsvc.sessions.browser_store import BrowserSessionStore


@dataclass(frozen=True, slots=True)
class BrowserTerms:
    """How long browsers stay signed in: those that were asked to remember (`remembered`), and the others (`plain`)."""

    plain: BrowserLifetimes
    remembered: BrowserLifetimes

    def of(self, *, remembered: bool) -> BrowserLifetimes:
        """Return the lifetimes of a session."""
        return self.remembered if remembered else self.plain


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """The use cases; within the caller's transaction."""

    store: BrowserSessionStore
    terms: BrowserTerms
    clock: Clock

    def open(
        self, site: Site, holder: Holder, methods: tuple[str, ...], *, remembered: bool
    ) -> IssuedCookie:
        """Open a session of `holder`, who proved who they are by `methods`, in the set of `site`.

        An account's row must be held by the open transaction, so that a lock cannot slip in between.
        """
        now, session_id = self.clock(), uuid4()
        expires_at = now + self.terms.of(remembered=remembered).session
        self.store.add(site, session_id, holder, methods, now, expires_at, remembered=remembered)
        return self._cookie(site.tenant_id, session_id, now, expires_at, remembered=remembered)

    def prepare(
        self, site: Site, holder: Holder, methods: tuple[str, ...], expires_at: datetime
    ) -> str:
        """Open a session as `open` does, that no browser shows before it joins; returns its id."""
        session_id = uuid4()
        self.store.add(
            site, session_id, holder, methods, self.clock(), expires_at, remembered=False
        )
        return str(session_id)

    def prepared(self, tenant_id: int, session_id: str) -> SessionRecord:
        """Within a transaction, return a browser's session that goes on and hold it; raises `NoSession`."""
        record = self.store.held(tenant_id, _uuid(session_id))
        if record is None:
            raise NoSession(Refusal.UNKNOWN)
        refusal = record.refusal(customer_set=record.customer_set, now=self.clock())
        if refusal is not None:
            raise NoSession(refusal)
        return record

    def join(self, site: Site, session_id: str) -> IssuedCookie:
        """Give a session one more cookie, for a host of `site`; raises `NoSession` if it may not be used there."""
        now = self.clock()
        record = self.store.held(site.tenant_id, UUID(session_id))
        if record is None or record.remembered is None:
            raise NoSession(Refusal.UNKNOWN)
        refusal = record.refusal(customer_set=site.customer_set, now=now)
        if refusal is not None:
            raise NoSession(refusal)
        return self._cookie(
            site.tenant_id, UUID(session_id), now, record.expires_at, remembered=record.remembered
        )

    def _cookie(
        self,
        tenant_id: int,
        session_id: UUID,
        now: datetime,
        session_ends: datetime,
        *,
        remembered: bool,
    ) -> IssuedCookie:
        token = tokens.new_token(tenant_id, Audience.BROWSER)
        good_until = min(now + self.terms.of(remembered=remembered).idle, session_ends)
        self.store.add_cookie(tenant_id, session_id, tokens.digest(token), now, good_until)
        return IssuedCookie(str(session_id), token, session_ends - now if remembered else None)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSession(Refusal.UNKNOWN) from None
