"""docs/session_checks.md: nginx's `auth_request` before two sites of two sets, as it is written there."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.demos import free_port
from tests.merchants import Merchant

DOCUMENT = Path(__file__).parents[2] / "docs" / "session_checks.md"
SPORTS, PARTS = "sports.example.com", "parts.example.com"
READY_SECONDS = 10

Answer = tuple[int, dict[str, str], bytes]


class Shop(BaseHTTPRequestHandler):
    """A backend that answers with the headers it was sent."""

    def do_GET(self) -> None:
        """Answer."""
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


class Quiet(WSGIRequestHandler):
    """Writes no line per request."""

    def log_request(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture(name="port")
def _port(app: Flask, merchant: Merchant, tmp_path: Path) -> Iterator[int]:
    """Where nginx answers for the merchant's two sites, with the documented configuration."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "There is no nginx. On Debian: sudo apt-get install nginx-light"
    with ExitStack() as running:
        ports = []
        for server in (
            make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet),
            ThreadingHTTPServer(("127.0.0.1", 0), Shop),
        ):
            threading.Thread(target=server.serve_forever, daemon=True).start()
            running.callback(server.server_close)
            running.callback(server.shutdown)
            ports.append(server.server_address[1])
        port = free_port()
        documented = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
        assert documented
        text = documented[1]
        for written, meant in (
            ("127.0.0.1:8080", f"127.0.0.1:{ports[0]}"),
            ("127.0.0.1:9000", f"127.0.0.1:{ports[1]}"),
            ("listen 80;", f"listen 127.0.0.1:{port};"),
            (f"{SPORTS} 101;", f"{SPORTS} {merchant.site('Mystic Sports')};"),
            (f"{PARTS}  104;", f"{PARTS} {merchant.site('Mystic Parts')};"),
            ("x-vol-tenant 1001;", f"x-vol-tenant {merchant.tenant_id};"),
        ):
            assert written in text
            text = text.replace(written, meant)
        temporary = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {tmp_path}/pid; "
            f"error_log stderr; worker_processes 1; events {{}} "
            f"http {{ access_log off; {temporary}\n{text}}}"
        )
        nginx = subprocess.Popen([program, "-p", tmp_path, "-c", tmp_path / "nginx.conf"])
        running.callback(nginx.wait, READY_SECONDS)
        running.callback(nginx.terminate)
        _await(port, nginx)
        yield port


def _await(port: int, nginx: subprocess.Popen[bytes]) -> None:
    """Return when nginx takes connections."""
    for _ in range(READY_SECONDS * 50):
        assert nginx.poll() is None, "nginx ended"
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.02)
    pytest.fail("nginx did not begin to answer")


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
