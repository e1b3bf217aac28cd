"""Sites created, renamed and given hosts and origins; which set one is in is changed by a plan of one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from authsvc.audit.rules import changes_between
from authsvc.callers import Caller
from authsvc.customer_sets.rules import (
    UnknownSite,
    accent_color,
    host_name,
    label,
    language,
    origin,
)
from authsvc.errors import Invalid
from authsvc.listing.paging import Page
from authsvc.regrouping.rules import AssignSites
from authsvc.regrouping.site_store import ANY_SITE, SiteFilter

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction
    from authsvc.regrouping.service import Regrouping
    from authsvc.regrouping.site_store import SiteDetails, SiteStore

# More than a storefront has; each host is looked at on every request that names no site.
MOST_HOSTS = 100


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What is wanted of a site; None leaves a thing as it is, and an empty colour, logo or language takes it away."""

    name: str | None = None
    hosts: Sequence[str] | None = None
    origins: Sequence[str] | None = None
    customer_set: str | None = None
    accent_color: str | None = None
    logo_text: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Sites:
    """The use cases; each is one transaction."""

    store: SiteStore
    customer_sets: CustomerSets
    regrouping: Regrouping
    trail: AuditTrail
    transaction: Transaction
    # (tenant): its sites have changed.
    structure_changed: Callable[[int], None]

    def page(
        self, tenant_id: int, page: Page, wanted: SiteFilter = ANY_SITE
    ) -> tuple[list[SiteDetails], int]:
        """Return a page of the tenant's sites, or of those that are `wanted`, and how many there are."""
        return self.store.page(tenant_id, page, wanted)

    def site(self, tenant_id: int, site_id: int, *, held: bool = False) -> SiteDetails:
        """Return a site, `held` as in the store; raises `UnknownSite`."""
        site = self.store.site(tenant_id, site_id, held=held)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        return site

    def create(self, caller: Caller, wanted: SiteChange, reason: str = "") -> SiteDetails:
        """Create a site in the default set, or, with `customer_set`, in that one (rule 4).

        Raises `Invalid`, `HostTaken` or `UnknownCustomerSet`.
        """
        with self.transaction():
            if wanted.customer_set is not None:
                # Before the site's own rows, as every plan holds them.
                self.regrouping.structure.hold(caller.tenant_id)
            site = self.customer_sets.create_site(caller, wanted.name or "")
            if wanted.customer_set is not None:
                self._assign(caller, site.id, wanted.customer_set, reason)
            self._describe(caller, site.id, replace(wanted, name=None))
        return self.site(caller.tenant_id, site.id)

    def change(
        self,
        caller: Caller,
        site_id: int,
        wanted: SiteChange,
        reason: str = "",
        check: Callable[[SiteDetails], None] = lambda _: None,
    ) -> SiteDetails:
        """Change what is wanted of a site, and its set by a plan of one step.

        `check`: is shown the site, which nobody else changes any more, and may raise. Raises what it raises,
        `UnknownSite`, `Invalid`, `HostTaken`, `UnknownCustomerSet` or `RegroupingUnderWay`.
        """
        with self.transaction():
            if wanted.customer_set is not None:
                self._assign(caller, site_id, wanted.customer_set, reason)
            if self._describe(caller, site_id, wanted, check):
                self.structure_changed(caller.tenant_id)
        return self.site(caller.tenant_id, site_id)

    def _describe(
        self,
        caller: Caller,
        site_id: int,
        wanted: SiteChange,
        check: Callable[[SiteDetails], None] = lambda _: None,
    ) -> bool:
        """Give a site the name, hosts and origins that are wanted; tell whether any was different."""
        name = None if wanted.name is None else label(wanted.name)
        hosts = None if wanted.hosts is None else _kept("hosts", wanted.hosts, host_name)
        origins = None if wanted.origins is None else _kept("origins", wanted.origins, origin)
        site = self.site(caller.tenant_id, site_id, held=True)
        check(site)
        looks = _looks(site, wanted)
        new = {
            "name": site.name if name is None else name,
            "hosts": list(site.hosts if hosts is None else hosts),
            "origins": list(site.origins if origins is None else origins),
            "accentColor": looks[0],
            "logoText": looks[1],
            "language": looks[2],
        }
        old = {
            "name": site.name,
            "hosts": list(site.hosts),
            "origins": list(site.origins),
            "accentColor": site.accent_color,
            "logoText": site.logo_text,
            "language": site.language,
        }
        changes = changes_between(old, new)
        if changes:
            self._save(caller.tenant_id, site, name, hosts, origins)
            self.store.set_looks(caller.tenant_id, site_id, *looks)
            self.trail.note(caller, "site.updated", f"site:{site_id}", changes)
        return bool(changes)

    def _assign(self, caller: Caller, site_id: int, customer_set: str, reason: str) -> None:
        if self.site(caller.tenant_id, site_id).customer_set != customer_set.strip().lower():
            self.regrouping.at_once(caller, [AssignSites(customer_set, (site_id,))], reason)

    def _save(
        self,
        tenant_id: int,
        site: SiteDetails,
        name: str | None,
        hosts: list[str] | None,
        origins: list[str] | None,
    ) -> None:
        if name is not None and name != site.name:
            self.store.rename(tenant_id, site.id, name)
        if hosts is not None:
            self.store.remove_hosts(tenant_id, site.id, sorted(set(site.hosts) - set(hosts)))
            for host in hosts:
                if host not in site.hosts:
                    self.customer_sets.structure.add_host(tenant_id, site.id, host)
        if origins is not None:
            self.store.set_origins(tenant_id, site.id, origins)


def _looks(site: SiteDetails, wanted: SiteChange) -> tuple[str | None, str | None, str | None]:
    """Return the accent colour, the logo's text and the mails' language that a site is to have."""
    colour, text, spoken = wanted.accent_color, wanted.logo_text, wanted.language
    return (
        site.accent_color if colour is None else (accent_color(colour) if colour else None),
        site.logo_text if text is None else (label(text, "logoText") if text else None),
        site.language if spoken is None else (language(spoken) if spoken else None),
    )


def _kept(parameter: str, texts: Sequence[str], keep: Callable[[str], str]) -> list[str]:
    if len(texts) > MOST_HOSTS:
        raise Invalid(parameter, f"Give at most {MOST_HOSTS}.")
    return sorted({keep(text) for text in texts})
