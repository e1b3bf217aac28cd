"""Making a link and having it mailed: what every way into an account by mail begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.accounts.rules import CustomerAccount
from authsvc.mail.letters import Letters
from authsvc.mail.rules import Letter, MailKind
from authsvc.recovery.rules import (
    LIFETIMES,
    Link,
    NoEmailAddress,
    Purpose,
    digest,
    hours,
    new_token,
)

if TYPE_CHECKING:
    from datetime import datetime

    from authsvc.infra.clock import Clock
    from authsvc.mail.service import Mails
    from authsvc.recovery.store import LinkStore
    from authsvc.regrouping.site_store import SiteStore


@dataclass(frozen=True, slots=True)
class MailedLinks:
    """The parts."""

    store: LinkStore
    mails: Mails
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
