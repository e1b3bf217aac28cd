"""Questions about the audit trail's chains, and searches in it."""

from __future__ import annotations

from authsvc.audit.chain import Head, Link
from authsvc.audit.trail_query import TrailQuery
from tests.isolation.world import Case, World

# Beyond what a world has.
FAR = 1_000_000_000


def _add(world: World, tenant_id: int) -> object:
    link = Link(FAR, FAR, b"s" * 16, b"v" * 32, b"d" * 32)
    head = Head(tenant_id, FAR, FAR, link.digest, world.now)
    world.services.audit.store.add(tenant_id, [link], head)
    return None


CASES: dict[str, Case] = {
    "ChainStore.add": lambda w, tenant, _: _add(w, tenant),
    "ChainStore.head": lambda w, tenant, _: w.services.audit.store.head(tenant),
    "ChainStore.entries": lambda w, tenant, _: [
        each
        for each in w.services.audit.store.entries(tenant, 0, FAR, 1_000)
        if each.subject == f"account:{w.account.id}"
    ],
    "ChainStore.linked": lambda w, tenant, _: [
        each
        for each in w.services.audit.store.linked(tenant, 0, 1_000)
        if each[0].subject == f"account:{w.account.id}"
    ],
    "TrailSearch.page": lambda w, tenant, _: w.services.audit.search.page(
        tenant, TrailQuery(subject=f"account:{w.account.id}"), 10
    ),
    "TrailSearch.actions": lambda w, tenant, _: [
        each for each in w.services.audit.search.actions(tenant) if each == "account.created"
    ],
}
