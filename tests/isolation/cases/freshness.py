"""Questions about when holders of sessions last proved who they are."""

from __future__ import annotations

from authsvc.tokens import digest
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "FreshnessStore.proven_at": lambda w, tenant, _: w.services.sessions.freshness.store.proven_at(
        tenant, w.session_id
    ),
    "FreshnessStore.prove": lambda w, tenant, _: w.services.sessions.freshness.store.prove(
        tenant, w.session_id, w.now
    ),
    "FreshnessStore.drop_cookie": lambda w, tenant, _: (
        w.services.sessions.freshness.store.drop_cookie(tenant, digest(w.cookie))
    ),
}
