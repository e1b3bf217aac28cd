"""Questions about passkeys, and who makes them."""

from __future__ import annotations

from authsvc.passkeys.challenge_store import ChallengeStore
from authsvc.passkeys.rules import PasskeyUse
from authsvc.passkeys.store import PasskeyStore
from tests.isolation.world import CHALLENGE_DIGEST, CREDENTIAL_ID, Case, World, a_passkey


def _store(world: World) -> PasskeyStore:
    return world.services.passkeys.passkeys.store


def _challenges(world: World) -> ChallengeStore:
    return world.services.passkeys.registration.challenges.store


def _is_second_factor(world: World, tenant: int) -> bool:
    if tenant == world.merchant.tenant_id:
        _store(world).set_policy(tenant, "b2c", PasskeyUse.SECOND_FACTOR, "mystic.example")
    return _store(world).is_second_factor(tenant, world.account.id)


CASES: dict[str, Case] = {
    "PasskeyStore.policy": lambda w, tenant, code: _store(w).policy(tenant, code),
    "PasskeyStore.set_policy": lambda w, tenant, _: _store(w).set_policy(
        tenant, "b2c", PasskeyUse.OFF, "mystic.example"
    ),
    "PasskeyStore.sets_of": lambda w, tenant, _: _store(w).sets_of(tenant, "mystic.example"),
    "PasskeyStore.handle": lambda w, tenant, _: _store(w).handle(tenant, w.account.id, b"i" * 32),
    "PasskeyStore.of_account": lambda w, tenant, _: _store(w).of_account(tenant, w.account.id),
    "PasskeyStore.held": lambda w, tenant, _: _store(w).held(tenant, w.account.id),
    "PasskeyStore.by_credential": lambda w, tenant, _: _store(w).by_credential(
        tenant, CREDENTIAL_ID
    ),
    "PasskeyStore.is_second_factor": lambda w, tenant, _: _is_second_factor(w, tenant),
    "PasskeyStore.add": lambda w, tenant, _: _store(w).add(
        tenant, a_passkey(w.account.id, b"another")
    ),
    "PasskeyStore.note_use": lambda w, tenant, _: _store(w).note_use(
        tenant, w.passkey_id, 4, w.now, backed_up=True
    ),
    "PasskeyStore.suspend": lambda w, tenant, _: _store(w).suspend(tenant, w.passkey_id, w.now),
    "PasskeyStore.rename": lambda w, tenant, _: _store(w).rename(
        tenant, w.account.id, w.passkey_id, "Other"
    ),
    "PasskeyStore.remove": lambda w, tenant, _: _store(w).remove(
        tenant, w.account.id, w.passkey_id
    ),
    "ErasureStore.passkeys": lambda w, tenant, _: w.services.privacy.store.passkeys(
        tenant, w.account.id
    ),
    "ChallengeStore.spend": lambda w, tenant, _: _challenges(w).spend(
        tenant, CHALLENGE_DIGEST, w.now
    ),
}
