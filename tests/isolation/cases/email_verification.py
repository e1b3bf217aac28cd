"""Questions about confirmed addresses and who asks for them."""

from __future__ import annotations

from authsvc.recovery.verification_store import VerificationStore
from tests.isolation.world import Case, World


def _store(world: World) -> VerificationStore:
    return world.services.recovery.verification.store


CASES: dict[str, Case] = {
    "VerificationStore.policy": lambda w, tenant, code: _store(w).policy(tenant, code),
    "VerificationStore.set_policy": lambda w, tenant, _: _store(w).set_policy(
        tenant, "b2c", "required"
    ),
    "VerificationStore.verified_key": lambda w, tenant, _: _store(w).verified_key(
        tenant, w.account.id
    ),
    "VerificationStore.note_verified": lambda w, tenant, _: _store(w).note_verified(
        tenant, w.account.id, "other@mail.com", w.now
    ),
    "CredentialStore.set_awaits_verification": lambda w, tenant, _: (
        w.services.credentials.store.set_awaits_verification(
            tenant, w.account.id, awaits=True, now=w.now
        )
    ),
}
