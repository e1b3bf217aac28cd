"""Tenants, sites and customer sets in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from psycopg.errors import LockNotAvailable
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.exc import IntegrityError, OperationalError

from authsvc.customer_sets.rules import (
    CodeTaken,
    CustomerSet,
    HostTaken,
    RegroupingUnderWay,
    Site,
    Tenant,
)
from authsvc.infra.database import Database
from authsvc.infra.schema import customer_sets, site_hosts, sites, tenants
from authsvc.infra.statements import Statement

_SORTABLE: dict[str, ColumnElement[Any]] = {
    "code": customer_sets.c.code,
    "name": func.lower(customer_sets.c.name),
    "isdefault": customer_sets.c.code == tenants.c.default_customer_set_code,
}

_HOSTS = (
    select(func.array_agg(aggregate_order_by(site_hosts.c.host, site_hosts.c.host)))
    .where(site_hosts.c.tenant_id == sites.c.tenant_id, site_hosts.c.site_id == sites.c.id)
    .scalar_subquery()
    .label("hosts")
)
_ANY_SITES = select(sites, _HOSTS)
_SITES = _ANY_SITES.where(sites.c.tenant_id == bindparam("tenant_id"))
_ONE_SITE = _SITES.where(sites.c.id == bindparam("site_id"))
_SITE = Statement(_ONE_SITE)
_SITE_HELD = Statement(_ONE_SITE.with_for_update(read=True, of=sites))


# Any fixed number of our own: the first half of the advisory lock on a tenant's structure.
_STRUCTURE_LOCK = 7_215_362
# How long one change of the structure waits for another (milliseconds); the usual one takes a few.
STRUCTURE_WAIT_MS = 2_000


class StructureStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def hold(self, tenant_id: int) -> None:
        """Within a transaction, keep everybody else from regrouping sites, sets and customers of the tenant.

        Raises `RegroupingUnderWay` after `STRUCTURE_WAIT_MS`, since a large one may take minutes.
        """
        lock = func.pg_advisory_xact_lock(_STRUCTURE_LOCK, func.hashint8(tenant_id))
        with self._database.connection() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = {STRUCTURE_WAIT_MS}"))
            try:
                connection.execute(select(lock))
            except OperationalError as failure:
                if isinstance(failure.orig, LockNotAvailable):
                    raise RegroupingUnderWay from failure
                raise
            connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))

    def is_held(self, tenant_id: int) -> bool:
        """Tell whether somebody is regrouping the tenant at this moment (see `hold`)."""
        free = func.pg_try_advisory_xact_lock_shared(_STRUCTURE_LOCK, func.hashint8(tenant_id))
        with self._database.connection() as connection:
            return not connection.execute(select(free)).scalar_one()

    def add_tenant(self, name: str, domain: str, first_set: str, now: datetime) -> Tenant:
        """Keep a new tenant that will have `first_set` as its default; the set must follow in this transaction."""
        with self._database.connection() as connection:
            tenant_id = connection.execute(
                insert(tenants)
                .values(
                    name=name, domain=domain, default_customer_set_code=first_set, created_at=now
                )
                .returning(tenants.c.id)
            ).scalar_one()
        return Tenant(tenant_id, name, domain, first_set)

    def tenant(self, tenant_id: int, *, for_share: bool = False) -> Tenant | None:
        """Return the tenant, or None.

        `for_share` (in a transaction): nobody changes its default set before the transaction ends.
        """
        query = select(tenants).where(tenants.c.id == tenant_id)
        with self._database.connection() as connection:
            row = connection.execute(
                query.with_for_update(read=True) if for_share else query
            ).one_or_none()
        return (
            None
            if row is None
            else Tenant(row.id, row.name, row.domain, row.default_customer_set_code)
        )

    def tenants(self) -> list[Tenant]:
        """Return every tenant of the installation, oldest first; for its operator only."""
        with self._database.connection() as connection:
            rows = connection.execute(select(tenants).order_by(tenants.c.id)).all()
        return [Tenant(row.id, row.name, row.domain, row.default_customer_set_code) for row in rows]

    def set_domain(self, tenant_id: int, domain: str) -> None:
        """Change where the tenant's API is called."""
        with self._database.connection() as connection:
            connection.execute(
                update(tenants).where(tenants.c.id == tenant_id).values(domain=domain)
            )

    def add_customer_set(
        self, tenant_id: int, code: str, name: str, description: str, by: str, now: datetime
    ) -> None:
        """Keep a new customer set; raises `CodeTaken`."""
        with self._database.connection() as connection:
            try:
                connection.execute(
                    insert(customer_sets).values(
                        tenant_id=tenant_id,
                        code=code,
                        name=name,
                        description=description,
                        created_at=now,
                        created_by=by,
                        updated_at=now,
                        updated_by=by,
                    )
                )
            except IntegrityError as failure:
                raise CodeTaken(
                    f"There is a customer set with the code {code} already. Choose another code."
                ) from failure

    def customer_set(self, tenant_id: int, code: str) -> CustomerSet | None:
        """Return the set, or None."""
        with self._database.connection() as connection:
            row = connection.execute(
                _customer_sets(tenant_id).where(customer_sets.c.code == code)
            ).one_or_none()
        return None if row is None else _customer_set(row)

    def customer_sets(
        self, tenant_id: int, sort_by: Sequence[tuple[str, bool]], offset: int, limit: int
    ) -> list[CustomerSet]:
        """Return a page of the tenant's sets; `sort_by`: (field in lower case, descending) pairs."""
        order = [
            _SORTABLE[field].desc() if descending else _SORTABLE[field].asc()
            for field, descending in sort_by
        ]
        with self._database.connection() as connection:
            rows = connection.execute(
                _customer_sets(tenant_id)
                .order_by(*order, customer_sets.c.code)
                .offset(offset)
                .limit(limit)
            ).all()
        return [_customer_set(row) for row in rows]

    def count_customer_sets(self, tenant_id: int) -> int:
        """Return how many sets the tenant has."""
        with self._database.connection() as connection:
            return connection.execute(
                select(func.count())
                .select_from(customer_sets)
                .where(customer_sets.c.tenant_id == tenant_id)
            ).scalar_one()

    def add_site(self, tenant_id: int, name: str, customer_set: str, now: datetime) -> Site:
        """Keep a new site in `customer_set`."""
        with self._database.connection() as connection:
            site_id = connection.execute(
                insert(sites)
                .values(
                    tenant_id=tenant_id, name=name, customer_set_code=customer_set, created_at=now
                )
                .returning(sites.c.id)
            ).scalar_one()
        return Site(tenant_id, site_id, name, customer_set)

    def add_host(self, tenant_id: int, site_id: int, host: str) -> None:
        """Let the site answer on `host`; raises `HostTaken` if another site, of any tenant, does."""
        with self._database.connection() as connection:
            try:
                connection.execute(
                    insert(site_hosts).values(host=host, tenant_id=tenant_id, site_id=site_id)
                )
            except IntegrityError as failure:
                raise HostTaken(
                    f"Another site answers on {host}. Choose another host."
                ) from failure

    def site(self, tenant_id: int, site_id: int, *, for_share: bool = False) -> Site | None:
        """Return the site as it is now, or None.

        `for_share` (in a transaction): nobody moves the site to another set before the transaction ends.
        """
        query = _SITE_HELD if for_share else _SITE
        rows = self._database.run(query, tenant_id=tenant_id, site_id=site_id)
        return _site(rows[0]) if rows else None

    def sites_at(self, places: Collection[tuple[int, int]]) -> list[Site]:
        """Return those of these sites, of whichever tenants, that there are: by tenant and id."""
        is_asked = tuple_(sites.c.tenant_id, sites.c.id).in_(places)
        with self._database.connection() as connection:
            return [_site(row) for row in connection.execute(_ANY_SITES.where(is_asked))]

    def site_of_host(self, host: str) -> Site | None:
        """Return the site that answers on `host`, of whichever tenant; None if none does."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(site_hosts.c.tenant_id, site_hosts.c.site_id).where(
                    site_hosts.c.host == host
                )
            ).one_or_none()
        return None if row is None else self.site(row.tenant_id, row.site_id)

    def sites(self, tenant_id: int, customer_sets: Sequence[str] | None = None) -> list[Site]:
        """Return the tenant's sites by id, all of them or those of some customer sets."""
        query = _SITES.order_by(sites.c.id)
        if customer_sets is not None:
            query = query.where(sites.c.customer_set_code.in_(customer_sets))
        with self._database.connection() as connection:
            return [_site(row) for row in connection.execute(query, {"tenant_id": tenant_id})]

    def sites_to_choose(
        self, tenant_id: int, first_of: str, find: str, ids: Collection[int], limit: int
    ) -> list[Site]:
        """Return the sites `ids`, and up to `limit` whose names hold `find` in any case.

        Those of the set `first_of` come before the others.
        """
        name, is_named = func.lower(sites.c.name), sites.c.id.in_(ids)
        is_found = func.strpos(name, func.lower(find)) > 0
        order = (~is_named, sites.c.customer_set_code != first_of, name, sites.c.id)
        query = _SITES.where(or_(is_named, is_found)).order_by(*order).limit(limit + len(ids))
        with self._database.connection() as connection:
            return [_site(row) for row in connection.execute(query, {"tenant_id": tenant_id})]

    def assign_site(self, tenant_id: int, site_id: int, customer_set: str) -> None:
        """Move the site to `customer_set`, which must exist."""
        with self._database.connection() as connection:
            connection.execute(
                update(sites)
                .where(sites.c.tenant_id == tenant_id, sites.c.id == site_id)
                .values(customer_set_code=customer_set)
            )


def _customer_sets(tenant_id: int) -> Select[Any]:
    is_default = (customer_sets.c.code == tenants.c.default_customer_set_code).label("is_default")
    return (
        select(customer_sets, is_default)
        .join(tenants, tenants.c.id == customer_sets.c.tenant_id)
        .where(customer_sets.c.tenant_id == tenant_id)
    )


def _customer_set(row: Row[Any]) -> CustomerSet:
    return CustomerSet(
        row.tenant_id,
        row.code,
        row.name,
        row.description,
        row.is_default,
        row.created_at,
        row.created_by,
        row.updated_at,
        row.updated_by,
    )


def _site(row: Row[Any]) -> Site:
    return Site(row.tenant_id, row.id, row.name, row.customer_set_code, tuple(row.hosts or ()))
