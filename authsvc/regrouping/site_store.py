"""What a site is called and where it answers, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from authsvc.infra.database import Database
from authsvc.infra.schema import site_hosts, site_origins, sites
from authsvc.listing.paging import Page


@dataclass(frozen=True, slots=True)
class SiteDetails:
    """A site as it is administered."""

    id: int
    name: str
    customer_set: str
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    created_at: datetime
    # How its hosted pages look; None: as everybody's, under the site's name.
    accent_color: str | None = None
    logo_text: str | None = None
    # Of its mails, for shoppers who have not said; None: English.
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites are meant: a part of the name or of a host, or the number; and those of a set. Empty is any."""

    text: str = ""
    customer_set: str = ""


ANY_SITE = SiteFilter()


class SiteStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def site(self, tenant_id: int, site_id: int, *, held: bool = False) -> SiteDetails | None:
        """Return the site, or None; `held`: within a transaction, so that nobody changes it before the end."""
        this = and_(sites.c.tenant_id == tenant_id, sites.c.id == site_id)
        with self._database.connection() as connection:
            if held:
                # By itself: only a later statement sees the hosts and origins of whoever was waited for.
                connection.execute(select(sites.c.id).where(this).with_for_update(key_share=True))
            row = connection.execute(_sites(tenant_id).where(this)).one_or_none()
        return None if row is None else _site(row)

    def page(
        self, tenant_id: int, page: Page, wanted: SiteFilter = ANY_SITE
    ) -> tuple[list[SiteDetails], int]:
        """Return a page of the tenant's sites that are `wanted`, by id, and how many there are."""
        those = and_(sites.c.tenant_id == tenant_id, *_conditions(tenant_id, wanted))
        query = (
            _sites(tenant_id)
            .where(those)
            .order_by(sites.c.id)
            .offset(page.start_index)
            .limit(page.size)
        )
        count = select(func.count()).select_from(sites).where(those)
        with self._database.connection() as connection:
            total = connection.execute(count).scalar_one()
            return [_site(row) for row in connection.execute(query)], total

    def names(self, tenant_id: int, site_ids: Iterable[int]) -> dict[int, str]:
        """Return what these sites are called; those there are not are left out."""
        query = select(sites.c.id, sites.c.name).where(
            sites.c.tenant_id == tenant_id, sites.c.id.in_(list(site_ids))
        )
        with self._database.connection() as connection:
            return {row.id: row.name for row in connection.execute(query)}

    def rename(self, tenant_id: int, site_id: int, name: str) -> None:
        """Change a site's name."""
        with self._database.connection() as connection:
            connection.execute(
                update(sites)
                .where(sites.c.tenant_id == tenant_id, sites.c.id == site_id)
                .values(name=name)
            )

    def set_looks(
        self,
        tenant_id: int,
        site_id: int,
        accent_color: str | None,
        logo_text: str | None,
        language: str | None,
    ) -> None:
        """Change how a site's hosted pages and mails look, and the mails' language; None is as everybody's."""
        with self._database.connection() as connection:
            connection.execute(
                update(sites)
                .where(sites.c.tenant_id == tenant_id, sites.c.id == site_id)
                .values(accent_color=accent_color, logo_text=logo_text, language=language)
            )

    def remove_hosts(self, tenant_id: int, site_id: int, hosts: Sequence[str]) -> None:
        """Let the site answer on these hosts no longer."""
        with self._database.connection() as connection:
            connection.execute(
                delete(site_hosts).where(
                    site_hosts.c.tenant_id == tenant_id,
                    site_hosts.c.site_id == site_id,
                    site_hosts.c.host.in_(hosts),
                )
            )

    def set_origins(self, tenant_id: int, site_id: int, origins: Sequence[str]) -> None:
        """Let pages of these origins, and no others, post forms for the site."""
        values = [
            {"tenant_id": tenant_id, "site_id": site_id, "origin": origin} for origin in origins
        ]
        with self._database.connection() as connection:
            connection.execute(
                delete(site_origins).where(
                    site_origins.c.tenant_id == tenant_id, site_origins.c.site_id == site_id
                )
            )
            if values:
                connection.execute(insert(site_origins), values)


def _conditions(tenant_id: int, wanted: SiteFilter) -> Iterator[ColumnElement[bool]]:
    text = wanted.text.strip().lower()
    if text:
        yield or_(
            func.strpos(func.lower(sites.c.name), text) > 0,
            sites.c.id.cast(Text) == text,
            exists().where(
                site_hosts.c.tenant_id == tenant_id,
                site_hosts.c.site_id == sites.c.id,
                func.strpos(site_hosts.c.host, text) > 0,
            ),
        )
    code = wanted.customer_set.strip().lower()
    if code:
        yield sites.c.customer_set_code == code


def _sites(tenant_id: int) -> Select[Any]:
    hosts = (
        select(func.array_agg(aggregate_order_by(site_hosts.c.host, site_hosts.c.host)))
        .where(site_hosts.c.tenant_id == sites.c.tenant_id, site_hosts.c.site_id == sites.c.id)
        .scalar_subquery()
    )
    origins = (
        select(func.array_agg(aggregate_order_by(site_origins.c.origin, site_origins.c.origin)))
        .where(site_origins.c.tenant_id == sites.c.tenant_id, site_origins.c.site_id == sites.c.id)
        .scalar_subquery()
    )
    return select(sites, hosts.label("hosts"), origins.label("origins")).where(
        sites.c.tenant_id == tenant_id
    )


def _site(row: Row[Any]) -> SiteDetails:
    return SiteDetails(
        row.id,
        row.name,
        row.customer_set_code,
        tuple(row.hosts or ()),
        tuple(row.origins or ()),
        row.created_at,
        row.accent_color,
        row.logo_text,
        row.language,
    )
