"""Making accounts for customers: one who asks at the counter or on the telephone, or many at once.

(Rule 7; [B] Offline Orders; [K] 3.1 Bulk.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import EmailAddress, Username
from authsvc.callers import Caller
from authsvc.credentials.rules import StoredPassword
from authsvc.errors import AuthsvcError, Conflict, Invalid
from authsvc.login.enrolling import Enrolling
from authsvc.login.rules import MOST_ACCOUNTS_AT_ONCE, Enrolment

if TYPE_CHECKING:
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """The use cases of customer service and of imports; nobody is signed in by them."""

    enrolling: Enrolling
    customer_sets: CustomerSets
    transaction: Transaction

    def create(self, caller: Caller, site_id: int, enrolment: Enrolment) -> CustomerAccount:
        """Create an account in the set the site is in at this moment, with a login if there is a password.

        Names that a login of the set answers to are refused without a password too: who has an account there needs
        no second one. Raises `Invalid`, `EmailAddressTaken`, `UsernameTaken`, `UnknownSite` or `HashingBusy`.
        """
        if not any(enrolment.fields.get(name) for name in ("email_address", "username")):
            raise Invalid("emailAddress", "Give the customer's e-mail address.")
        enrolment, stored = self.enrolling.prepared(caller, site_id, enrolment)
        with self.transaction():
            site = self.customer_sets.site_for_enrolment(caller.tenant_id, site_id)
            if stored is None:
                username, email_address = (
                    enrolment.fields.get("username"),
                    enrolment.fields.get("email_address"),
                )
                self.enrolling.accounts.ensure_identifiers_free(
                    site.tenant_id,
                    site.customer_set,
                    Username.parse(username).key if username else None,
                    EmailAddress.parse(email_address).key if email_address else None,
                )
            return self.enrolling.enrol(caller, site, enrolment, stored)

    def create_several(
        self, caller: Caller, enrolments: Sequence[Enrolment]
    ) -> list[CustomerAccount]:
        """Create several accounts on the site of the call, with logins where there is a password: all, or none.

        Raises `Invalid` or `Conflict` with one item for each enrolment that is refused before anything is stored.
        """
        if len(enrolments) > MOST_ACCOUNTS_AT_ONCE:
            raise Invalid("accounts", f"Send at most {MOST_ACCOUNTS_AT_ONCE} accounts at once.")
        prepared: list[tuple[Enrolment, StoredPassword | None]] = []
        refused: list[AuthsvcError] = []
        for enrolment in enrolments:
            try:
                prepared.append(
                    self.enrolling.prepared(caller, caller.site(), enrolment, hash_now=not refused)
                )
            except (Invalid, Conflict) as refusal:
                refused.append(refusal)
        if refused:
            raise Invalid(
                "accounts",
                f"{len(refused)} of {len(enrolments)} cannot be created; none was.",
                items=refused,
            )
        with self.transaction():
            site = self.customer_sets.site_for_enrolment(caller.tenant_id, caller.site())
            return [
                self.enrolling.enrol(caller, site, enrolment, stored)
                for enrolment, stored in prepared
            ]
