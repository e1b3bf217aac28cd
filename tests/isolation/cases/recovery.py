"""Questions about mailed links and requests for them."""

from __future__ import annotations

from uuid import UUID

from authsvc.recovery.rules import Purpose
from authsvc.recovery.store import LinkStore, ResetRequestStore
from tests.isolation.world import (
    LINK_DIGEST,
    RESET_REQUEST_ID,
    Case,
    World,
    reset_request,
    stacys_link,
)


def _links(world: World) -> LinkStore:
    return world.services.recovery.links.store


def _requests(world: World) -> ResetRequestStore:
    return world.services.recovery.password_resets.requests


CASES: dict[str, Case] = {
    "LinkStore.add": lambda w, tenant, _: _links(w).add(
        tenant, b"m" * 32, stacys_link(w.merchant, w.account.id)
    ),
    "LinkStore.link": lambda w, tenant, _: _links(w).link(tenant, LINK_DIGEST),
    "LinkStore.take": lambda w, tenant, _: _links(w).take(tenant, LINK_DIGEST),
    "LinkStore.void": lambda w, tenant, _: _links(w).void(
        tenant, w.account.id, frozenset({Purpose.PASSWORD_RESET})
    ),
    "ResetRequestStore.add": lambda w, tenant, _: _requests(w).add(
        reset_request(w.merchant, tenant, UUID(int=80))
    ),
    "ResetRequestStore.take": lambda w, tenant, _: _requests(w).take(tenant, RESET_REQUEST_ID),
}
