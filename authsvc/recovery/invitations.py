"""An invitation: whoever customer service has made an account for chooses a password by a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.audit.rules import Change
from authsvc.credentials.policies import known_of
from authsvc.credentials.rules import HasLogin, StoredPassword
from authsvc.errors import Conflict
from authsvc.mail.rules import MailKind, host_for
from authsvc.recovery.password_resets import REPLACED
from authsvc.recovery.rules import NoEmailAddress, Purpose

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.customer_sets.rules import Site
    from authsvc.infra.database import Transaction
    from authsvc.login.enrolling import Enrolling
    from authsvc.login.on_behalf import OnBehalf
    from authsvc.login.rules import Enrolment
    from authsvc.recovery.links import Links
    from authsvc.recovery.verification import EmailVerification


class NotOfTheSite(Conflict):
    """An invitation leads to a site where the account could sign in, and this is none."""

    def __init__(self, account: CustomerAccount) -> None:
        """Say which would do."""
        super().__init__(
            f"Customer {account.id} belongs to the customer set {account.customer_set}: "
            "invite them to a site of that set."
        )


@dataclass(frozen=True, slots=True)
class Invitations:
    """The use cases."""

    links: Links
    verification: EmailVerification
    enrolling: Enrolling
    on_behalf: OnBehalf
    trail: AuditTrail
    transaction: Transaction

    def create_and_invite(
        self, caller: Caller, site_id: int, enrolment: Enrolment
    ) -> CustomerAccount:
        """Create an account as `OnBehalf.create` does, and invite its holder: both, or neither.

        Raises as that does, and `NoMail`, `NoEmailAddress`, `SiteHasNoHost`, or `HasLogin` for one with a password.
        """
        self.links.mails.ensure_offered()
        if enrolment.password is not None:
            raise HasLogin
        if not enrolment.fields.get("email_address"):
            raise NoEmailAddress
        with self.transaction():
            account = self.on_behalf.create(caller, site_id, enrolment)
            self.invite(caller, account.id, site_id)
        return account

    def invite(self, caller: Caller, account_id: int, site_id: int) -> None:
        """Mail the holder of an account without login a link to choose a password; older ones die.

        Raises `UnknownAccount`, `UnknownSite`, `HasLogin`, `NotOfTheSite`, `NoEmailAddress`, `SiteHasNoHost`, `NoMail`,
        and for a site that an application is not bound to `Forbidden`.
        """
        caller.may_use_site(site_id)
        self.links.mails.ensure_offered()
        with self.transaction():
            account = self.links.accounts.held(caller.tenant_id, account_id)
            if account.has_login:
                raise HasLogin
            site = self.links.directory.fresh_site(caller.tenant_id, site_id)
            if site.customer_set != account.customer_set:
                raise NotOfTheSite(account)
            self.links.store.void(caller.tenant_id, account_id, frozenset({Purpose.INVITATION}))
            host = host_for(site_id, site.hosts)
            self.links.mail(account, Purpose.INVITATION, MailKind.INVITATION, site_id, host)
            self.trail.note(
                caller,
                "account.invited",
                f"account:{account_id}",
                [Change("siteId", None, site_id)],
            )

    def sites_for(self, account: CustomerAccount) -> list[Site]:
        """Return the sites that the holder of an account could be invited to; none for whom nobody can invite."""
        if account.has_login or account.email_address is None or not self.links.mails.is_offered:
            return []
        structure = self.on_behalf.customer_sets.structure
        in_set = structure.sites(account.tenant_id, [account.customer_set])
        return [site for site in in_set if site.hosts]

    def look(self, tenant_id: int, token: str) -> CustomerAccount:
        """Return who is invited by a link; raises `LinkRefused`."""
        return self.links.look(tenant_id, token, Purpose.INVITATION)

    def accept(self, caller: Caller, token: str, password: str) -> None:
        """Give the account its login, once, by who has the link (rule 12).

        Raises `LinkRefused`, `Invalid` for a weak password, `UsernameTaken` or `EmailAddressTaken` if somebody signed
        up with the name meanwhile, or `HashingBusy`.
        """
        invited = self.look(caller.tenant_id, token)
        enrolling = self.enrolling
        prepared = enrolling.policies.accept(
            caller.tenant_id, invited.customer_set, password, known_of(invited)
        )
        stored = StoredPassword(enrolling.passwords.hashing.hash(prepared))
        with self.transaction():
            account, link = self.links.take(caller.tenant_id, token, Purpose.INVITATION)
            username = account.username or link.email_address
            enrolling.claim(
                account.tenant_id,
                account.customer_set,
                username,
                account.email_address,
                besides=account.id,
            )
            if account.username is None:
                self.links.accounts.update(caller, account.id, {"username": username})
            enrolling.add_login(caller, account.id, username, stored)
            self.verification.prove(account, link.email_address)
            self.links.store.void(caller.tenant_id, account.id, REPLACED)
