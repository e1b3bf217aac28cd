"""What each customer set asks of new passwords: told, changed, and applied wherever a password is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.credentials.password_policy import PasswordPolicy
from authsvc.credentials.password_strength import Advice, advice

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.credentials.policy_store import PasswordPolicyStore
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction

# What of an account its holder, and many others, know by heart.
_KNOWN = ("username", "email_address", "first_name", "last_name", "company_or_organization")
# The API's name of each part of a policy, for the audit trail.
_NAMES = {
    "minimum_length": "minimumLength",
    "minimum_digits": "minimumDigits",
    "minimum_letters": "minimumLetters",
    "refuses_common": "refusesCommonPasswords",
    "refuses_similar": "refusesSimilarPasswords",
}


@dataclass(frozen=True, slots=True)
class PasswordPolicies:
    """The use cases. Nothing is remembered: a policy is asked for once for a hash that takes far longer."""

    store: PasswordPolicyStore
    customer_sets: CustomerSets
    trail: AuditTrail
    transaction: Transaction

    def policy(self, tenant_id: int, customer_set: str) -> PasswordPolicy:
        """Return what a set asks; raises `UnknownCustomerSet`."""
        return self._of(tenant_id, self._code(tenant_id, customer_set))

    def set_policy(self, caller: Caller, customer_set: str, policy: PasswordPolicy) -> None:
        """Say what a set asks of passwords that are chosen from now on; raises `UnknownCustomerSet`."""
        with self.transaction():
            code = self._code(caller.tenant_id, customer_set)
            old = self._of(caller.tenant_id, code)
            if old == policy:
                return
            self.store.set_policy(caller.tenant_id, code, policy)
            before, after = asdict(old), asdict(policy)
            self.trail.note(
                caller,
                "customer_set.password_policy_changed",
                f"customer_set:{code}",
                [
                    Change(name, before[part], after[part])
                    for part, name in _NAMES.items()
                    if before[part] != after[part]
                ],
            )

    def accept(
        self, tenant_id: int, customer_set: str, text: str, owner: Iterable[str | None]
    ) -> str:
        """Return the prepared form of a new password; raises `Invalid`. `owner`: see `known_of`."""
        policy = self._of(tenant_id, customer_set)
        about = [*owner, *self._shops(tenant_id, customer_set, policy)]
        return policy.accept(text, about=about)

    def advise(
        self, tenant_id: int, customer_set: str, text: str, owner: Iterable[str | None]
    ) -> Advice | None:
        """Tell how `accept` would judge a password, and how soon it would be guessed; None: not at this moment."""
        policy = self._of(tenant_id, customer_set)
        return advice(text, policy, [*owner, *self._shops(tenant_id, customer_set, policy)])

    def _shops(self, tenant_id: int, code: str, policy: PasswordPolicy) -> list[str]:
        """Return the names of a set and its sites, where they matter: the password opens all of them."""
        if not policy.refuses_similar:
            return []
        found = self.customer_sets.customer_set(tenant_id, code, most_counted=0)
        return [found.customer_set.name, *(site.name for site in found.sites)]

    def _of(self, tenant_id: int, code: str) -> PasswordPolicy:
        return self.store.policy(tenant_id, code) or PasswordPolicy()

    def _code(self, tenant_id: int, customer_set: str) -> str:
        found = self.customer_sets.customer_set(tenant_id, customer_set, most_counted=0)
        return found.customer_set.code


def known_of(account: CustomerAccount | Mapping[str, object]) -> list[str]:
    """Return the names and addresses of an account, or of what is said of one that is to be made."""
    if isinstance(account, CustomerAccount):
        said = [getattr(account, name) for name in _KNOWN]
    else:
        said = [account.get(name) for name in _KNOWN]
    return [text for text in said if isinstance(text, str)]
