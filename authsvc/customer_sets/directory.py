"""Which set a site is in, remembered by each process for as long as the documents allow.

[B]: "It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes." So an
old answer may keep an old door open that long, and never keeps a new door closed: whoever is about to refuse on
the strength of a remembered set asks `fresh_site` first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock
from typing import Protocol

from cachetools import TTLCache

from authsvc.customer_sets.rules import Site, UnknownSite, host_name
from authsvc.errors import Invalid
from authsvc.infra.database import DatabaseUnavailable

# [B], the closing note.
DOCUMENTED_DELAY_SECONDS = 900
# Sites remembered at once by a process; beyond it the least recently used are asked for again.
MOST_SITES = 50_000

# How long a host that no site answers on is not asked about again.
UNKNOWN_HOST_SECONDS = 5

# The vendor's own host names carry tenant and site ([K] A7).
_VENDOR_HOST = re.compile(
    r"t(?P<tenant>[1-9][0-9]{0,17})(-s(?P<site>[1-9][0-9]{0,17}))?\..+", re.ASCII
)


class Sites(Protocol):
    """Where the directory learns what it does not remember."""

    def site(self, tenant_id: int, site_id: int) -> Site | None:
        """Return the site as it is now."""

    def sites_at(self, places: Collection[tuple[int, int]]) -> Sequence[Site]:
        """Return those of these sites, by tenant and id, that there are now."""

    def site_of_host(self, host: str) -> Site | None:
        """Return the site that answers on `host` now."""


class Directory:
    """Sites by tenant and id, and by host."""

    def __init__(
        self,
        sites: Sites,
        ticks: Callable[[], float],
        ttl_seconds: float = DOCUMENTED_DELAY_SECONDS,
    ) -> None:
        """Remember what `sites` says for `ttl_seconds` of the clock `ticks` (seconds)."""
        self._sites = sites
        self._by_id: TTLCache[tuple[int, int], Site] = TTLCache(MOST_SITES, ttl_seconds, ticks)
        self._by_host: TTLCache[str, tuple[int, int]] = TTLCache(MOST_SITES, ttl_seconds, ticks)
        # Host → when it was last asked for.
        self._unknown_hosts: TTLCache[str, float] = TTLCache(MOST_SITES, ttl_seconds, ticks)
        # Site → its set and until when, the same once more for checks: a TTLCache costs ten times a dictionary.
        self._sets: dict[tuple[int, int], tuple[str, float]] = {}
        self._ticks = ticks
        self._ttl_seconds = ttl_seconds
        self._lock = Lock()
        # What was decided by what was remembered before the last time is decided anew.
        self.times_forgotten = 0

    def site(self, tenant_id: int, site_id: int) -> Site:
        """Return the tenant's site as remembered, else as it is now; raises `UnknownSite`."""
        with self._lock:
            site = self._by_id.get((tenant_id, site_id))
        return site or self.fresh_site(tenant_id, site_id)

    def set_of(self, tenant_id: int, site_id: int) -> str:
        """Return the set of the tenant's site as `site` does; raises `UnknownSite`."""
        return self.remembered_set(tenant_id, site_id) or self.site(tenant_id, site_id).customer_set

    def remembered_set(self, tenant_id: int, site_id: int) -> str | None:
        """Return the set that the tenant's site is remembered to be in; None if it is not remembered."""
        kept = self._sets.get((tenant_id, site_id))
        return kept[0] if kept is not None and self._ticks() < kept[1] else None

    def fresh_site(self, tenant_id: int, site_id: int) -> Site:
        """Return the tenant's site as it is now, and remember it; raises `UnknownSite`."""
        with self._lock:
            asked_after = self.times_forgotten
        site = self._sites.site(tenant_id, site_id)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        self._keep_all([site], asked_after)
        return site

    def fresh_sites(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Site]:
        """Return the sites as they are now by tenant and id, those that there are, and remember them."""
        with self._lock:
            asked_after = self.times_forgotten
        sites = self._sites.sites_at(places)
        self._keep_all(sites, asked_after)
        return {(site.tenant_id, site.id): site for site in sites}

    def remember(self, site: Site) -> None:
        """Keep what was read of a site that the open transaction holds in its set."""
        with self._lock:
            self._keep(site)

    def _keep_all(self, sites: Iterable[Site], asked_after: int) -> None:
        with self._lock:
            # What was forgotten while the answer was under way must not come back with it.
            if self.times_forgotten == asked_after:
                for site in sites:
                    self._keep(site)

    def _keep(self, site: Site) -> None:
        self._by_id[site.tenant_id, site.id] = site
        if len(self._sets) >= MOST_SITES:
            self._sets.clear()
        self._sets[site.tenant_id, site.id] = (site.customer_set, self._ticks() + self._ttl_seconds)

    def tenant_and_site_of_host(self, host: str) -> tuple[int | None, int | None]:
        """Tell which tenant and site a request's host name stands for; None where it says nothing.

        A host of the site's own decides; otherwise the vendor's form `t{tenant}[-s{site}].…` is read.
        """
        try:
            name = host_name(host)
        except Invalid:
            return None, None
        with self._lock:
            known = self._by_host.get(name)
        if known is not None:
            return known
        vendor = _VENDOR_HOST.fullmatch(name)
        if vendor is not None:
            return int(vendor["tenant"]), int(vendor["site"]) if vendor["site"] else None
        site = self._site_of_unremembered_host(name)
        return (site.tenant_id, site.id) if site is not None else (None, None)

    def _site_of_unremembered_host(self, name: str) -> Site | None:
        now = self._ticks()
        with self._lock:
            last_asked = self._unknown_hosts.get(name)
            asked_after = self.times_forgotten
        if last_asked is not None and now < last_asked + UNKNOWN_HOST_SECONDS:
            return None
        try:
            site = self._sites.site_of_host(name)
        except DatabaseUnavailable:
            if last_asked is None:
                raise
            # Nothing can have changed for it while nothing can be written: checks at this host go on.
            return None
        with self._lock:
            if self.times_forgotten != asked_after:
                # As in `fresh_site`.
                return site
            if site is not None:
                self._by_host[name] = (site.tenant_id, site.id)
            else:
                self._unknown_hosts[name] = now
        return site

    def forget(self) -> None:
        """Remember nothing: the next question about any site is answered as things are now."""
        with self._lock:
            self.times_forgotten += 1
            self._by_id.clear()
            self._sets.clear()
            self._by_host.clear()
            self._unknown_hosts.clear()
