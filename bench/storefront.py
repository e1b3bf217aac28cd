"""A storefront's server as it calls authsvc: over kept-alive connections, with its application's ticket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from authsvc.demo.merchant import PASSWORD
from bench.stack import Server, Stores

CUSTOMER = "/api/commerce/customer"
JSON = "application/json"


@dataclass(frozen=True)
class Storefront:
    """One connection of the merchant's first site; use it from one thread."""

    connection: HTTPConnection
    headers: Mapping[str, str]

    @classmethod
    def of(cls, server: Server, stores: Stores) -> Storefront:
        """Connect to `server` and get the application's ticket."""
        connection = server.connect()
        application = stores.merchant["application"]
        body = {
            "client_id": application["clientId"],
            "client_secret": application["sharedSecret"],
            "grant_type": "client_credentials",
        }
        path = "/api/platform/applications/authtickets/oauth"
        connection.request("POST", path, json.dumps(body), {"Content-Type": JSON})
        ticket = json.load(connection.getresponse())
        headers = {
            "Authorization": f"Bearer {ticket['access_token']}",
            "Content-Type": JSON,
            "x-vol-tenant": str(stores.merchant["tenantId"]),
            "x-vol-site": str(stores.merchant["sites"][0]["id"]),
        }
        return cls(connection, headers)

    def another(self) -> Storefront:
        """Return the same with a connection of its own."""
        return Storefront(HTTPConnection(self.connection.host, self.connection.port), self.headers)

    def sign_up(self, username: str) -> dict[str, Any]:
        """Create an account with a login, and return its ticket."""
        account = {"emailAddress": username, "firstName": "Pat", "lastName": "M."}
        status, ticket = self.post(
            f"{CUSTOMER}/accounts/add-account-and-login", {"account": account, "password": PASSWORD}
        )
        assert status == 201, ticket
        return ticket

    def sign_in(self, username: str) -> dict[str, Any]:
        """Sign in and return the ticket."""
        status, ticket = self.try_to_sign_in(username)
        assert status == 201, ticket
        return ticket

    def try_to_sign_in(self, username: str) -> tuple[int, dict[str, Any]]:
        """Sign in; return status and body whatever they are."""
        return self.post(f"{CUSTOMER}/authtickets", {"username": username, "password": PASSWORD})

    def check_headers(self, access_token: str) -> dict[str, str]:
        """Return what `GET /session` asks about a shopper on the site with."""
        return {
            "Authorization": f"Bearer {access_token}",
            "x-vol-tenant": self.headers["x-vol-tenant"],
            "x-vol-site": self.headers["x-vol-site"],
        }

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """Send JSON; return status and parsed answer."""
        self.connection.request("POST", path, json.dumps(body), dict(self.headers))
        answer = self.connection.getresponse()
        return answer.status, json.load(answer)
