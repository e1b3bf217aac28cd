"""`POST /oauth2/introspect` as RFC 7662 has it, asked by another library's client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from authsvc.app import create_app
from authsvc.applications.rules import Application
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Client:
    """A merchant's application, with its secret."""

    merchant: Merchant
    application: Application
    secret: str

    def ask(
        self, token: str, site: str | None = None, secret: str | None = None
    ) -> dict[str, object]:
        """Introspect by HTTP Basic; return the answer."""
        form = {"token": token}
        if site:
            form["site"] = str(self.merchant.site(site))
        answer = self.merchant.client.post(
            "/oauth2/introspect",
            data=urlencode(form),
            headers=FORM,
            auth=(self.application.client_id, secret or self.secret),
        )
        shown: dict[str, object] = answer.get_json() | {"status": answer.status_code}
        return shown


@pytest.fixture(name="client_of")
def _client_of(merchant: Merchant) -> Client:
    return Client(merchant, *merchant.services.applications.create(merchant.caller(), "POS", []))


class Quiet(WSGIRequestHandler):
    """Writes no line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


@pytest.fixture(name="address")
def _address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/oauth2/introspect"
    server.shutdown()
    serving.join()
    server.server_close()


def test_authlib_learns_whose_token_it_is(
    client_of: Client, merchant: Merchant, address: str
) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    assert ticket.account is not None
    with OAuth2Session(client_of.application.client_id, client_of.secret) as session:
        session.trust_env = False
        answers = [
            session.introspect_token(address, token=token, token_type_hint="access_token")
            for token in (ticket.tokens.access_token, ticket.jwt, "rubbish")
        ]
    shown = answers[0].json()
    assert shown.pop("as_of")
    assert shown.pop("auth_time") <= shown["exp"]
    assert shown == {
        "active": True,
        "iss": "authsvc",
        "sub": ticket.user_id,
        "exp": int(ticket.tokens.access_expires_at.timestamp()),
        "token_type": "Bearer",
        "tenant_id": merchant.tenant_id,
        "customer_set": "b2c",
        "site_id": merchant.site("Mystic Sports"),
        "account_id": ticket.account.id,
        "methods": ["new_account"],
        "act": None,
    }
    assert answers[1].json()["sub"] == ticket.user_id
    assert answers[2].json() == {"active": False}
    assert answers[2].headers["Cache-Control"] == "no-store"


def test_of_what_is_not_good_nothing_is_said(
    client_of: Client, merchant: Merchant, other_merchant: Merchant
) -> None:
    """RFC 7662 §2.2: SHOULD NOT include any additional information about an inactive token, including why."""
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Sports")
    theirs = other_merchant.sign_up("stacy@mail.com", "Mystic Sports")
    token = ticket.tokens.access_token
    inactive = {"status": 200, "active": False}
    assert client_of.ask(token, "Mystic Kids")["active"] is True
    assert client_of.ask(token, "Mystic Parts") == inactive
    assert client_of.ask(theirs.tokens.access_token) == inactive
    assert client_of.ask(ticket.tokens.refresh_token) == inactive
    merchant.services.sessions.sign_out(merchant.caller(), ticket.tokens.session_id)
    assert client_of.ask(token, "Mystic Kids") == inactive


def test_an_address_tries_no_secrets_for_ever_here_either(
    client_of: Client, settings: Settings
) -> None:
    with machine(settings, HeldClock(), tenant_failures="3/10minutes") as its:
        client = create_app(its).test_client()

        def status(secret: str) -> int:
            return client.post(
                "/oauth2/introspect",
                data={"token": "any"},
                auth=(client_of.application.client_id, secret),
                environ_overrides={"REMOTE_ADDR": "203.0.113.201"},
            ).status_code

        # A right one counts for nothing, however often it is shown.
        assert {status(client_of.secret) for _ in range(5)} == {200}
        assert [status("wrong") for _ in range(5)] == [401, 401, 401, 429, 429]


def test_the_application_proves_itself_by_secret_or_ticket(
    client_of: Client, merchant: Merchant, other_merchant: Merchant
) -> None:
    token = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens.access_token

    def by_ticket(caller: Merchant, **headers: str) -> dict[str, object]:
        sent = FORM | {"Authorization": f"Bearer {caller.application_token}"} | headers
        answer = caller.client.post("/oauth2/introspect", data={"token": token}, headers=sent)
        assert answer.status_code == 200
        shown: dict[str, object] = answer.get_json()
        return shown

    assert by_ticket(merchant)["active"] is True
    kids = merchant.site("Mystic Kids")
    assert by_ticket(merchant, **{"x-vol-site": str(kids)})["site_id"] == kids
    assert by_ticket(other_merchant) == {"active": False}
    assert client_of.ask(token, secret="wrong") == {"status": 401, "error": "invalid_client"}
    shopper = {"Authorization": f"Bearer {token}"}
    for headers in ({}, shopper, {"Authorization": "Basic rubbish"}):
        answer = merchant.client.post(
            "/oauth2/introspect", data={"token": token}, headers=FORM | headers
        )
        assert (answer.status_code, answer.get_json()) == (401, {"error": "invalid_client"})
        assert answer.headers["WWW-Authenticate"] == "Basic"
