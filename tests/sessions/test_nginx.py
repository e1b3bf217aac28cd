"""docs/session_checks.md: nginx's `auth_request` before two sites of two sets, as it is written there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.demos import free_port
from tests.merchants import Merchant
from tests.nginx_server import READY_SECONDS, nginx_before

DOCUMENT = Path(__file__).parents[2] / "docs" / "session_checks.md"
SPORTS, PARTS = "sports.example.com", "parts.example.com"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(name="port")
def _port(app: Flask, merchant: Merchant, tmp_path: Path) -> Iterator[int]:
    """Where nginx answers for the merchant's two sites, with the documented configuration."""
    port = free_port()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        f"{SPORTS} 101;": f"{SPORTS} {merchant.site('Mystic Sports')};",
        f"{PARTS}  104;": f"{PARTS} {merchant.site('Mystic Parts')};",
        "x-vol-tenant 1001;": f"x-vol-tenant {merchant.tenant_id};",
    }
    with nginx_before(app, DOCUMENT, changes, port, tmp_path):
        yield port


def get(port: int, host: str, path: str, token: str | None = None, **headers: str) -> Answer:
    """Ask nginx as a browser does."""
    sent = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    connection = HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
    connection.request("GET", path, headers=sent)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def said_of_shopper(body: bytes) -> dict[str, str]:
    return {name: value for name, value in json.loads(body).items() if name.startswith("x-auth")}


def test_the_documented_configuration_lets_in_and_keeps_out(port: int, merchant: Merchant) -> None:
    ticket = merchant.sign_up("stacy@mail.com", "Mystic Kids")
    assert ticket.account is not None
    token = ticket.tokens.access_token
    forged = {"X_Auth_User": "somebody", "X_Auth_Account": "1", "X_Auth_Customer_Set": "b2b"}
    forged |= {"X_Auth_Act": "staff:forged"}
    forged |= {"x_vol_site": str(merchant.site("Mystic Parts"))}

    status, _, body = get(port, SPORTS, "/my-orders", token, **forged)
    assert status == 200
    shown = said_of_shopper(body)
    assert shown.pop("x-auth-as-of")
    assert shown.pop("x-auth-signed-in-at")
    assert shown.pop("x-auth-expires-at")
    assert shown == {
        "x-auth-user": ticket.user_id,
        "x-auth-account": str(ticket.account.id),
        "x-auth-customer-set": "b2c",
        "x-auth-site": str(merchant.site("Mystic Sports")),
        "x-auth-tenant": str(merchant.tenant_id),
        "x-auth-methods": "new_account",
    }

    # Of an anonymous shopper there is no account: the one that the browser made up does not pass in its place.
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Kids"))
    _, _, body = get(port, SPORTS, "/my-orders", anonymous.tokens.access_token, **forged)
    assert "x-auth-account" not in said_of_shopper(body)

    # Where nobody is checked, nobody is named.
    status, _, body = get(port, SPORTS, "/", token, **forged)
    assert (status, said_of_shopper(body)) == (200, {})

    # A site of another set, no token, and a token that has ended: to the sign-in.
    merchant.services.sessions.sign_out(merchant.caller(), anonymous.tokens.session_id)
    ended = anonymous.tokens.access_token
    for host, shows in ((PARTS, token), (SPORTS, None), (SPORTS, ended)):
        status, headers, _ = get(port, host, "/my-orders?page=2", shows, **forged)
        assert status == 302
        assert urlsplit(headers["Location"]).path == "/login"
    assert get(port, SPORTS, "/_session", token)[0] == 404
