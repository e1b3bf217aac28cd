"""Where a browser has come to: a site's own host, or the merchant's domain on behalf of one of its sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.customer_sets.rules import Site, Tenant
from authsvc.errors import Invalid, NotFound
from authsvc.storefront.rules import return_address

if TYPE_CHECKING:
    from authsvc.customer_sets.directory import Directory
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.regrouping.site_store import SiteDetails, SiteStore

_MOST_DIGITS = 18


class UnknownStorefront(NotFound):
    """No site answers at this host."""

    def __init__(self) -> None:
        """Say what is missing."""
        super().__init__("No shop answers at this address.")


@dataclass(frozen=True, slots=True)
class Place:
    """A site, seen from the host that was asked.

    `own`: the origin of that host. `is_hub`: it is the merchant's domain, where browsers are known on all sites.
    """

    tenant: Tenant
    details: SiteDetails
    own: str
    is_hub: bool

    @property
    def site(self) -> Site:
        """The site."""
        return Site(self.tenant.id, self.details.id, self.details.name, self.details.customer_set)

    @property
    def hub(self) -> str | None:
        """The origin of the merchant's domain, where it has one beside the site's hosts."""
        scheme = self.own.partition("://")[0]
        hub = f"{scheme}://{self.tenant.domain.lower()}" if self.tenant.domain else None
        return None if hub in self.hosts else hub

    @property
    def hosts(self) -> frozenset[str]:
        """The origins of the site's own hosts: all are served as the one is that was asked, on the same port."""
        scheme, _, host = self.own.partition("://")
        _, colon, port = host.rpartition(":")
        suffix = f":{port}" if colon and port.isdigit() else ""
        served = {f"{scheme}://{each}{suffix}" for each in self.details.hosts}
        return frozenset(served if self.is_hub else served | {self.own})

    @property
    def origins(self) -> frozenset[str]:
        """Where pages of the site stand: its hosts, and what is registered besides."""
        return self.hosts | frozenset(self.details.origins)

    @property
    def senders(self) -> frozenset[str]:
        """Whose pages may send this place a form."""
        return self.origins | {self.own}

    def address(self, text: str | None) -> str | None:
        """Return an address that a browser may be sent on to, or None (see `return_address`)."""
        return return_address(text, self.origins, None if self.is_hub else self.own)


@dataclass(frozen=True, slots=True)
class Places:
    """Finds out what a host stands for."""

    directory: Directory
    customer_sets: CustomerSets
    sites: SiteStore

    def at(self, scheme: str, host: str, site: str | None) -> Place:
        """Return the place of a request to `host` (with its port) that may name a `site` by number.

        Raises `UnknownStorefront`, or `Invalid` for a site that has another host.
        """
        tenant_id, site_id = self.directory.tenant_and_site_of_host(host)
        wanted = _number(site)
        own = f"{scheme}://{host.lower()}"
        if tenant_id is not None and site_id is not None:
            if wanted not in (None, site_id):
                raise Invalid("site", "This host belongs to another site.")
            details = self.sites.site(tenant_id, site_id)
            if details is not None:
                return Place(self.customer_sets.tenant(tenant_id)[0], details, own, is_hub=False)
        elif wanted is not None:
            for tenant in self.customer_sets.tenants():
                details = (
                    self.sites.site(tenant.id, wanted)
                    if tenant.domain.lower() == host.lower()
                    else None
                )
                if details is not None:
                    return Place(tenant, details, own, is_hub=True)
        raise UnknownStorefront


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise Invalid("site", "Give the number of a site.")
    return int(text)
