"""A merchant's old system: an HTTPS server that says whether a password is the one an opaque string was made of."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from authsvc.demo.local_authority import server_certificate
from authsvc.password_verifiers.rules import SIGNATURE_HEADER, TIMESTAMP_HEADER, signature


@dataclass
class OldShop:
    """What it was asked, and how it answers: `answer` makes status, headers and body of a question."""

    url: str
    authorities: str
    secret: bytes = b""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]] = field(
        default=lambda asked: (200, {}, verdict(is_right(asked)))
    )


def is_right(asked: dict[str, Any]) -> bool:
    """Compare as the old shop did: the string is the password backwards."""
    return bool(asked["externalPassword"] == "v9:" + asked["password"][::-1])


def verdict(is_valid: bool) -> bytes:
    """Write an answer."""
    return json.dumps({"isValid": is_valid}).encode()


@contextmanager
def old_shop(folder: Path, host: str = "localhost") -> Iterator[OldShop]:
    """Serve on a port of its own; questions without a good signature are answered 403."""
    certificate = server_certificate(folder, [host], datetime.now(UTC))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            expected = signature(shop.secret, self.headers[TIMESTAMP_HEADER], body)
            if self.headers[SIGNATURE_HEADER] != expected:
                self.send_error(403)
                return
            shop.asked.append(json.loads(body))
            status, headers, said = shop.answer(shop.asked[-1])
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[ssl.SSLSocket, Any]:
            plain, address = self.socket.accept()
            # Shaken hands with in the request's own thread, which lets go of who does not.
            tls = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            return tls, address

        def handle_error(self, *_: object) -> None:
            """Say nothing of whoever went away."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.private_key)
    server = Server(("127.0.0.1", 0), Handler)
    shop = OldShop(
        f"https://localhost:{server.server_port}/verify", certificate.authority.read_text()
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
