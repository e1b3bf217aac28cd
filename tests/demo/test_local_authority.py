"""The certificates of the demo hold before the strictest clients, and the authority outlives a start."""

import os
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from authsvc.demo.local_authority import (
    AUTHORITY_LIFE,
    ServerCertificate,
    server_certificate,
)
from authsvc.demo.private_file import write_private

NOW = datetime.now(UTC)
HOSTS = ["kids.mystic.example", "*.mystic.example", "localhost", "10.0.0.7"]


# The names are told to TLS only; nothing is looked up.
GET_BY_NAME = """
const [port, ...names] = process.argv.slice(1);
for (const servername of names) {
  const options = {host: "127.0.0.1", port, servername, headers: {host: servername}};
  const refused = (error) => console.log(/certificate/.test(error.message) ? "refused" : error);
  require("https").get(options, (answer) => answer.on("data", (body) => console.log(`${body}`))).on("error", refused);
}
"""


class Hello(BaseHTTPRequestHandler):
    """Greets."""

    def do_GET(self) -> None:
        """Greet."""
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def https_server(made: ServerCertificate) -> Iterator[int]:
    """Serve https with the certificate and yield the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made.certificate, made.private_key)
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def handshake(made: ServerCertificate, host: str) -> None:
    """Shake hands in memory with a client that checks as strictly as OpenSSL can."""
    client_context = ssl.create_default_context(cafile=made.authority)
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(made.certificate, made.private_key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "::1", "10.0.0.7", "kids.mystic.example", "sports.mystic.example"],
)
def test_the_strictest_openssl_client_accepts_each_host(tmp_path: Path, host: str) -> None:
    handshake(server_certificate(tmp_path, HOSTS, NOW), host)


@pytest.mark.parametrize(
    "host", ["mystic.example", "a.b.mystic.example", "127.0.0.2", "elsewhere.example"]
)
def test_no_other_host_is_vouched_for(tmp_path: Path, host: str) -> None:
    made = server_certificate(tmp_path, HOSTS, NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made, host)


@pytest.mark.parametrize(("trusting", "expected"), [(True, "hello"), (False, "refused")])
def test_node_accepts_it_when_told_to_trust_the_authority(
    tmp_path: Path, trusting: bool, expected: str
) -> None:
    made = server_certificate(tmp_path, HOSTS, NOW)
    node = Path(sys.executable).with_name("node")
    environment = {
        **os.environ,
        **({"NODE_EXTRA_CA_CERTS": str(made.authority)} if trusting else {}),
    }
    with https_server(made) as port:
        said = subprocess.run(
            [node, "-e", GET_BY_NAME, str(port), "localhost", "127.0.0.1", "sports.mystic.example"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
    assert said.split() == [expected] * 3


def test_the_authority_is_kept_between_starts_and_the_server_certificate_is_new(
    tmp_path: Path,
) -> None:
    first = server_certificate(tmp_path, HOSTS, NOW)
    authority, certificate = first.authority.read_bytes(), first.certificate.read_bytes()
    second = server_certificate(tmp_path, ["new.example"], NOW + timedelta(days=30))
    assert second.authority.read_bytes() == authority
    assert second.certificate.read_bytes() != certificate


def test_an_authority_near_its_end_or_half_written_is_made_anew(tmp_path: Path) -> None:
    made = server_certificate(tmp_path, HOSTS, NOW - AUTHORITY_LIFE + timedelta(days=1))
    old = made.authority.read_bytes()
    server_certificate(tmp_path, HOSTS, NOW)
    new = made.authority.read_bytes()
    assert new != old
    made.authority.write_bytes(old)  # the key belongs to the new one
    handshake(server_certificate(tmp_path, HOSTS, NOW), "localhost")
    (tmp_path / "ca.key").write_bytes(b"")
    handshake(server_certificate(tmp_path, HOSTS, NOW), "localhost")


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    made = server_certificate(tmp_path / "tls", HOSTS, NOW)
    for file in (made.private_key, tmp_path / "tls" / "ca.key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_private_file_that_cannot_be_put_in_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_private(tmp_path / "folder", b"content")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
