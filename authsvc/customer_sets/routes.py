"""Tenant look-up and the reading of customer sets, as the vendor's clients do it ([K] 1.2, 5.3)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.customer_sets.rules import Site, Tenant, UnknownCustomerSet, UnknownTenant
from authsvc.customer_sets.service import CustomerSets, CustomerSetWithContents
from authsvc.errors import Invalid
from authsvc.listing.queries import FieldsQuery, PageQuery
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.running import RequestInfo
from authsvc.web.wire import Count, Id, Wire, WireDateTime


class SiteModel(Wire):
    """A site of a tenant; its id stands under both names clients look for ([K] 5.3)."""

    id: Id
    site_id: Id
    name: str
    domain: str
    primary_custom_domain: str | None
    tenant_id: Id
    customer_set_code: str


class TenantModel(Wire):
    """A tenant and its sites."""

    id: Id
    name: str
    domain: str
    is_dev_tenant: bool = False
    sites: list[SiteModel]
    master_catalogs: list[dict[str, str]] = Field(default_factory=list)


class CustomerSetSite(Wire):
    """A site as a member of a set."""

    site_id: Id
    name: str
    customer_set_code: str


class CustomerSetAggregateInfo(Wire):
    """How many customer accounts a set holds."""

    customer_count: Count


class CustomerSetAuditInfo(Wire):
    """Who made and last changed a set, and when."""

    create_by: str
    create_date: WireDateTime
    update_by: str
    update_date: WireDateTime


class CustomerSet(Wire):
    """A group of sites that share customer accounts."""

    code: str
    name: str
    description: str
    is_default: bool
    sites: list[CustomerSetSite]
    aggregate_info: CustomerSetAggregateInfo
    audit_info: CustomerSetAuditInfo


class CustomerSetListQuery(PageQuery):
    """Which part of the list, in which order."""

    sort_by: Annotated[str, Field(max_length=200)] | None = None
    response_groups: str | None = None


def routes(service: CustomerSets) -> list[Routes]:
    """Declare the operations over `service`."""
    return [_tenants(service), _customer_sets(service)]


def _tenants(service: CustomerSets) -> Routes:
    part = Routes("tenants", prefix="/api/platform/tenants", tag="Tenants")

    @part.get(
        "/<int:tenant_id>",
        requires=Requires(Behavior.TENANT_READ, ShopperRole.IRRELEVANT),
        answers=TenantModel,
        refuses=(UnknownTenant,),
    )
    def get_tenant(
        caller: Caller,
        tenant_id: int,
        query: FieldsQuery,
        request_info: RequestInfo,
    ) -> TenantModel:
        """Get the tenant, its sites and where its API is called."""
        if tenant_id != caller.tenant_id:
            raise UnknownTenant(f"There is no tenant {tenant_id}.")
        tenant, sites = service.tenant(tenant_id)
        return _tenant_model(tenant, sites, tenant.domain or request_info.host)

    return part


def _customer_sets(service: CustomerSets) -> Routes:
    part = Routes(
        "customer_sets", prefix="/api/commerce/customer/customersets", tag="Customer sets"
    )
    requires = Requires(Behavior.CUSTOMER_SET_READ, ShopperRole.IRRELEVANT)

    @part.get("", requires=requires, answers=Collection[CustomerSet])
    def list_customer_sets(caller: Caller, query: CustomerSetListQuery) -> Collection[CustomerSet]:
        """List the tenant's customer sets with their sites and customer counts."""
        page = query.page
        sets, total = service.customer_sets(
            caller.tenant_id, _sort(query.sort_by or ""), page.start_index, page.size
        )
        return Collection[CustomerSet].page(
            [customer_set_model(customer_set) for customer_set in sets],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    @part.get("/<code>", requires=requires, answers=CustomerSet, refuses=(UnknownCustomerSet,))
    def get_customer_set(caller: Caller, code: str, query: FieldsQuery) -> CustomerSet:
        """Get one customer set with its sites and customer count."""
        return customer_set_model(service.customer_set(caller.tenant_id, code))

    return part


def _sort(text: str) -> list[tuple[str, bool]]:
    keys = []
    for part in filter(None, (part.split() for part in text.split(","))):
        direction = part[1].lower() if len(part) > 1 else "asc"
        if len(part) > 2 or direction not in ("asc", "desc"):
            raise Invalid("sortBy", "Write field or field asc|desc, separated by commas.")
        keys.append((part[0], direction == "desc"))
    return keys


def _tenant_model(tenant: Tenant, sites: list[Site], domain: str) -> TenantModel:
    return TenantModel(
        id=tenant.id,
        name=tenant.name,
        domain=domain,
        sites=[
            SiteModel(
                id=site.id,
                site_id=site.id,
                name=site.name,
                domain=site.hosts[0] if site.hosts else domain,
                primary_custom_domain=site.hosts[0] if site.hosts else None,
                tenant_id=site.tenant_id,
                customer_set_code=site.customer_set,
            )
            for site in sites
        ],
    )


def customer_set_model(item: CustomerSetWithContents) -> CustomerSet:
    """Write a set as clients read it."""
    customer_set = item.customer_set
    return CustomerSet(
        code=customer_set.code,
        name=customer_set.name,
        description=customer_set.description,
        is_default=customer_set.is_default,
        sites=[
            CustomerSetSite(site_id=site.id, name=site.name, customer_set_code=site.customer_set)
            for site in item.sites
        ],
        aggregate_info=CustomerSetAggregateInfo(customer_count=item.customer_count),
        audit_info=CustomerSetAuditInfo(
            create_by=customer_set.created_by,
            create_date=customer_set.created_at,
            update_by=customer_set.updated_by,
            update_date=customer_set.updated_at,
        ),
    )
