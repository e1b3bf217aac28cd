"""Questions about logins."""

from __future__ import annotations

from authsvc.credentials.rules import StoredPassword
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "CredentialStore.add": lambda w, tenant, _: w.services.credentials.store.add(
        tenant, w.guest_id, "guest", StoredPassword("$argon2id$x"), w.now
    ),
    "ExternalHashStore.kinds": lambda w, tenant, _: w.services.login.passwords.store.kinds(tenant),
    "ExternalHashStore.add": lambda w, tenant, _: w.services.login.passwords.store.add(
        tenant, "bcrypt,rounds=5", "$2b$x"
    ),
    "CredentialStore.answering_to": lambda w, tenant, code: (
        w.services.credentials.store.answering_to(tenant, code, "stacy")
    ),
    "CredentialStore.held": lambda w, tenant, _: w.services.credentials.store.held(
        tenant, w.account.id
    ),
    "CredentialStore.credential": lambda w, tenant, _: w.services.credentials.store.credential(
        tenant, w.account.id
    ),
    "CredentialStore.set_password": lambda w, tenant, _: w.services.credentials.store.set_password(
        tenant, w.account.id, "$argon2id$x", w.now
    ),
    "CredentialStore.set_must_change": lambda w, tenant, _: (
        w.services.credentials.store.set_must_change(
            tenant, w.account.id, must_change=True, now=w.now
        )
    ),
    "CredentialStore.signed_in": lambda w, tenant, _: w.services.credentials.store.signed_in(
        tenant, w.account.id, w.now, "$argon2id$x"
    ),
}
