"""A merchant whose shops have hosts, and a shopper who is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from authsvc.login.rules import Ticket
from authsvc.passkeys.rules import PasskeyUse
from tests.merchants import Merchant
from tests.passkeys.authenticator import Authenticator


@dataclass(frozen=True)
class Shops:
    """A merchant's shops, by name → host; passkeys sign in to those of the set b2c."""

    merchant: Merchant
    hosts: dict[str, str]

    def origin(self, site: str) -> str:
        """Return where pages of a site stand."""
        return f"https://{self.hosts[site]}"

    def device(self, site: str = "Mystic Sports", **wishes: Any) -> Authenticator:  # noqa: ANN401  as many as fields
        """Return a device that is on a page of a site."""
        return Authenticator(self.origin(site), **wishes)

    def request(self, ticket: Ticket, site: str = "Mystic Sports") -> TestResponse:
        """Ask for what a new passkey is made with."""
        return self._own(ticket, "POST", "/request", None, site)

    def add(
        self,
        ticket: Ticket,
        device: Authenticator,
        site: str = "Mystic Sports",
        **said: Any,  # noqa: ANN401  as browsers do
    ) -> TestResponse:
        """Add a device's passkey to the account of a ticket."""
        asked = self.request(ticket, site)
        assert asked.status_code == 200, asked.text
        body = {
            "challengeToken": asked.get_json()["challengeToken"],
            "credential": device.make(asked.get_json()["publicKey"], **said),
            "name": "Telephone",
        }
        return self._own(ticket, "POST", "", body, site)

    def passkeys(self, ticket: Ticket) -> list[dict[str, Any]]:
        """List the account's passkeys."""
        answer = self._own(ticket, "GET", "", None, "Mystic Sports")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.get_json()["items"]
        return items

    def own(self, ticket: Ticket, method: str, path: str, body: object = None) -> TestResponse:
        """Call one of the account's passkey operations, as the shopper."""
        return self._own(ticket, method, path, body, "Mystic Sports")

    def ask(self, site: str = "Mystic Sports") -> dict[str, Any]:
        """Ask for what somebody signs in with."""
        answer = self.merchant.call("POST", "authtickets/passkey/request", site=site)
        assert answer.status_code == 200, answer.text
        asked: dict[str, Any] = answer.get_json()
        return asked

    def show(
        self, asked: dict[str, Any], shown: dict[str, Any], site: str = "Mystic Sports"
    ) -> TestResponse:
        """Sign in by what a device answered."""
        body = {"challengeToken": asked["challengeToken"], "credential": shown}
        return self.merchant.call("POST", "authtickets/passkey/auth", body, site=site)

    def sign_in(
        self,
        device: Authenticator,
        site: str = "Mystic Sports",
        **said: Any,  # noqa: ANN401  as browsers do
    ) -> TestResponse:
        """Sign in with a device, from asking on."""
        asked = self.ask(site)
        return self.show(asked, device.show(asked["publicKey"], **said), site)

    def _own(self, ticket: Ticket, method: str, path: str, body: object, site: str) -> TestResponse:
        return self.merchant.call(
            method,
            f"accounts/{account_id(ticket)}/passkeys{path}",
            body,
            site=site,
            shopper=ticket.tokens.access_token,
        )


@pytest.fixture(name="shops")
def _shops(merchant: Merchant) -> Shops:
    return new_shops(merchant)


@pytest.fixture(name="john")
def _john(shops: Shops) -> Ticket:
    return shops.merchant.sign_up("john@mail.com", "Mystic Sports")


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def new_shops(merchant: Merchant) -> Shops:
    """Give a merchant's sites hosts, and let passkeys sign in to those of both sets."""
    mark = uuid4().hex[:8]
    hosts = {}
    structure = merchant.services.customer_sets.structure
    for name in ("Mystic Sports", "Mystic Kids", "Mystic Parts"):
        hosts[name] = f"{name.split()[1].lower()}-{mark}.example"
        structure.add_host(merchant.tenant_id, merchant.site(name), hosts[name])
    policies = merchant.services.passkeys.policies
    for code in ("b2c", "b2b"):
        policies.set_policy(merchant.caller(), code, PasskeyUse.SIGN_IN)
    return Shops(merchant, hosts)
