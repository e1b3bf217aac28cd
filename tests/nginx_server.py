"""nginx with a documented configuration, before an application of ours and a shop that answers what it was sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

READY_SECONDS = 10


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


@contextmanager
def nginx_before(
    app: Flask, document: Path, changes: Mapping[str, str], port: int, folder: Path
) -> Iterator[None]:
    """Run the configuration that stands in `document`, until the block ends.

    `changes`: what is written there → what is meant here. The application is meant by 127.0.0.1:8080, the shop by
    127.0.0.1:9000.
    """
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
        documented = re.search(r"```nginx\n(.*?)```", document.read_text(), re.DOTALL)
        assert documented
        text = documented[1]
        upstreams = {"127.0.0.1:8080": ports[0], "127.0.0.1:9000": ports[1]}
        meant = {written: f"127.0.0.1:{each}" for written, each in upstreams.items()} | dict(
            changes
        )
        for written, instead in meant.items():
            assert written in text
            text = text.replace(written, instead)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {folder}/pid; "
            f"error_log stderr; worker_processes 1; events {{}} "
            f"http {{ access_log off; {temporary}\n{text}}}"
        )
        nginx = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"])
        running.callback(nginx.wait, READY_SECONDS)
        running.callback(nginx.terminate)
        _await(port, nginx)
        yield


def _await(port: int, nginx: subprocess.Popen[bytes]) -> None:
    """Return when nginx takes connections."""
    for _ in range(READY_SECONDS * 50):
        assert nginx.poll() is None, "nginx ended"
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.02)
    pytest.fail("nginx did not begin to answer")
