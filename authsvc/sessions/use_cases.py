"""Sessions, connected: tickets' and browsers'."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.sessions.browser import BrowserSessions, BrowserTerms
from authsvc.sessions.browser_store import BrowserSessionStore
from authsvc.sessions.freshness import Freshness
from authsvc.sessions.freshness_store import FreshnessStore
from authsvc.sessions.records import SessionRecords
from authsvc.sessions.rules import Lifetimes, SessionRecord
from authsvc.sessions.service import Sessions
from authsvc.sessions.store import SessionStore
from authsvc.sessions.uses import BrowserUses

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Database
    from authsvc.infra.invalidation import Invalidation
    from authsvc.infra.process_copies import ProcessCopies
    from authsvc.infra.token_records import TokenRecords


def connect_sessions(
    database: Database,
    records: TokenRecords,
    invalidation: Invalidation,
    copies: ProcessCopies[SessionRecord],
    directory: Directory,
    trail: AuditTrail,
    *,
    lifetimes: Lifetimes,
    terms: BrowserTerms,
    fresh_within: timedelta,
    fresh_sign_in_as_vendor: bool,
    forget_devices: Callable[[int, int, UUID | None], None],
    clock: Clock,
) -> tuple[Sessions, BrowserSessions]:
    """Connect both; `forget_devices` is told of an account whose sessions all end."""
    store = SessionStore(database)
    in_browsers = BrowserSessions(BrowserSessionStore(database), terms, clock)
    sessions = Sessions(
        store,
        SessionRecords(store, records, invalidation, copies, clock),
        directory,
        trail,
        database.transaction,
        lifetimes,
        BrowserUses(in_browsers.store, terms, clock),
        clock,
        forget_devices,
        Freshness(FreshnessStore(database), fresh_within, clock, as_vendor=fresh_sign_in_as_vendor),
    )
    return sessions, in_browsers
