"""docs/storefront.md: a storefront's host behind nginx with https, as it is written there."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import pytest

from authsvc.app import create_app
from authsvc.demo.local_authority import server_certificate
from authsvc.embedded.ports import free_port
from authsvc.regrouping.sites import SiteChange
from authsvc.services import Services
from tests.merchants import PASSWORD, Merchant
from tests.nginx_server import READY_SECONDS, nginx_before

DOCUMENT = Path(__file__).parents[2] / "docs" / "storefront.md"
HOST = "sports.example.com"
COOKIE = "__Host-authsvc-session"


@dataclass(frozen=True)
class Front:
    """A site's host behind nginx; `get` and `post` ask as browsers do."""

    host: str
    port: int
    trust: ssl.SSLContext

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Open a page."""
        return self._ask("GET", path, "", headers)

    def post(self, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Send a form from the host's own page."""
        headers = {
            "Origin": f"https://{self.host}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self._ask("POST", path, urlencode(fields), headers)

    def _ask(
        self, method: str, path: str, body: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPSConnection(
            "127.0.0.1", self.port, timeout=READY_SECONDS, context=self.trust
        )
        connection.request(method, path, body, {"Host": self.host, **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content


@pytest.fixture(name="front")
def _front(services: Services, merchant: Merchant, tmp_path: Path) -> Iterator[Front]:
    host, port = f"sports.{uuid4().hex[:8]}.example", free_port()
    change = SiteChange(None, [host])
    services.sites.change(merchant.caller(), merchant.site("Mystic Sports"), change)
    files = server_certificate(tmp_path / "tls", [host], datetime.now(UTC))
    behind_one = services.settings.model_copy(update={"trusted_proxies": 1})
    app = create_app(replace(services, settings=behind_one))
    changes = {
        HOST: host,
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/sports.pem": str(files.certificate),
        "/etc/ssl/sports.key": str(files.private_key),
    }
    with nginx_before(app, DOCUMENT, changes, port, tmp_path):
        yield Front(host, port, ssl.create_default_context(cafile=str(files.authority)))


def test_the_documented_configuration_signs_in_on_the_storefronts_own_host(
    front: Front, merchant: Merchant
) -> None:
    account = merchant.sign_up("stacy@mail.com", "Mystic Kids").account
    assert account is not None
    # Who makes headers up is nobody, and is asked to sign in where somebody is wanted.
    forged = {"X-Shopper": "1", "X-Acting": "staff:me", "X-Forwarded-Host": "evil.example"}
    status, _, body = front.get("/shoes", **forged)
    assert status == 200
    assert not {"x-shopper", "x-acting"} & json.loads(body).keys()
    assert json.loads(body)["x-forwarded-host"] == front.host
    status, headers, _ = front.get("/account/wishes?page=2", **forged)
    assert (status, urlsplit(headers["Location"]).path) == (303, "/login")

    status, _, body = front.get("/login?asked=1")
    assert (status, b"Mystic Sports" in body) == (200, True)
    status, headers, _ = front.post(
        "/login", username="stacy@mail.com", password=PASSWORD, return_to="/account/wishes"
    )
    assert status == 303
    assert headers["Location"] == f"https://{front.host}/account/wishes"
    cookie, *said = headers["Set-Cookie"].split("; ")
    assert cookie.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(said)

    status, _, body = front.get("/account/wishes", Cookie=cookie, **forged)
    shown = json.loads(body)
    assert (status, shown["x-shopper"]) == (200, str(account.id))
    # Nobody acts for her, whatever her browser says.
    assert "x-acting" not in shown
    assert b"stacy@mail.com" in front.get("/my-account", Cookie=cookie)[2]
    # What only nginx may ask is nobody else's.
    assert front.get("/_whose", Cookie=cookie)[0] == 404


def test_a_shopper_of_another_set_is_not_let_in_by_naming_their_own_site(
    front: Front, merchant: Merchant
) -> None:
    """Rule 13, where the browser says which site it is, and shows a ticket besides."""
    ticket = merchant.sign_up("parts@mail.com", "Mystic Parts")
    own = {
        "Authorization": f"Bearer {ticket.tokens.access_token}",
        "x-vol-user-claims": ticket.tokens.access_token,
        "x-vol-site": str(merchant.site("Mystic Parts")),
        "x-vol-tenant": str(merchant.tenant_id),
    }
    assert merchant.client.get("/session", headers=own).status_code == 200
    assert front.get("/account/wishes", **own)[0] == 303
    assert front.get("/session", **own)[0] == 401
