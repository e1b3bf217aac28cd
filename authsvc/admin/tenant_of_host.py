"""Which merchant's staff sign in at a host name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from authsvc.customer_sets.directory import Directory
    from authsvc.customer_sets.service import CustomerSets


@dataclass(frozen=True, slots=True)
class HostTenants:
    """Tells by the tenant's own domain, by a site's host, or because there is no other tenant."""

    customer_sets: CustomerSets
    directory: Directory

    def __call__(self, host: str) -> int | None:
        """Return the tenant of `host`, or None where the sign-in form must ask."""
        tenants = self.customer_sets.tenants()
        if len(tenants) == 1:
            return tenants[0].id
        for tenant in tenants:
            if tenant.domain and tenant.domain.lower() == host.lower():
                return tenant.id
        tenant_id, _ = self.directory.tenant_and_site_of_host(host)
        return tenant_id

    def name(self, tenant_id: int) -> str:
        """Return what a tenant is called; raises `UnknownTenant`."""
        return self.customer_sets.tenant(tenant_id)[0].name
