"""Telling an account's holder by mail that a passkey came or went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from authsvc.mail.rules import MailKind

if TYPE_CHECKING:
    from authsvc.accounts.rules import CustomerAccount
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.recovery.links import Links

# A warning that is a day late is still one.
_GOOD_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class PasskeyNotices:
    """The mails."""

    links: Links
    customer_sets: CustomerSets

    def tell(self, account: CustomerAccount, kind: MailKind, site_id: int | None) -> None:
        """Within a transaction, tell the holder of the account, where they can be told.

        `site_id`: where it happened; None for what staff did, which is told by the set's first. What a passkey is
        called is not told: whoever signs up somebody else's address would have a line to write to them.
        """
        place = self._place(account, site_id)
        if place is None or account.email_address is None or not self.links.mails.is_offered:
            return
        letter = self.links.letter(
            account,
            kind,
            *place,
            account.email_address,
            self.links.clock() + _GOOD_FOR,
            {},
        )
        self.links.mails.put(account.tenant_id, letter)

    def _place(self, account: CustomerAccount, site_id: int | None) -> tuple[int, str] | None:
        found = self.customer_sets.structure.sites(account.tenant_id, [account.customer_set])
        with_host = [site for site in found if site.hosts]
        chosen = [site for site in with_host if site.id == site_id] or with_host
        return (chosen[0].id, chosen[0].hosts[0]) if chosen else None
