"""Issue 4: nginx, Caddy and HAProxy protect a backend by `GET /session`, with the very files of docs/proxies.

Two sites of two sets, a real server with its stores, and a shop that answers with the headers it was sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from authsvc.app import create_app
from authsvc.embedded.ports import free_port
from authsvc.mail.rules import MailKind, link
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.web.correlation import CORRELATION_HEADER
from tests.live.instances import ANSWER_SECONDS, Instance, wait_until
from tests.merchants import Merchant, new_merchant
from tests.proxies.programs import NAMES, proxy
from tests.proxies.relay import Relay

PAGE = {"Accept": "text/html,application/xhtml+xml"}
FORGED = {
    "X-Auth-User": "somebody",
    "X-Auth-Account": "1",
    "X-Auth-Customer-Set": "b2b",
    "X-Auth-Act": "staff:anna@example.com",
    "X_Auth_Account": "1",
    "x_auth_customer-set": "b2b",
    "X-AUTH_USER": "somebody",
    "x_vol_site": "1",
    "X-Vol-Tenant": "1",
    "x-vol-app-claims": "made up",
    "X-Forwarded-Uri": "https://elsewhere.example/",
}


class Shop(BaseHTTPRequestHandler):
    """The protected backend: answers with what it was sent, and to /broken with a 500 of its own."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        length = int(self.headers.get("Content-Length") or 0)
        sent = {"method": self.command, "body": self.rfile.read(length).decode()}
        said = sent | {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps(said).encode()
        self.send_response(500 if self.path.endswith("/broken") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Answer."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Patient(ThreadingHTTPServer):
    """Says nothing of proxies that hang up."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def shown(self, kind: str) -> dict[str, str]:
        """Return what the shop was told by headers that begin with `kind`, by - or _ as many programs read them."""
        said: dict[str, str] = json.loads(self.body)
        names = {name: name.replace("_", "-") for name in said}
        return {plain: said[name] for name, plain in names.items() if plain.startswith(kind)}


@dataclass(frozen=True)
class House:
    """authsvc behind a wire that counts, its stores behind wires that can be cut, and the shop."""

    merchant: Merchant
    hosts: dict[str, str]
    to_authsvc: Relay
    to_stores: tuple[Relay, Relay]
    shop_port: int

    def meant(self) -> dict[str, str]:
        """Return what the documented files say → what it is here."""
        sports, parts = (self.merchant.site(name) for name in ("Mystic Sports", "Mystic Parts"))
        return {
            "127.0.0.1:8080": f"127.0.0.1:{self.to_authsvc.port}",
            "127.0.0.1:9000": f"127.0.0.1:{self.shop_port}",
            "sports.example.com": self.hosts["Mystic Sports"],
            "parts.example.com": self.hosts["Mystic Parts"],
            "101": str(sports),
            "104": str(parts),
            "1001": str(self.merchant.tenant_id),
        }


@pytest.fixture(scope="module", name="house")
def _house(
    services: Services, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    merchant = new_merchant(services, create_app(services).test_client())
    hosts = {}
    for name in ("Mystic Sports", "Mystic Parts"):
        hosts[name] = f"{name.split()[1].lower()}-{uuid4().hex[:8]}.localhost"
        change = SiteChange(hosts=[hosts[name]])
        services.sites.change(merchant.caller(), merchant.site(name), change)
    database = make_url(settings.database_url.get_secret_value())
    valkey = urlsplit(settings.valkey_url.get_secret_value())
    with ExitStack() as running:
        to_postgres = running.enter_context(
            Relay(f"{database.query['host']}/.s.PGSQL.{database.query['port']}")
        )
        to_valkey = running.enter_context(Relay(unquote(valkey.path)))
        by_wire = database.set(
            drivername="postgresql", host="127.0.0.1", port=to_postgres.port, query={}
        )
        authsvc = Instance(
            tmp_path_factory.mktemp("authsvc") / "log",
            {
                "DATABASE_URL": by_wire.render_as_string(hide_password=False),
                "VALKEY_URL": f"redis://127.0.0.1:{to_valkey.port}",
                "AUTHSVC_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
                "AUTHSVC_WORKERS": "1",
                "AUTHSVC_TRUSTED_PROXIES": "1",
            },
        )
        running.callback(authsvc.put_away)
        authsvc.start()
        shop = Patient(("127.0.0.1", 0), Shop)
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        running.callback(shop.server_close)
        running.callback(shop.shutdown)
        authsvc.await_ready()
        to_authsvc = running.enter_context(Relay(("127.0.0.1", authsvc.port)))
        yield House(merchant, hosts, to_authsvc, (to_postgres, to_valkey), shop.server_address[1])


@dataclass(frozen=True)
class Front:
    """A proxy before the house, as browsers and other callers see it."""

    house: House
    port: int

    def ask(
        self,
        site: str,
        path: str,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        body: str | None = None,
    ) -> Answer:
        """Send a request."""
        sent = {"Host": self.house.hosts[site]} | (headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)) as connection:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            received = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, received)


@pytest.fixture(scope="module", name="front", params=NAMES)
def _front(
    request: pytest.FixtureRequest, house: House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    port = free_port()
    with proxy(request.param, tmp_path_factory.mktemp(request.param), port, house.meant()):
        yield Front(house, port)


def test_the_backend_is_told_who_it_is_and_nothing_that_was_made_up(front: Front) -> None:
    merchant = front.house.merchant
    ticket = merchant.sign_up(f"{uuid4().hex}@mail.com", "Mystic Kids")
    assert ticket.account is not None
    token = ticket.tokens.access_token
    for method, body in (("GET", None), ("POST", "an order")):
        answer = front.ask("Mystic Sports", "/my-orders", token, FORGED, method, body)
        assert answer.status == 200
        shown = answer.shown("x-auth")
        for moment in ("as-of", "signed-in-at", "expires-at"):
            assert shown.pop(f"x-auth-{moment}").endswith("Z")
        assert shown == {
            "x-auth-user": ticket.user_id,
            "x-auth-account": str(ticket.account.id),
            "x-auth-customer-set": "b2c",
            "x-auth-site": str(merchant.site("Mystic Sports")),
            "x-auth-tenant": str(merchant.tenant_id),
            "x-auth-methods": "new_account",
        }
        assert answer.shown("x-vol") == {
            "x-vol-site": str(merchant.site("Mystic Sports")),
            "x-vol-tenant": str(merchant.tenant_id),
        }
        assert (answer.shown("method"), answer.shown("body")) == (
            {"method": method},
            {"body": body or ""},
        )
    # A shop's own failure is its own.
    assert front.ask("Mystic Sports", "/my-orders/broken", token).shown("x-auth-user")

    # Of an anonymous shopper there is no account: the one that was made up does not pass in its place.
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Kids"))
    token = anonymous.tokens.access_token
    shown = front.ask("Mystic Sports", "/my-orders", token, FORGED).shown("x-auth")
    assert shown["x-auth-user"] == anonymous.user_id
    assert "x-auth-account" not in shown
    assert "{" not in "".join(shown.values())

    # Where nobody is checked, nobody is named.
    answer = front.ask("Mystic Sports", "/", token, FORGED)
    assert (answer.status, answer.shown("x-auth")) == (200, {})
    assert answer.shown("x-vol-site") == {"x-vol-site": str(merchant.site("Mystic Sports"))}


def test_the_pages_that_mails_lead_to_are_there(front: Front) -> None:
    host = front.house.hosts["Mystic Sports"]
    for kind in MailKind:
        address = urlsplit(link(kind, "https://{host}", host, {"token": "t", "user_id": "u"}))
        answer = front.ask("Mystic Sports", address.path, headers=PAGE)
        assert CORRELATION_HEADER.lower() in answer.headers, address.path
    origins = front.ask("Mystic Sports", "/.well-known/webauthn")
    assert CORRELATION_HEADER.lower() in origins.headers


def test_who_is_not_signed_in_on_the_site_is_kept_out(front: Front) -> None:
    """Browsers are sent to the storefront's login page, and back to just where they were; others hear 401."""
    merchant = front.house.merchant
    ticket = merchant.sign_up(f"{uuid4().hex}@mail.com", "Mystic Sports")
    ended = merchant.sign_up(f"{uuid4().hex}@mail.com", "Mystic Sports")
    merchant.services.sessions.sign_out(merchant.caller(), ended.tokens.session_id)
    wanted = "/my-orders?page=2&sort=date%26time"
    for site, token in (
        ("Mystic Parts", ticket.tokens.access_token),
        ("Mystic Sports", None),
        ("Mystic Sports", ended.tokens.access_token),
        ("Mystic Sports", "made up"),
    ):
        page = front.ask(site, wanted, token, FORGED | PAGE)
        to = urlsplit(page.headers["location"])
        assert (page.status, to.path) == (302, "/login")
        assert to.netloc in ("", front.house.hosts[site], f"{front.house.hosts[site]}:{front.port}")
        assert parse_qs(to.query) == {"return_to": [wanted]}
        refused = front.ask(site, "/api/orders", token, FORGED)
        assert refused.status == 401
        assert refused.headers["www-authenticate"] == "Bearer"
    assert front.ask("Mystic Sports", "/_session", ticket.tokens.access_token).status in (200, 404)

    # The page itself is the site's, and is found without a session.
    login = front.ask("Mystic Sports", "/login?return_to=/my-orders", None, PAGE)
    assert (login.status, login.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_connections_to_authsvc_are_kept(front: Front) -> None:
    token = front.house.merchant.sign_up(f"{uuid4().hex}@mail.com", "Mystic Sports")
    before = front.house.to_authsvc.accepted
    for _ in range(30):
        assert front.ask("Mystic Sports", "/my-orders", token.tokens.access_token).status == 200
    assert front.house.to_authsvc.accepted - before <= 2


def test_while_nobody_can_tell_nobody_is_let_in(front: Front) -> None:
    """503, with a word on when to come back, to browsers and others alike; the rest of the shop goes on."""
    token = front.house.merchant.sign_up(f"{uuid4().hex}@mail.com", "Mystic Sports")
    access = token.tokens.access_token
    assert front.ask("Mystic Sports", "/my-orders", access).status == 200

    def answers(status: int) -> bool:
        return front.ask("Mystic Sports", "/my-orders", access).status == status

    for wire in front.house.to_stores:
        wire.cut()
    try:
        wait_until(lambda: answers(503), "nobody is let in")
        for headers in ({}, PAGE):
            refused = front.ask("Mystic Sports", "/my-orders", access, headers)
            assert refused.status == 503
            assert int(refused.headers["retry-after"]) > 0
        assert front.ask("Mystic Sports", "/", access).status == 200
    finally:
        for wire in front.house.to_stores:
            wire.mend()
    wait_until(lambda: answers(200), "shoppers are let in again")
