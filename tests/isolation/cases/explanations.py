"""Questions about why a customer can or cannot use a site."""

from __future__ import annotations

from datetime import timedelta

from authsvc.explanations.changes import History
from authsvc.explanations.rules import Facts
from authsvc.explanations.store import ExplanationStore
from tests.isolation.world import Case, World


def _store(world: World) -> ExplanationStore:
    return world.services.explanations.store


def _facts(world: World, tenant_id: int) -> Facts | None:
    site_id = world.merchant.site("Mystic Outlet")
    return _store(world).facts(tenant_id, world.moved_id, site_id, world.now)


def _history(world: World, tenant_id: int) -> object:
    facts = _facts(world, world.merchant.tenant_id)
    assert facts is not None
    found = world.services.explanations.history.of(tenant_id, facts, world.now - timedelta(days=1))
    return None if found == History() else found


CASES: dict[str, Case] = {
    "ExplanationStore.facts": lambda w, tenant, _: _facts(w, tenant),
    "ExplanationStore.has_site": lambda w, tenant, _: _store(w).has_site(
        tenant, w.merchant.site("Mystic Outlet")
    ),
    "HistoryStore.of": lambda w, tenant, _: _history(w, tenant),
}
