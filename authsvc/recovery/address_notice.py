"""A shopper's new e-mail address that nobody has confirmed is told to the old one, which can take it back.

The vendor's call changes an address at once ([K] 3.3). Whoever found a session open and had the account's mail sent to
themselves would have the account; so its holder hears of it where they can still be reached (OWASP ASVS 5, 6.3.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.accounts.rules import CustomerAccount
from authsvc.listing.paging import Page
from authsvc.mail.rules import MailKind
from authsvc.recovery.rules import Purpose
from authsvc.regrouping.site_store import SiteFilter

if TYPE_CHECKING:
    from authsvc.callers import Caller
    from authsvc.recovery.mailed_links import MailedLinks
    from authsvc.regrouping.site_store import SiteDetails

# Of a set; one that has a host is nearly always the first.
_SITES_TRIED = Page(0, 100)


@dataclass(frozen=True, slots=True)
class AddressNotice:
    """The use case."""

    links: MailedLinks

    def tell(self, caller: Caller, before: CustomerAccount) -> None:
        """Within the transaction that changes an account's address, mail the one it had `before`.

        Nothing is mailed where nothing can be: no mail, no login, no address, or no site of the set with a host.
        """
        if not (self.links.mails.is_offered and before.has_login and before.email_address):
            return
        site = self._site(caller, before)
        if site is not None:
            kind = MailKind.EMAIL_CHANGE_NOTICE
            self.links.mail(before, Purpose.EMAIL_UNDO, kind, site.id, site.hosts[0])

    def _site(self, caller: Caller, account: CustomerAccount) -> SiteDetails | None:
        """Return the call's site, or another of the set: naming one without a host must not keep it quiet."""
        tenant_id = account.tenant_id
        asked = None if caller.site_id is None else self.links.sites.site(tenant_id, caller.site_id)
        if asked is not None and asked.hosts and asked.customer_set == account.customer_set:
            return asked
        found, _ = self.links.sites.page(
            tenant_id, _SITES_TRIED, SiteFilter(customer_set=account.customer_set)
        )
        return next((site for site in found if site.hosts), None)
