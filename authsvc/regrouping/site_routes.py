"""Sites listed, created, renamed, given hosts and origins, and assigned to a set."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from authsvc.callers import Behavior, Caller, Requires
from authsvc.customer_sets.rules import HostTaken, UnknownSite, UnknownTenant
from authsvc.listing.queries import FieldsQuery, PageQuery
from authsvc.regrouping.routes import ASKING, CARRYING_OUT, READS
from authsvc.regrouping.sites import MOST_HOSTS, SiteChange, Sites
from authsvc.regrouping.wire import SiteModel
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Wire

_CHANGES = Requires(Behavior.SITE_UPDATE)


class SiteBody(Wire):
    """A site as it is to be; what is left out stays, or is empty for a new one."""

    name: str | None = None
    hosts: Annotated[list[str], Field(max_length=MOST_HOSTS)] | None = None
    origins: Annotated[list[str], Field(max_length=MOST_HOSTS)] | None = None
    customer_set_code: str | None = None
    # How its hosted pages look; an empty text takes it away.
    accent_color: str | None = None
    logo_text: str | None = None
    # Of its mails; an empty text takes it away.
    language: str | None = None
    reason: str | None = None

    def read(self) -> SiteChange:
        """Return what is wanted."""
        return SiteChange(
            self.name,
            self.hosts,
            self.origins,
            self.customer_set_code,
            self.accent_color,
            self.logo_text,
            self.language,
        )


def routes(service: Sites) -> Routes:
    """Declare the operations over `service`."""
    part = Routes("sites", prefix="/api/commerce/customer/sites", tag="Sites")
    refuses = (HostTaken, UnknownTenant, *ASKING, *CARRYING_OUT)

    @part.get("", requires=READS, answers=Collection[SiteModel])
    def list_sites(caller: Caller, query: PageQuery) -> Collection[SiteModel]:
        """List the tenant's sites with their hosts, origins and customer sets."""
        page = query.page
        found, total = service.page(caller.tenant_id, page)
        return Collection[SiteModel].page(
            [SiteModel.of(site) for site in found],
            start_index=page.start_index,
            page_size=page.size,
            total_count=total,
        )

    @part.get("/<int:site_id>", requires=READS, answers=SiteModel, refuses=(UnknownSite,))
    def get_site(caller: Caller, site_id: int, query: FieldsQuery) -> SiteModel:
        """Get one site."""
        return SiteModel.of(service.site(caller.tenant_id, site_id))

    @part.post(
        "", requires=_CHANGES, answers=SiteModel, status=201, refuses=refuses, body_name="site"
    )
    def create_site(caller: Caller, body: SiteBody, query: FieldsQuery) -> SiteModel:
        """Create a site; it joins the default set, unless `customerSetCode` names another."""
        may_assign(caller, body)
        return SiteModel.of(service.create(caller, body.read()))

    @part.put(
        "/<int:site_id>", requires=_CHANGES, answers=SiteModel, refuses=refuses, body_name="site"
    )
    def update_site(caller: Caller, site_id: int, body: SiteBody, query: FieldsQuery) -> SiteModel:
        """Rename a site, give it hosts and origins, or assign it to another set; its customers stay where they are."""
        may_assign(caller, body)
        return SiteModel.of(service.change(caller, site_id, body.read(), body.reason or ""))

    return part


def may_assign(caller: Caller, body: SiteBody) -> None:
    """Refuse a caller who may change sites and not which set they are in."""
    if body.customer_set_code is not None:
        Requires(Behavior.CUSTOMER_SET_UPDATE).admit(caller)
