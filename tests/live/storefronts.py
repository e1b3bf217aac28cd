"""A merchant whose storefronts call over HTTP: the verbs that the live tests tell their stories in."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from authsvc.callers import Behavior, Caller
from authsvc.services import Services
from tests.live.instances import Instance
from tests.merchants import CUSTOMER, PASSWORD, STRUCTURE


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds it took."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def is_clean_503(self) -> bool:
        """Tell whether this is the documented "come back later": in the envelope, saying when."""
        return (
            self.status == 503
            and (self.header("Retry-After") or "").isdigit()
            and self.json["errorCode"] == "SYSTEM_MAINTENANCE"
            and self.json["correlationId"] == self.header("x-vol-correlation")
        )


@dataclass(frozen=True)
class Shopper:
    """Who signed in: what the ticket holds."""

    account_id: int
    username: str
    access_token: str
    refresh_token: str
    jwt: str


@dataclass(frozen=True)
class Storefronts:
    """A tenant of its own with the documents' sites, calling `instances`."""

    instances: tuple[Instance, ...]
    tenant_id: int
    sites: dict[str, int]
    application_token: str

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        site: str | None = None,
        shopper: str | None = None,
        at: Instance | HTTPConnection | None = None,
        application: bool = True,
    ) -> Answer:
        """Send a request as the merchant's application; a path without leading slash is a customer call.

        `at`: an open connection, or an instance to make a new one to; else the first instance.
        """
        headers = {"x-vol-tenant": str(self.tenant_id)}
        if application:
            headers["Authorization"] = f"Bearer {self.application_token}"
        if site:
            headers["x-vol-site"] = str(self.sites[site])
        if shopper:
            headers["x-vol-user-claims"] = shopper
        url = path if path.startswith("/") else f"{CUSTOMER}/{path}"
        if isinstance(at, HTTPConnection):
            return send(at, method, url, body, headers)
        connection = (at or self.instances[0]).connect()
        try:
            return send(connection, method, url, body, headers)
        finally:
            connection.close()

    def sign_up(
        self, username: str, site: str = "Mystic Sports", *, at: Instance | None = None
    ) -> Answer:
        """Sign up with the documents' password."""
        enrolment = {"account": {"emailAddress": username}, "password": PASSWORD}
        return self.call("POST", "accounts/add-account-and-login", enrolment, site=site, at=at)

    def sign_in(
        self,
        username: str,
        site: str = "Mystic Sports",
        password: str = PASSWORD,
        *,
        at: Instance | HTTPConnection | None = None,
    ) -> Answer:
        """Sign in."""
        sent = {"username": username, "password": password}
        return self.call("POST", "authtickets", sent, site=site, at=at)

    def refresh(self, refresh_token: str, site: str, *, at: Instance | None = None) -> Answer:
        """Continue a session."""
        path = f"authtickets/refresh?refreshToken={quote(refresh_token)}"
        return self.call("PUT", path, site=site, at=at)

    def check(
        self,
        access_token: str,
        site: str = "Mystic Sports",
        *,
        at: Instance | HTTPConnection | None = None,
    ) -> Answer:
        """Ask whether a session is good on a site, as another service does."""
        return self.call(
            "GET", "/session", site=site, shopper=access_token, at=at, application=False
        )

    def new_shopper(self, site: str = "Mystic Sports", *, at: Instance | None = None) -> Shopper:
        """Sign somebody up who was not there before."""
        username = f"shopper-{uuid4().hex[:12]}@mail.com"
        return shopper_of(self.sign_up(username, site, at=at), username)


def shopper_of(answer: Answer, username: str) -> Shopper:
    """Read a ticket; fails when there is none."""
    assert answer.status == 201, (answer.status, answer.body)
    ticket = answer.json
    return Shopper(
        ticket["customerAccount"]["id"],
        username,
        ticket["accessToken"],
        ticket["refreshToken"],
        ticket["jwtAccessToken"],
    )


def send(
    connection: HTTPConnection, method: str, url: str, body: object, headers: dict[str, str]
) -> Answer:
    """Send one request over an open connection and read its answer."""
    content = None if body is None else json.dumps(body).encode()
    if content is not None:
        headers = {**headers, "Content-Type": "application/json"}
    began = time.perf_counter()
    connection.request(method, url, content, headers)
    response = connection.getresponse()
    received = response.read()
    return Answer(
        response.status,
        tuple(response.getheaders()),
        received,
        time.perf_counter() - began,
    )


def new_storefronts(services: Services, instances: tuple[Instance, ...]) -> Storefronts:
    """Make a tenant with the documents' sites and sets, and an application that may do everything."""
    tenant = services.customer_sets.create_tenant(f"Mystic {uuid4().hex[:8]}")
    system = Caller(tenant.id)
    for code in ("b2c", "b2b"):
        services.customer_sets.create_customer_set(system, code, code.upper())
    sites = {}
    for name, code in STRUCTURE:
        sites[name] = services.customer_sets.create_site(system, name).id
        services.customer_sets.assign_site(system, sites[name], code)
    application, secret = services.applications.create(system, "Live tests", Behavior)
    ticket = services.applications.authenticate(application.client_id, secret)
    return Storefronts(instances, tenant.id, sites, ticket.access_token)
