"""Questions about merchants' verifiers."""

from __future__ import annotations

from authsvc.password_verifiers.rules import Verifier
from authsvc.password_verifiers.store import VerifierStore
from tests.isolation.world import Case, World


def _store(world: World) -> VerifierStore:
    return world.services.login.passwords.verifiers.store


def _verifier(world: World, tenant_id: int) -> Verifier:
    return Verifier(tenant_id, "https://old.mystic.example/verify", b"s", False, None, world.now)


CASES: dict[str, Case] = {
    "VerifierStore.verifier": lambda w, tenant, _: _store(w).verifier(tenant),
    "VerifierStore.keep": lambda w, tenant, _: _store(w).keep(_verifier(w, tenant)),
    "VerifierStore.remove": lambda w, tenant, _: _store(w).remove(tenant),
    "ExternalHashStore.merchants": lambda w, tenant, _: w.services.login.passwords.store.merchants(
        tenant
    ),
}
