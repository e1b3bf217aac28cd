"""What customer sets let passkeys do, and which pages may ask for a set's passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change
from authsvc.customer_sets.rules import Site, host_name
from authsvc.errors import Invalid
from authsvc.passkeys.rules import (
    NO_PASSKEYS,
    PasskeyPolicy,
    PasskeyUse,
    relying_party,
    usual_relying_party,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.customer_sets.directory import Directory
    from authsvc.customer_sets.service import CustomerSets
    from authsvc.infra.database import Transaction
    from authsvc.passkeys.store import PasskeyStore
    from authsvc.regrouping.site_store import SiteStore


@dataclass(frozen=True, slots=True)
class PasskeyPolicies:
    """The use cases. `site_address`: how sites are reached, such as `https://{host}`."""

    store: PasskeyStore
    customer_sets: CustomerSets
    directory: Directory
    sites: SiteStore
    trail: AuditTrail
    transaction: Transaction
    site_address: str

    def policy(self, tenant_id: int, customer_set: str) -> PasskeyPolicy:
        """Return what a set lets passkeys do; raises `UnknownCustomerSet`."""
        found = self.customer_sets.customer_set(tenant_id, customer_set, most_counted=0)
        return self.store.policy(tenant_id, found.customer_set.code) or NO_PASSKEYS

    def set_policy(
        self, caller: Caller, customer_set: str, use: PasskeyUse, wanted: str | None = None
    ) -> PasskeyPolicy:
        """Say what a set lets passkeys do, and the domain (`wanted`) that those made from now on are for.

        Without one it is as it was, or the host of the set's oldest site. Another domain makes the passkeys there are
        useless until it is changed back. Raises `UnknownCustomerSet` or `Invalid`.
        """
        with self.transaction():
            found = self.customer_sets.customer_set(caller.tenant_id, customer_set, most_counted=0)
            code = found.customer_set.code
            hosts = [host for site in found.sites for host in site.hosts]
            old = self.store.policy(caller.tenant_id, code) or NO_PASSKEYS
            domain = (
                relying_party(wanted, hosts)
                if wanted
                else old.relying_party or usual_relying_party(hosts)
            )
            new = PasskeyPolicy(use, domain)
            if domain is None:
                if use is not PasskeyUse.OFF:
                    raise Invalid("relyingPartyId", "No site of this set has a host. Add one.")
                return NO_PASSKEYS
            if new != old:
                self.store.set_policy(caller.tenant_id, code, use, domain)
                changes = [
                    Change("passkeys", old.use.value, use.value),
                    Change("relyingPartyId", old.relying_party, domain),
                ]
                self.trail.note(
                    caller,
                    "customer_set.passkeys_changed",
                    f"customer_set:{code}",
                    [change for change in changes if change.old != change.new],
                )
        return new

    def of_site(self, site: Site) -> PasskeyPolicy:
        """Return what the set of a site lets passkeys do."""
        return self.store.policy(site.tenant_id, site.customer_set) or NO_PASSKEYS

    def site_origins(self, tenant_id: int, site_id: int) -> list[str]:
        """Return where pages of a site stand, on which a passkey may be asked for."""
        site = self.sites.site(tenant_id, site_id)
        if site is None:
            return []
        return sorted({*(self._origin(host) for host in site.hosts), *site.origins})

    def related_origins(self, host: str) -> list[str]:
        """Return the origins that may ask for the passkeys of the domain `host`: what browsers look up there.

        They are those of the sites of every set of its tenant whose passkeys are made for it; none for another host.
        """
        try:
            domain = host_name(host)
        except Invalid:
            return []
        return [
            origin
            for tenant_id in self._tenants_at(host, domain)
            for origin in self._origins_of(tenant_id, self.store.sets_of(tenant_id, domain))
        ]

    def _tenants_at(self, host: str, domain: str) -> list[int]:
        tenant_id, _ = self.directory.tenant_and_site_of_host(host)
        if tenant_id is not None:
            return [tenant_id]
        # The merchant's domain, or the one above its sites' hosts, is no site's.
        return [
            tenant.id
            for tenant in self.customer_sets.tenants()
            if domain in {tenant.domain.lower(), tenant.domain.lower().partition(":")[0]}
        ]

    def _origins_of(self, tenant_id: int, codes: Sequence[str]) -> list[str]:
        found: list[str] = []
        for site in self.customer_sets.structure.sites(tenant_id, codes):
            found += self.site_origins(tenant_id, site.id)
        hub = self.customer_sets.tenant(tenant_id)[0].domain.lower()
        return [*found, self._origin(hub)] if found and hub else found

    def _origin(self, host: str) -> str:
        return self.site_address.format(host=host)
