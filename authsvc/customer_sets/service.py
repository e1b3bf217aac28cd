"""What is done with tenants, sites and customer sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change
from authsvc.callers import Caller
from authsvc.customer_sets.rules import (
    FIRST_SET_CODE,
    FIRST_SET_NAME,
    CustomerSet,
    Site,
    Tenant,
    UnknownCustomerSet,
    UnknownSite,
    UnknownTenant,
    customer_set_code,
    host_name,
    label,
)
from authsvc.errors import Invalid

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.customer_sets.propagation import Propagation
    from authsvc.customer_sets.store import StructureStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction


@dataclass(frozen=True, slots=True)
class CustomerSetWithContents:
    """A set as it is shown: with its sites and how many customer accounts it holds, or how many were counted."""

    customer_set: CustomerSet
    sites: tuple[Site, ...]
    customer_count: int


@dataclass(frozen=True, slots=True)
class CustomerSets:
    """The use cases; each is one transaction."""

    structure: StructureStore
    trail: AuditTrail
    transaction: Transaction
    # (tenant, set codes, most to count of each) → number of customer accounts; accounts live above this feature.
    count_customers: Callable[[int, Sequence[str], int | None], Mapping[str, int]]
    propagation: Propagation
    clock: Clock

    def create_tenant(self, name: str, domain: str = "") -> Tenant:
        """Create a merchant together with its default customer set (rule 1).

        `domain`: host name and port at which its API is called; empty for whatever host the caller uses.
        """
        now = self.clock()
        with self.transaction():
            tenant = self.structure.add_tenant(label(name), domain, FIRST_SET_CODE, now)
            caller = Caller(tenant.id)
            self.structure.add_customer_set(
                tenant.id, FIRST_SET_CODE, FIRST_SET_NAME, "", caller.name, now
            )
            self.trail.note(
                caller, "tenant.created", f"tenant:{tenant.id}", [Change("name", None, name)]
            )
        return tenant

    def tenants(self) -> list[Tenant]:
        """List all tenants, for the operator of the installation."""
        return self.structure.tenants()

    def tenant(self, tenant_id: int) -> tuple[Tenant, list[Site]]:
        """Return the tenant and its sites; raises `UnknownTenant`."""
        tenant = self.structure.tenant(tenant_id)
        if tenant is None:
            raise UnknownTenant(f"There is no tenant {tenant_id}.")
        return tenant, self.structure.sites(tenant_id)

    def default_customer_set(self, tenant_id: int) -> str:
        """Return the code of the tenant's default set; raises `UnknownTenant`."""
        tenant = self.structure.tenant(tenant_id)
        if tenant is None:
            raise UnknownTenant(f"There is no tenant {tenant_id}.")
        return tenant.default_customer_set

    def set_domain(self, tenant_id: int, domain: str) -> None:
        """Say where the tenant's API is called; raises `UnknownTenant`."""
        with self.transaction():
            old = self.tenant(tenant_id)[0].domain
            self.structure.set_domain(tenant_id, domain)
            self.trail.note(
                Caller(tenant_id),
                "tenant.updated",
                f"tenant:{tenant_id}",
                [Change("domain", old, domain)],
            )

    def create_customer_set(
        self, caller: Caller, code: str, name: str, description: str = ""
    ) -> CustomerSet:
        """Create an empty set; raises `Invalid` or `CodeTaken`."""
        code = customer_set_code(code)
        with self.transaction():
            self.structure.hold(caller.tenant_id)
            self.structure.add_customer_set(
                caller.tenant_id, code, label(name), description.strip(), caller.name, self.clock()
            )
            self.trail.note(
                caller, "customer_set.created", f"customer_set:{code}", [Change("name", None, name)]
            )
        return self._existing_set(caller.tenant_id, code)

    def create_site(self, caller: Caller, name: str, hosts: Sequence[str] = ()) -> Site:
        """Create a site in the tenant's default set, in the same transaction (rule 4).

        Raises `UnknownTenant`, `Invalid`, or `HostTaken`.
        """
        with self.transaction():
            tenant = self.structure.tenant(caller.tenant_id, for_share=True)
            if tenant is None:
                raise UnknownTenant(f"There is no tenant {caller.tenant_id}.")
            site = self.structure.add_site(
                tenant.id, label(name), tenant.default_customer_set, self.clock()
            )
            for host in hosts:
                self.structure.add_host(tenant.id, site.id, host_name(host))
            self.trail.note(
                caller,
                "site.created",
                f"site:{site.id}",
                [Change("name", None, site.name), Change("customerSet", None, site.customer_set)],
            )
            self.propagation.added()
        return self._existing_site(caller.tenant_id, site.id)

    def assign_site(self, caller: Caller, site_id: int, code: str) -> Site:
        """Move a site to another set, taking it from its old one (rule 5); its customers stay where they are (14).

        Raises `UnknownSite` or `UnknownCustomerSet`.
        """
        with self.transaction():
            self.structure.hold(caller.tenant_id)
            site = self._existing_site(caller.tenant_id, site_id)
            target = self._existing_set(caller.tenant_id, code.strip().lower())
            if site.customer_set != target.code:
                self.structure.assign_site(caller.tenant_id, site_id, target.code)
                self.trail.note(
                    caller,
                    "site.assigned",
                    f"site:{site_id}",
                    [Change("customerSet", site.customer_set, target.code)],
                )
                self.propagation.changed(caller.tenant_id)
        return self._existing_site(caller.tenant_id, site_id)

    def site_for_enrolment(self, tenant_id: int, site_id: int) -> Site:
        """Within a transaction, return the site with its set of this very moment, and hold it there (rule 7).

        Raises `UnknownSite`.
        """
        site = self.structure.site(tenant_id, site_id, for_share=True)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        return site

    def sites(self, tenant_id: int) -> list[Site]:
        """List the tenant's sites."""
        return self.structure.sites(tenant_id)

    def customer_sets(
        self,
        tenant_id: int,
        sort_by: Sequence[tuple[str, bool]],
        start_index: int,
        page_size: int,
        *,
        most_counted: int | None = None,
    ) -> tuple[list[CustomerSetWithContents], int]:
        """Return a page of the tenant's sets and how many there are in all.

        `most_counted`: stop counting the customers of a set there, since a million take a tenth of a second.
        `sort_by`: (field, descending) pairs; fields are code, name and isDefault, in any case; others are `Invalid`.
        """
        wanted = [(field.lower(), descending) for field, descending in sort_by]
        if any(field not in {"code", "name", "isdefault"} for field, _ in wanted):
            raise Invalid("sortBy", "Customer sets sort by code, name or isDefault.")
        page = self.structure.customer_sets(tenant_id, wanted, start_index, page_size)
        total = self.structure.count_customer_sets(tenant_id)
        return self._with_contents(tenant_id, page, most_counted), total

    def customer_set(
        self, tenant_id: int, code: str, *, most_counted: int | None = None
    ) -> CustomerSetWithContents:
        """Return one set with its sites and customer count; raises `UnknownCustomerSet`."""
        found = self._existing_set(tenant_id, code.lower())
        return self._with_contents(tenant_id, [found], most_counted)[0]

    def _with_contents(
        self, tenant_id: int, sets: Sequence[CustomerSet], most_counted: int | None
    ) -> list[CustomerSetWithContents]:
        codes = [customer_set.code for customer_set in sets]
        members = self.structure.sites(tenant_id, codes)
        counts = self.count_customers(tenant_id, codes, most_counted)
        return [
            CustomerSetWithContents(
                customer_set,
                tuple(site for site in members if site.customer_set == customer_set.code),
                counts.get(customer_set.code, 0),
            )
            for customer_set in sets
        ]

    def _existing_set(self, tenant_id: int, code: str) -> CustomerSet:
        customer_set = self.structure.customer_set(tenant_id, code)
        if customer_set is None:
            raise UnknownCustomerSet(f"There is no customer set {code!r}.")
        return customer_set

    def _existing_site(self, tenant_id: int, site_id: int) -> Site:
        site = self.structure.site(tenant_id, site_id)
        if site is None:
            raise UnknownSite(f"There is no site {site_id}.")
        return site
