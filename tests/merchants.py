"""A merchant for a test: a tenant of its own, with the documents' sites and sets, and the verbs of its callers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, Insert, Table, bindparam, insert, select, text
from werkzeug.test import TestResponse

from authsvc import tokens
from authsvc.accounts.rules import CustomerAccount
from authsvc.applications.rules import new_client_id
from authsvc.callers import Behavior, Caller
from authsvc.customer_sets.rules import Site
from authsvc.infra.applications_schema import (
    application_secrets,
    application_tokens,
    applications,
)
from authsvc.infra.schema import customer_sets, sites, structure_changes, tenants
from authsvc.login.rules import Enrolment, Ticket
from authsvc.regrouping.one_customer import OneCustomer
from authsvc.services import Services
from authsvc.tokens import Audience

PASSWORD = "Mystic-2026"

STRUCTURE = (
    ("Mystic Sports", "b2c"),
    ("Mystic Kids", "b2c"),
    ("Mystic Business", "b2b"),
    ("Mystic Parts", "b2b"),
    ("Mystic Outlet", "default"),
)

CUSTOMER = "/api/commerce/customer"


@dataclass(frozen=True)
class Merchant:
    """A tenant that no other test knows of; `client` calls the application over these services, in this process."""

    services: Services
    client: FlaskClient
    tenant_id: int
    sites: dict[str, Site]
    application_token: str

    def site(self, name: str) -> int:
        """Return the id of a site by its name: `site("Mystic Sports")`."""
        return self.sites[name].id

    def caller(self, site: str | None = None) -> Caller:
        """Return a caller with every behavior, on a site."""
        return Caller(
            self.tenant_id,
            self.site(site) if site else None,
            "tests",
            frozenset(Behavior),
        )

    def sign_up(
        self, email_address: str, site: str, password: str = PASSWORD, **fields: object
    ) -> Ticket:
        """Sign up on a site, through the service; `fields` such as `username`, which is the address without."""
        enrolment = Enrolment({"email_address": email_address, **fields}, password)
        return self.services.login.sign_up(self.caller(site), enrolment)

    def sign_in(self, username: str, site: str, password: str = PASSWORD) -> Ticket:
        """Sign in on a site, through the service."""
        return self.services.login.sign_in(self.caller(site), username, password)

    def move(self, account_id: int, customer_set: str, **fields: object) -> CustomerAccount:
        """Move a customer to another set and change `fields`, as `PUT accounts/{id}` does."""
        one = OneCustomer(self.services.account_data.whole_accounts, self.services.regrouping)
        return one.update(self.caller(), account_id, fields, customer_set, [])

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        site: str | None = None,
        shopper: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Call the API as the merchant's application, perhaps with a shopper's access token along.

        A path without a leading slash is below `/api/commerce/customer/`.
        """
        sent = {
            "Authorization": f"Bearer {self.application_token}",
            "x-vol-tenant": str(self.tenant_id),
        }
        if site:
            sent["x-vol-site"] = str(self.site(site))
        if shopper:
            sent["x-vol-user-claims"] = shopper
        return self.client.open(
            path if path.startswith("/") else f"{CUSTOMER}/{path}",
            method=method,
            json=body,
            headers=sent | (headers or {}),
        )

    def check(self, access_token: str, site: str) -> TestResponse:
        """Ask `GET /session` as another service would."""
        return self.client.get(
            "/session",
            headers={
                "Authorization": f"Bearer {access_token}",
                "x-vol-tenant": str(self.tenant_id),
                "x-vol-site": str(self.site(site)),
            },
        )


def new_merchant(services: Services, client: FlaskClient) -> Merchant:
    """Make a merchant with the documents' sites and sets, and an application that may do everything."""
    # One transaction: it takes half as long.
    with services.database.transaction():
        tenant = services.customer_sets.create_tenant(f"Mystic {uuid4().hex[:8]}")
        system = Caller(tenant.id)
        for code in ("b2c", "b2b"):
            services.customer_sets.create_customer_set(system, code, code.upper())
        sites = {}
        for name, code in STRUCTURE:
            site = services.customer_sets.create_site(system, name)
            sites[name] = services.customer_sets.assign_site(system, site.id, code)
        application, secret = services.applications.create(system, "Tests", Behavior)
    ticket = services.applications.authenticate(application.client_id, secret)
    return Merchant(services, client, tenant.id, sites, ticket.access_token)


def another_merchant(like: Merchant, client: FlaskClient) -> Merchant:
    """Return a merchant with the rows that `new_merchant` makes, but for the trail: copied from `like`.

    Most tests begin with a merchant, and this takes a fraction of the time.
    """
    database = like.services.database
    with database.transaction(), database.connection() as connection:
        made = connection.execute(_NEXT_TENANT).scalar_one()
        token = tokens.new_token(made, Audience.APPLICATION)
        values = {
            "like": like.tenant_id,
            "made": made,
            "name": f"Mystic {uuid4().hex[:8]}",
            "client_id": new_client_id(made),
            "digest": tokens.digest(token),
        }
        for copy in _COPIES:
            connection.execute(copy, values)
        found = {site.name: site for site in like.services.customer_sets.tenant(made)[1]}
    sites = {name: found[name] for name in like.sites}
    return replace(like, client=client, tenant_id=made, sites=sites, application_token=token)


def _copy(table: Table, *but: ColumnElement[bool], **other: str) -> Insert:
    """Return a statement that copies a tenant's rows, `other` columns being values that the statement is given."""
    tenant = "id" if table is tenants else "tenant_id"
    given = {tenant: "made"} | other
    columns = [column for column in table.c if table is not sites or column.name != "id"]
    rows = select(
        *(
            bindparam(given[column.name], type_=column.type) if column.name in given else column
            for column in columns
        )
    ).where(table.c[tenant] == bindparam("like"), *but)
    return insert(table).from_select(columns, rows)


_NEXT_TENANT = text("SELECT nextval(pg_get_serial_sequence('tenants', 'id'))")
_COPIES = (
    _copy(tenants, name="name"),
    _copy(customer_sets),
    _copy(sites),
    _copy(structure_changes),
    _copy(applications, client_id="client_id"),
    _copy(application_secrets, client_id="client_id"),
    _copy(
        application_tokens,
        application_tokens.c.kind == "access",
        client_id="client_id",
        digest="digest",
    ),
)
