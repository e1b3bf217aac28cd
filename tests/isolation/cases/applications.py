"""Questions about applications and their tokens."""

from __future__ import annotations

from dataclasses import replace

from authsvc.applications.rules import Application, ApplicationSecret
from tests.isolation.world import Case, World


def _application(world: World) -> Application:
    found = world.services.applications.store.application(world.merchant.tenant_id, world.client_id)
    assert found is not None
    return found


def _secret(world: World) -> ApplicationSecret:
    return _application(world).secrets[0]


CASES: dict[str, Case] = {
    "ApplicationStore.add": lambda w, tenant, _: w.services.applications.store.add(
        replace(_application(w), tenant_id=tenant, client_id="new")
    ),
    "ApplicationStore.application": lambda w, tenant, _: w.services.applications.store.application(
        tenant, w.client_id
    ),
    "ApplicationStore.applications": lambda w, tenant, _: (
        w.services.applications.store.applications(tenant)
    ),
    "ApplicationStore.bind": lambda w, tenant, _: w.services.applications.store.bind(
        tenant, w.client_id, frozenset({w.merchant.site("Mystic Sports")})
    ),
    "ApplicationStore.sites_among": lambda w, tenant, _: sorted(
        w.services.applications.store.sites_among(
            tenant, frozenset({w.merchant.site("Mystic Sports")})
        )
    ),
    "ApplicationStore.remove": lambda w, tenant, _: w.services.applications.store.remove(
        tenant, w.client_id
    ),
    "ApplicationStore.add_token": lambda w, tenant, _: w.services.applications.store.add_token(
        replace(w.of_application(tenant), digest=b"n" * 32),
        w.client_id,
        _secret(w).digest,
        "access",
        w.now,
        w.now,
    ),
    "ApplicationStore.add_secret": lambda w, tenant, _: w.services.applications.store.add_secret(
        tenant, w.client_id, ApplicationSecret(b"n" * 32, w.now)
    ),
    "ApplicationStore.use_secret": lambda w, tenant, _: w.services.applications.store.use_secret(
        tenant, w.client_id, _secret(w).digest, w.now
    ),
    "ApplicationStore.end_secret": lambda w, tenant, _: w.services.applications.store.end_secret(
        tenant, w.client_id, _secret(w).digest, w.now
    ),
    "ApplicationStore.remove_secret": lambda w, tenant, _: (
        w.services.applications.store.remove_secret(tenant, w.client_id, _secret(w).digest)
    ),
    "ApplicationStore.application_of_token": lambda w, tenant, _: (
        w.services.applications.store.application_of_token(w.of_application(tenant), "access")
    ),
    "ApplicationStore.remove_token": lambda w, tenant, _: (
        w.services.applications.store.remove_token(w.of_application(tenant), "access")
    ),
}
