"""Making a link and having it mailed, and taking one in: what every way into an account by mail shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.accounts.rules import CustomerAccount, UnknownAccount
from authsvc.customer_sets.rules import UnknownSite
from authsvc.mail.letters import Letters
from authsvc.mail.rules import Letter, MailKind
from authsvc.recovery.rules import (
    LIFETIMES,
    Link,
    LinkRefused,
    NoEmailAddress,
    Purpose,
    digest,
    hours,
    new_token,
)

if TYPE_CHECKING:
    from datetime import datetime

    from authsvc.accounts.service import Accounts
    from authsvc.credentials.store import CredentialStore
    from authsvc.customer_sets.directory import Directory
    from authsvc.infra.clock import Clock
    from authsvc.mail.service import Mails
    from authsvc.recovery.store import LinkStore
    from authsvc.regrouping.site_store import SiteStore


@dataclass(frozen=True, slots=True)
class Links:
    """The parts."""

    store: LinkStore
    mails: Mails
    accounts: Accounts
    credentials: CredentialStore
    directory: Directory
    sites: SiteStore
    clock: Clock

    def mail(
        self,
        account: CustomerAccount,
        purpose: Purpose,
        kind: MailKind,
        site_id: int,
        host: str,
        *,
        to: str | None = None,
        about: str | None = None,
        request_id: UUID | None = None,
    ) -> None:
        """Within a transaction, make a link for an account and mail it.

        `to`: where, which is the account's own address unless it is said. `about`: the address the link is about, if it
        is another. Raises `NoEmailAddress` or `NoMail`.
        """
        recipient = to or account.email_address
        if recipient is None:
            raise NoEmailAddress
        now, lifetime, token = self.clock(), LIFETIMES[purpose], new_token()
        self.store.add(
            account.tenant_id,
            digest(token),
            Link(account.id, purpose, site_id, about or recipient, now, now + lifetime),
        )
        words = {"hours": hours(lifetime)}
        letter = self.letter(account, kind, site_id, host, recipient, now + lifetime, words, token)
        self.mails.put(account.tenant_id, letter, request_id)

    def letter(
        self,
        account: CustomerAccount,
        kind: MailKind,
        site_id: int,
        host: str,
        recipient: str,
        good_until: datetime,
        words: Mapping[str, str],
        token: str | None = None,
    ) -> Letter:
        """Return a letter to an account's holder, in their language or the site's."""
        return Letters(self.sites).to(
            account,
            kind,
            site_id,
            host,
            recipient,
            good_until,
            words,
            {} if token is None else {"token": token},
        )

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
