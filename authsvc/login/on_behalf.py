"""Making an account for a customer who asks for one at the counter or on the telephone (rule 7; [B] Offline Orders)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import EmailAddress, Username
from authsvc.callers import Caller
from authsvc.errors import Invalid
from authsvc.login.enrolling import Enrolling
from authsvc.login.rules import Enrolment

if TYPE_CHECKING:
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """The use case of customer service; nobody is signed in by it."""

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
