"""Telling a shopper by mail that somebody has signed in with a device that their account did not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_sets.rules import Site
from authsvc.devices.rules import MOST_NOTICES, NOTICES_WITHIN, Device, rough_place
from authsvc.mail.rules import (
    Letter,
    MailKind,
    host_for,
    language_of,
    spoken_name,
    spoken_username,
)

if TYPE_CHECKING:
    from authsvc.mail.service import Mails
    from authsvc.regrouping.site_store import SiteStore


@dataclass(frozen=True, slots=True)
class NewDeviceNotices:
    """The use case."""

    mails: Mails
    sites: SiteStore

    def tell(self, site: Site, account: CustomerAccount, device: Device, session_id: str) -> None:
        """Within the transaction of a sign-in, have it told by mail, once; not where there is nowhere to tell it.

        The link in it leads to the list of devices on the site's own host.
        """
        if not self.mails.is_offered or account.email_address is None or not site.hosts:
            return
        since = device.last_used_at - NOTICES_WITHIN
        told = self.mails.store.count_since(
            account.tenant_id, account.id, MailKind.NEW_DEVICE, since
        )
        if told >= MOST_NOTICES:
            return
        details = self.sites.site(site.tenant_id, site.id)
        letter = Letter(
            MailKind.NEW_DEVICE,
            site.id,
            host_for(site.id, site.hosts),
            account.id,
            account.email_address,
            language_of(account.locale_code, details.language if details else None),
            device.last_used_at + NOTICES_WITHIN * 24,
            {
                "first_name": spoken_name(account.first_name),
                "username": spoken_username(account.username, account.email_address),
                "device": device.name,
                "place": rough_place(device.address_block),
                "at": f"{device.last_used_at:%Y-%m-%d %H:%M} UTC",
            },
        )
        # One mail for one sign-in, whoever may come twice with it.
        self.mails.put(account.tenant_id, letter, UUID(session_id))
