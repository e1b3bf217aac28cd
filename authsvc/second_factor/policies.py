"""What customer sets ask of who signs in: told, and changed with a word in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change
from authsvc.second_factor.rules import Policy, Requirement

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction
    from authsvc.mail.service import Mails
    from authsvc.second_factor.store import SecondFactorStore

# Those that are answered without any mail.
_WITHOUT_MAIL = (Requirement.OFF, Requirement.OFFERED)


@dataclass(frozen=True, slots=True)
class SecondFactorPolicies:
    """The use cases."""

    store: SecondFactorStore
    customer_sets: CustomerSets
    mails: Mails
    trail: AuditTrail
    transaction: Transaction

    def policy(self, tenant_id: int, customer_set: str) -> Policy:
        """Return what a set asks; raises `UnknownCustomerSet`."""
        return self.store.policy(tenant_id, self._code(tenant_id, customer_set)) or Policy()

    def set_policy(self, caller: Caller, customer_set: str, policy: Policy) -> None:
        """Say what a set asks from the next sign-in on; whoever is signed in stays so.

        Raises `UnknownCustomerSet`, and `NoMail` for what takes mail where none is sent.
        """
        if policy.sign_in_codes or policy.requirement not in _WITHOUT_MAIL:
            self.mails.ensure_offered()
        with self.transaction():
            code = self._code(caller.tenant_id, customer_set)
            old = self.policy(caller.tenant_id, code)
            if old == policy:
                return
            self.store.set_policy(caller.tenant_id, code, policy)
            changes = [
                Change("secondFactor", old.requirement.value, policy.requirement.value),
                Change("signInCodes", old.sign_in_codes, policy.sign_in_codes),
            ]
            self.trail.note(
                caller,
                "customer_set.second_factor_changed",
                f"customer_set:{code}",
                [each for each in changes if each.old != each.new],
            )

    def _code(self, tenant_id: int, customer_set: str) -> str:
        found = self.customer_sets.customer_set(tenant_id, customer_set, most_counted=0)
        return found.customer_set.code
