"""A demo with a web server of a few lines, for tests that end it in every way; a real `authsvc serve` is not needed.

`example_demo.py PORT FOLDER [MODE]` runs the demo; MODE is `tls`, `hang` (never done preparing), `silent` (a web server
that ends at once) or `web` (the web server itself, started by the demo).
"""

import os
import signal
import ssl
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg

from authsvc.demo.supervisor import Demo, run_demo
from authsvc.errors import AuthsvcError


def say(line: str) -> None:
    """Print a line that the test reads."""
    print(line, flush=True)  # noqa: T201 - the test reads it


def prepare(demo: Demo) -> Mapping[str, object]:
    """Make a table to write to."""
    if sys.argv[3:] == ["hang"]:
        say("hanging")
        signal.pause()
    with psycopg.connect(demo.database_url.replace("+psycopg", "")) as database:
        database.execute("CREATE TABLE IF NOT EXISTS events (text text)")
    return {
        "baseUrl": demo.base_url,
        "authority": demo.certificate and str(demo.certificate.authority),
    }


class Answer(BaseHTTPRequestHandler):
    """Answers every GET with the secret that the demo gave."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["AUTHSVC_ENCRYPTION_KEYS"].encode())


def serve() -> None:
    """Answer until SIGTERM, then write a last event, as a request under way would."""
    server = ThreadingHTTPServer(
        (os.environ["AUTHSVC_HOST"], int(os.environ["AUTHSVC_PORT"])), Answer
    )
    if "AUTHSVC_TLS_CERTIFICATE" in os.environ:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(
            os.environ["AUTHSVC_TLS_CERTIFICATE"], os.environ["AUTHSVC_TLS_PRIVATE_KEY"]
        )
        server.socket = context.wrap_socket(server.socket, server_side=True)

    def stop(*_: object) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as database:
            database.execute("INSERT INTO events VALUES ('last request answered')")
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever()


def main() -> None:
    """Run the demo, or its web server."""
    port, folder, *mode = sys.argv[1:]
    if mode == ["web"]:
        serve()
    web_server = [sys.executable, __file__, port, folder, "web"]
    try:
        run_demo(
            port=int(port),
            data_dir=Path(folder),
            prepare=prepare,
            say=say,
            secret_variables=["AUTHSVC_ENCRYPTION_KEYS"],
            tls_hosts=["shop.example"] if mode == ["tls"] else None,
            serve=[sys.executable, "-c", "print('no luck')"] if mode == ["silent"] else web_server,
            work=None,
        )
    except AuthsvcError as refused:
        sys.exit(refused.message)


if __name__ == "__main__":
    main()
