"""Whether an e-mail address is read by who signed up with it: asked as each customer set wants it asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.accounts.usernames import EmailAddress, Username
from authsvc.audit.rules import Change
from authsvc.errors import Invalid
from authsvc.mail.rules import MailKind, host_for
from authsvc.recovery.rules import LIFETIMES, Purpose

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.customer_sets.rules import Site
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction
    from authsvc.recovery.links import Links
    from authsvc.recovery.verification_store import VerificationStore

# Links mailed to one account within an hour, as for passwords.
MOST_LINKS = 5
WITHIN = timedelta(hours=1)


class VerificationPolicy(StrEnum):
    """What a customer set asks of who signs up on one of its sites."""

    # Nobody is asked.
    OFF = "off"
    # A link is mailed; the shopper is signed in meanwhile.
    LATER = "later"
    # Nobody is signed in before the link is opened.
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """The use cases."""

    links: Links
    store: VerificationStore
    customer_sets: CustomerSets
    trail: AuditTrail
    transaction: Transaction

    def policy(self, tenant_id: int, customer_set: str) -> VerificationPolicy:
        """Return what a set asks; raises `UnknownCustomerSet`."""
        code = self._code(tenant_id, customer_set)
        return VerificationPolicy(self.store.policy(tenant_id, code) or VerificationPolicy.OFF)

    def set_policy(self, caller: Caller, customer_set: str, policy: VerificationPolicy) -> None:
        """Say what a set asks of who signs up from now on; raises `UnknownCustomerSet`, or `NoMail`."""
        if policy is not VerificationPolicy.OFF:
            self.links.mails.ensure_offered()
        with self.transaction():
            code = self._code(caller.tenant_id, customer_set)
            old = self.policy(caller.tenant_id, code)
            if old is not policy:
                self.store.set_policy(caller.tenant_id, code, policy)
                self.trail.note(
                    caller,
                    "customer_set.email_verification_changed",
                    f"customer_set:{code}",
                    [Change("emailVerification", old.value, policy.value)],
                )

    def begin(self, site: Site, account: CustomerAccount) -> bool:
        """Within the transaction that makes a login, mail what the set wants; tell whether the shopper must wait.

        Raises `SiteHasNoHost` where nobody could ever confirm and has to.
        """
        policy = self.store.policy(site.tenant_id, site.customer_set)
        if policy in (None, VerificationPolicy.OFF) or not self.links.mails.is_offered:
            return False
        waits = policy == VerificationPolicy.REQUIRED
        if account.email_address is None or not (site.hosts or waits):
            return False
        if self.is_verified(account):
            return False
        if waits:
            self.links.credentials.set_awaits_verification(
                account.tenant_id, account.id, awaits=True, now=self.links.clock()
            )
        self._mail(account, site.id, host_for(site.id, site.hosts))
        return waits

    def ensure_can_confirm(self, site: Site, username: str, email_address: str | None) -> None:
        """Refuse, before an account is made, names that would leave the set's policy unanswered.

        Where it is required, no account without an address to ask at, and none that is named after another address
        than the one that is asked. Raises `Invalid`.
        """
        policy = self.store.policy(site.tenant_id, site.customer_set)
        if policy != VerificationPolicy.REQUIRED or not self.links.mails.is_offered:
            return
        if not email_address:
            raise Invalid("emailAddress", "Give an e-mail address; it is confirmed by mail.")
        name = Username.parse(username)
        if name.is_email_address and name.key != EmailAddress.parse(email_address).key:
            raise Invalid(
                "emailAddress",
                "A username that is an e-mail address has to be the one that is confirmed by mail.",
            )

    def remind(self, site: Site, account_id: int, host: str | None = None) -> None:
        """Mail another link, a few an hour at the most; to whom there is nothing to ask, none.

        Raises `SiteHasNoHost`, `UnknownAccount` or `NoMail`.
        """
        self.links.mails.ensure_offered()
        with self.transaction():
            # Held, so that who asks many times at once is counted one by one.
            account = self.links.accounts.held(site.tenant_id, account_id)
            if account.customer_set != site.customer_set:
                # Moved meanwhile: the link would lead to where it is refused.
                return
            mailed = self.links.mails.store.count_since(
                site.tenant_id,
                account_id,
                MailKind.EMAIL_VERIFICATION,
                self.links.clock() - WITHIN,
            )
            if account.email_address and mailed < MOST_LINKS and not self.is_verified(account):
                self._mail(account, site.id, host_for(site.id, site.hosts, host))

    def remind_politely(self, site: Site, account_id: int) -> None:
        """The same for who was refused at sign-in, and is told why in any case."""
        if self.links.mails.is_offered and site.hosts:
            self.remind(site, account_id)

    def answers_by_mail(self, site: Site) -> bool:
        """Tell whether who signs up on the site is answered by mail alone, and so can be told nothing here."""
        asks = self.store.policy(site.tenant_id, site.customer_set) == VerificationPolicy.REQUIRED
        return asks and self.links.mails.is_offered and bool(site.hosts)

    def tell_holder(self, site: Site, email_address: str) -> bool:
        """Mail the holder of an address that somebody wanted to sign up with it; a few times an hour at the most.

        Tells whether a login of the set has the address.
        """
        key, kind = EmailAddress.parse(email_address).key, MailKind.ALREADY_REGISTERED
        links, now = self.links, self.links.clock()
        with self.transaction():
            for login in links.credentials.answering_to(site.tenant_id, site.customer_set, key):
                account = links.accounts.held(site.tenant_id, login.account_id)
                if account.email_key != key or account.email_address is None:
                    continue
                store = links.mails.store
                if store.count_since(site.tenant_id, account.id, kind, now - WITHIN) < MOST_LINKS:
                    host, to = host_for(site.id, site.hosts), account.email_address
                    until = now + LIFETIMES[Purpose.EMAIL_VERIFICATION]
                    letter = links.letter(account, kind, site.id, host, to, until, {})
                    links.mails.put(site.tenant_id, letter)
                return True
        return False

    def is_verified(self, account: CustomerAccount) -> bool:
        """Tell whether somebody has shown that they read what is sent to the account's address."""
        known = self.store.verified_key(account.tenant_id, account.id)
        return known is not None and known == account.email_key

    def is_wanted(self, account: CustomerAccount) -> bool:
        """Tell whether the account's set asks, and has no answer yet."""
        policy = self.store.policy(account.tenant_id, account.customer_set)
        return policy not in (None, VerificationPolicy.OFF) and not self.is_verified(account)

    def confirm(self, caller: Caller, token: str) -> None:
        """Take in that the address is read by its account's holder, who may sign in now; raises `LinkRefused`."""
        with self.transaction():
            account, link = self.links.take(caller.tenant_id, token, Purpose.EMAIL_VERIFICATION)
            self.prove(account, link.email_address)
            self.trail.note(caller, "account.email_verified", f"account:{account.id}")

    def prove(self, account: CustomerAccount, email_address: str) -> None:
        """Within a transaction, keep that somebody has opened a link that was mailed to the address."""
        now = self.links.clock()
        key = EmailAddress.parse(email_address).key
        self.store.note_verified(account.tenant_id, account.id, key, now)
        self.links.credentials.set_awaits_verification(
            account.tenant_id, account.id, awaits=False, now=now
        )

    def _mail(self, account: CustomerAccount, site_id: int, host: str) -> None:
        kind = MailKind.EMAIL_VERIFICATION
        self.links.mail(account, Purpose.EMAIL_VERIFICATION, kind, site_id, host)

    def _code(self, tenant_id: int, customer_set: str) -> str:
        found = self.customer_sets.customer_set(tenant_id, customer_set, most_counted=0)
        return found.customer_set.code
