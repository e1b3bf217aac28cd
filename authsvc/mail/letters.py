"""Letters to the holder of an account: in their language, or the site's, and by their name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.mail.rules import Letter, MailKind, language_of, spoken_name, spoken_username

if TYPE_CHECKING:
    from datetime import datetime

    from authsvc.regrouping.site_store import SiteStore


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes the envelopes."""

    sites: SiteStore

    def to(
        self,
        account: CustomerAccount,
        kind: MailKind,
        site_id: int,
        host: str,
        recipient: str,
        good_until: datetime,
        words: Mapping[str, str],
        secrets: Mapping[str, str],
    ) -> Letter:
        """Return a letter about an account, with the account's own words beside `words`."""
        site = self.sites.site(account.tenant_id, site_id)
        return Letter(
            kind,
            site_id,
            host,
            account.id,
            recipient,
            language_of(account.locale_code, site.language if site else None),
            good_until,
            {
                "first_name": spoken_name(account.first_name),
                "username": spoken_username(account.username, account.email_address),
                "user_id": account.user_id,
                **words,
            },
            secrets,
        )
