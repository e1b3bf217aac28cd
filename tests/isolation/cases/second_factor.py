"""Questions about second factors, sign-ins that wait for one, and what sets ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from authsvc.second_factor.authenticator_store import AuthenticatorStore
from authsvc.second_factor.pending_store import PendingStore
from authsvc.second_factor.rules import Policy, Requirement
from authsvc.second_factor.store import SecondFactorStore
from tests.isolation.world import (
    CODE_REQUEST_ID,
    PENDING_DIGEST,
    RECOVERY_DIGEST,
    Case,
    World,
    stacys_sign_in,
)


def _store(world: World) -> SecondFactorStore:
    return world.services.sign_in.second_factors.factors.store


def _pending(world: World) -> PendingStore:
    return world.services.sign_in.second_factors.factors.pending


def _apps(world: World) -> AuthenticatorStore:
    return world.services.sign_in.second_factors.factors.authenticators


CASES: dict[str, Case] = {
    "SecondFactorStore.policy": lambda w, tenant, code: _store(w).policy(tenant, code),
    "SecondFactorStore.set_policy": lambda w, tenant, _: _store(w).set_policy(
        tenant, "b2c", Policy(Requirement.ALWAYS)
    ),
    "SecondFactorStore.standing": lambda w, tenant, code: _store(w).standing(
        tenant, code, w.account.id
    ),
    "SecondFactorStore.region": lambda w, tenant, _: _store(w).region(tenant, w.account.id),
    "SecondFactorStore.note_region": lambda w, tenant, _: _store(w).note_region(
        tenant, w.account.id, b"h" * 32, w.now
    ),
    "SecondFactorStore.note_given": lambda w, tenant, _: _store(w).note_given(
        tenant, w.account.id, w.now
    ),
    "CredentialStore.renew_hash": lambda w, tenant, _: w.services.credentials.store.renew_hash(
        tenant,
        w.account.id,
        "another hash",
        _changed_at(w),
    ),
    "PendingStore.put": lambda w, tenant, _: _pending(w).put(
        stacys_sign_in(w.merchant, tenant, w.account.id, b"q" * 32)
    ),
    "PendingStore.pending": lambda w, tenant, _: _pending(w).pending(tenant, PENDING_DIGEST, w.now),
    "PendingStore.asked": lambda w, tenant, _: _pending(w).asked(tenant, CODE_REQUEST_ID, w.now),
    "PendingStore.use_try": lambda w, tenant, _: _pending(w).use_try(tenant, PENDING_DIGEST, w.now),
    "PendingStore.ask": lambda w, tenant, _: _pending(w).ask(tenant, PENDING_DIGEST, UUID(int=82)),
    "PendingStore.set_code": lambda w, tenant, _: _pending(w).set_code(
        tenant, CODE_REQUEST_ID, w.account.id, b"sealed", w.now + timedelta(minutes=3)
    ),
    "PendingStore.take": lambda w, tenant, _: _pending(w).take(tenant, PENDING_DIGEST, None),
    "AuthenticatorStore.set_up": lambda w, tenant, _: _apps(w).set_up(
        tenant, w.guest_id, b"sealed", 7, w.now
    ),
    "AuthenticatorStore.set_up_at": lambda w, tenant, _: _apps(w).set_up_at(tenant, w.account.id),
    "AuthenticatorStore.secret": lambda w, tenant, _: _apps(w).secret(tenant, w.account.id),
    "AuthenticatorStore.begin_try": lambda w, tenant, _: _apps(w).begin_try(
        tenant, w.account.id, 3, w.now - timedelta(hours=1), w.now
    ),
    "AuthenticatorStore.use_step": lambda w, tenant, _: _apps(w).use_step(tenant, w.account.id, 8),
    "AuthenticatorStore.set_recovery_codes": lambda w, tenant, _: _apps(w).set_recovery_codes(
        tenant, w.account.id, [b"s" * 32]
    ),
    "AuthenticatorStore.use_recovery_code": lambda w, tenant, _: _apps(w).use_recovery_code(
        tenant, w.account.id, RECOVERY_DIGEST
    ),
    "AuthenticatorStore.recovery_codes_left": lambda w, tenant, _: _apps(w).recovery_codes_left(
        tenant, w.account.id
    ),
    "AuthenticatorStore.remove": lambda w, tenant, _: _apps(w).remove(tenant, w.account.id),
}


def _changed_at(world: World) -> datetime:
    credential = world.services.credentials.store.credential(
        world.merchant.tenant_id, world.account.id
    )
    assert credential is not None
    return credential.password_changed_at
