"""Questions about sessions, their tokens and the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from authsvc.callers import Caller
from authsvc.customer_sets.rules import Site
from authsvc.sessions.browser_store import Use
from authsvc.sessions.rules import EndReason, Holder, IssuedTokens
from authsvc.tokens import digest
from tests.isolation.world import Case, World


def _issued(world: World) -> IssuedTokens:
    return replace(world.tokens, access_token="new access", refresh_token="new refresh")


CASES: dict[str, Case] = {
    "SessionStore.add": lambda w, tenant, code: w.services.sessions.store.add(
        Site(tenant, w.merchant.site("Mystic Sports"), "x", code),
        uuid4(),
        Holder(w.account.id, "u"),
        (),
        w.now,
        w.now,
        _issued(w),
    ),
    "SessionStore.add_tokens": lambda w, tenant, _: w.services.sessions.store.add_tokens(
        tenant, w.session_id, w.now, _issued(w)
    ),
    "SessionStore.by_shown_tokens": lambda w, tenant, _: w.services.sessions.store.by_shown_tokens(
        [w.access(tenant)]
    ),
    "SessionStore.refresh_token": lambda w, tenant, _: w.services.sessions.store.refresh_token(
        w.refresh(tenant)
    ),
    "SessionStore.replace": lambda w, tenant, _: w.services.sessions.store.replace(
        w.refresh(tenant), b"s" * 32, w.now
    ),
    "SessionStore.expiry": lambda w, tenant, _: w.services.sessions.store.expiry(w.refresh(tenant)),
    "SessionStore.end": lambda w, tenant, _: w.services.sessions.store.end(
        tenant, w.session_id, EndReason.SIGNED_OUT, w.now
    ),
    "SessionStore.end_all": lambda w, tenant, _: w.services.sessions.store.end_all(
        tenant, w.account.id, EndReason.SIGNED_OUT, w.now
    ),
    "SessionStore.shown_tokens_of": lambda w, tenant, _: w.services.sessions.store.shown_tokens_of(
        tenant, [w.account.id], w.now
    ),
    "BrowserSessionStore.add": lambda w, tenant, code: w.services.browser_sessions.store.add(
        Site(tenant, w.merchant.site("Mystic Sports"), "x", code),
        uuid4(),
        Holder(w.account.id, "u"),
        (),
        w.now,
        w.now,
        remembered=True,
    ),
    "BrowserSessionStore.add_cookie": lambda w, tenant, _: (
        w.services.browser_sessions.store.add_cookie(tenant, w.session_id, b"c" * 32, w.now, w.now)
    ),
    "BrowserSessionStore.held": lambda w, tenant, _: w.services.browser_sessions.store.held(
        tenant, w.browser_session_id
    ),
    "BrowserSessionStore.put_off": lambda w, tenant, _: w.services.browser_sessions.store.put_off(
        tenant,
        [Use(digest(w.cookie), w.now, w.now + timedelta(hours=20), w.now + timedelta(hours=20))],
    ),
    "LiveSessionStore.of_account": lambda w, tenant, _: w.services.account_sessions.live.of_account(
        tenant, w.account.id, w.now
    ),
    "LiveSessionStore.is_of": lambda w, tenant, _: w.services.account_sessions.live.is_of(
        tenant, w.account.id, w.session_id
    ),
    "ActingStore.begun_by": lambda w, tenant, _: w.services.acting.store.begun_by(
        tenant, w.staff.subject, w.now - timedelta(minutes=15)
    ),
    "AuditTrail.entries": lambda w, tenant, _: w.services.trail.entries(
        tenant, f"account:{w.account.id}", 0, 20
    )[0],
    "AuditTrail.changed_fields": lambda w, tenant, _: w.services.trail.changed_fields(
        tenant, f"account:{w.account.id}", 0, 20
    )[0],
    "AuditTrail.note": lambda w, tenant, _: w.services.trail.note(
        Caller(tenant), "x", f"account:{w.account.id}"
    ),
}
