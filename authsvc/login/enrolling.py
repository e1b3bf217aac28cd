"""Making an account with a login: what is checked before the hash, and what is claimed after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authsvc.accounts.rules import NO_ACCOUNT, CustomerAccount
from authsvc.accounts.texts import refuse_unkeepable
from authsvc.accounts.usernames import EmailAddress, Username
from authsvc.audit.rules import Change
from authsvc.callers import Behavior, Caller
from authsvc.credentials.policies import PasswordPolicies, known_of
from authsvc.credentials.rules import StoredPassword
from authsvc.customer_sets.rules import Site
from authsvc.errors import Forbidden, Invalid
from authsvc.login.rules import Enrolment, identifiers

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.accounts.whole_accounts import WholeAccounts
    from authsvc.audit.store import AuditTrail
    from authsvc.credentials.passwords import Passwords
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock


@dataclass(frozen=True, slots=True)
class Enrolling:
    """The parts that signing up, gaining a login and creating several accounts share."""

    directory: Directory
    whole_accounts: WholeAccounts
    credentials: CredentialStore
    passwords: Passwords
    policies: PasswordPolicies
    trail: AuditTrail
    clock: Clock

    @property
    def accounts(self) -> Accounts:
        """The accounts by themselves."""
        return self.whole_accounts.accounts

    def prepared(
        self, caller: Caller, site_id: int, enrolment: Enrolment, *, hash_now: bool = True
    ) -> tuple[Enrolment, StoredPassword | None]:
        """Check all that can be checked before the costly hash, and hash; a guest's has no hash.

        Raises `Invalid`, `EmailAddressTaken`, `UsernameTaken`, `UnknownSite`, `HashingBusy`, and for a hash that
        another system made `Forbidden`, `UnknownHash` or `HashTooCostly`.
        """
        if enrolment.is_guest:
            return enrolment, None
        username, email_address = identifiers(enrolment.fields)
        username_key = Username.parse(username).key
        email_key = EmailAddress.parse(email_address).key if email_address else None
        site = self.directory.fresh_site(caller.tenant_id, site_id)
        self.accept(site.tenant_id, site.customer_set, enrolment)
        self.accounts.ensure_identifiers_free(
            site.tenant_id, site.customer_set, username_key, email_key
        )
        named = replace(enrolment, fields=dict(enrolment.fields) | {"username": username})
        if not hash_now:
            return named, None
        return named, self.stored_password(caller, site.customer_set, named)

    def accept(self, tenant_id: int, customer_set: str, enrolment: Enrolment) -> str | None:
        """Return the prepared password, None where another system's hash takes its place; raises `Invalid`."""
        # The password is compared with the names, so they come first.
        refuse_unkeepable(enrolment.fields)
        if enrolment.external_password is None:
            owner = known_of(enrolment.fields)
            return self.policies.accept(tenant_id, customer_set, enrolment.password or "", owner)
        if enrolment.password:
            raise Invalid("externalPassword", "Send either password or externalPassword.")
        return None

    def stored_password(
        self, caller: Caller, customer_set: str, enrolment: Enrolment
    ) -> StoredPassword:
        """Return what to keep of the password; raises as `prepared` does."""
        prepared = self.accept(caller.tenant_id, customer_set, enrolment)
        if prepared is not None:
            return StoredPassword(self.passwords.hashing.hash(prepared))
        # A storefront may pass on what shoppers send; whose hash costs how much is not for them to say.
        if Behavior.CUSTOMER_CREATE not in caller.behaviors or caller.is_shopper:
            raise Forbidden(
                "Importing password hashes takes an application with the behavior customer-create, and no shopper."
            )
        return self.passwords.imported(caller.tenant_id, enrolment.external_password or "")

    def enrol(
        self, caller: Caller, site: Site, enrolment: Enrolment, stored: StoredPassword | None
    ) -> CustomerAccount:
        """Within a transaction, create an account in the site's set, with a login if there is a password.

        Raises as `prepared` does, if somebody was faster, and as `WholeAccounts.create` for what is said beside.
        """
        if stored is None:
            return self._create(caller, site, enrolment)
        username, email_address = identifiers(enrolment.fields)
        self.claim(site.tenant_id, site.customer_set, username, email_address)
        account = self._create(caller, site, enrolment)
        self.add_login(caller, account.id, username, stored)
        return replace(account, has_login=True)

    def _create(self, caller: Caller, site: Site, enrolment: Enrolment) -> CustomerAccount:
        account = self.accounts.create_in(
            caller, site, enrolment.fields, enrolment.contacts, enrolment.user_id
        )
        self.whole_accounts.keep_beside(caller, account.id, enrolment.said, enrolment.notes)
        return account

    def claim(
        self,
        tenant_id: int,
        customer_set: str,
        username: str,
        email_address: str | None,
        *,
        besides: int = NO_ACCOUNT,
    ) -> None:
        """Within a transaction, wait for the names and refuse them if somebody was faster."""
        username_key = Username.parse(username).key
        email_key = EmailAddress.parse(email_address).key if email_address else None
        self.accounts.store.hold_names(
            tenant_id, customer_set, [key for key in (username_key, email_key) if key]
        )
        self.accounts.ensure_identifiers_free(
            tenant_id, customer_set, username_key, email_key, besides=besides
        )

    def add_login(
        self, caller: Caller, account_id: int, username: str, stored: StoredPassword
    ) -> None:
        """Within a transaction, give an account that has this username its login."""
        self.credentials.add(
            caller.tenant_id, account_id, Username.parse(username).key, stored, self.clock()
        )
        self.passwords.keep_kind(caller.tenant_id, stored)
        self.trail.note(
            caller,
            "account.login_created",
            f"account:{account_id}",
            [
                Change("userName", None, username),
                *([Change("hasExternalPassword", None, True)] if stored.external_kind else []),
            ],
        )
