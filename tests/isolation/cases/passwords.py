"""Questions about what sets ask of passwords."""

from __future__ import annotations

from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.credentials.policy_store import PasswordPolicyStore
from tests.isolation.world import Case, World


def _policies(world: World) -> PasswordPolicyStore:
    return world.services.credentials.policies.store


CASES: dict[str, Case] = {
    "PasswordPolicyStore.policy": lambda w, tenant, code: _policies(w).policy(tenant, code),
    "PasswordPolicyStore.set_policy": lambda w, tenant, _: _policies(w).set_policy(
        tenant, "b2c", PasswordPolicy(8)
    ),
}
