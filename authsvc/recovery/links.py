"""Taking in a link that was mailed: what every way into an account by mail ends with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.customer_sets.rules import UnknownSite
from authsvc.recovery.mailed_links import MailedLinks
from authsvc.recovery.rules import Link, LinkRefused, Purpose, digest

if TYPE_CHECKING:
    from authsvc.accounts.service import Accounts
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory


@dataclass(frozen=True, slots=True)
class Links(MailedLinks):
    """The parts, beside those that mailing takes."""

    accounts: Accounts
    credentials: CredentialStore
    directory: Directory

    def look(self, tenant_id: int, token: str, purpose: Purpose) -> CustomerAccount:
        """Return the account whose link this is, which stays good; raises `LinkRefused`."""
        link = self.store.link(tenant_id, digest(token))
        if link is None:
            raise LinkRefused
        return self._judged(tenant_id, link, purpose)

    def look_at(self, tenant_id: int, token: str, purpose: Purpose) -> str:
        """Return the address that a link is about, which stays good; raises `LinkRefused`."""
        link = self.store.link(tenant_id, digest(token))
        if link is None:
            raise LinkRefused
        self._judged(tenant_id, link, purpose)
        return link.email_address

    def take(self, tenant_id: int, token: str, purpose: Purpose) -> tuple[CustomerAccount, Link]:
        """Within a transaction, take a link in; returns the account, held, and what the link said.

        Raises `LinkRefused`. The account is held first, as whoever changes it does, so that of two links for one
        account the second sees what the first has done.
        """
        known = self.store.link(tenant_id, digest(token))
        if known is None:
            raise LinkRefused
        try:
            self.accounts.held(tenant_id, known.account_id)
        except UnknownAccount:
            raise LinkRefused from None
        link = self.store.take(tenant_id, digest(token))
        if link is None:
            raise LinkRefused
        return self._judged(tenant_id, link, purpose), link

    def _judged(self, tenant_id: int, link: Link, purpose: Purpose) -> CustomerAccount:
        try:
            account = self.accounts.account(tenant_id, link.account_id)
            site = self.directory.fresh_site(tenant_id, link.site_id)
        except (UnknownAccount, UnknownSite):
            raise LinkRefused from None
        credential = self.credentials.credential(tenant_id, link.account_id)
        changed_at = credential.password_changed_at if credential else None
        if not link.is_good(purpose, account, site.customer_set, changed_at, self.clock()):
            raise LinkRefused
        return account
