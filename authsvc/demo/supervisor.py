"""Runs the demo: servers, mailbox, data, web server, worker, until asked to stop; then puts them away in reverse."""

from __future__ import annotations

import json
import os
import secrets
import select
import socket
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from authsvc.demo.child_process import ChildProcess
from authsvc.demo.local_authority import ServerCertificate, server_certificate
from authsvc.demo.mailbox import Mailbox
from authsvc.demo.private_file import write_private
from authsvc.demo.stop_signals import StopRequested, stop_signals_held, stop_signals_raised
from authsvc.embedded.log_file import last_lines
from authsvc.embedded.ports import HOST, free_port
from authsvc.embedded.servers import EmbeddedServers
from authsvc.errors import Conflict, Unavailable

SERVE = (sys.executable, "-m", "authsvc", "serve")
WORK = (sys.executable, "-m", "authsvc", "worker")
HEALTH_PATH = "/healthz"
SENDER = "no-reply@mystic.example"
"""RFC 2606: a domain that nobody has."""
SECRET_BYTES = 32
"""256 random bits; in URL-safe Base64 this is also the form of a Fernet key."""


class PortTaken(Conflict):
    """Something listens on the demo's port already."""


class DemoFailed(Unavailable):
    """One of the demo's processes ended by itself."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What is known once the servers run: for whoever loads the data, and for the web server."""

    base_url: str
    port: int
    data_dir: Path
    database_url: str
    valkey_url: str
    secrets: Mapping[str, str]
    """Environment variable → secret, made at the first start on the data folder and kept there."""
    certificate: ServerCertificate | None
    mailbox: Mailbox
    """Where all that the demo mails comes to."""

    def variables(self) -> dict[str, str]:
        """Return the environment variables that `authsvc serve` reads its settings from."""
        variables = {
            "DATABASE_URL": self.database_url,
            "VALKEY_URL": self.valkey_url,
            "AUTHSVC_HOST": HOST,
            "AUTHSVC_PORT": str(self.port),
            "AUTHSVC_SMTP_URL": f"smtp://{HOST}:{self.mailbox.smtp_port}",
            "AUTHSVC_MAIL_FROM": SENDER,
            "AUTHSVC_SITE_ADDRESS": f"{self.base_url.partition(':')[0]}://{{host}}:{self.port}",
            **self.secrets,
        }
        if self.certificate is not None:
            variables["AUTHSVC_TLS_CERTIFICATE"] = str(self.certificate.certificate)
            variables["AUTHSVC_TLS_PRIVATE_KEY"] = str(self.certificate.private_key)
        return variables


def run_demo(
    *,
    port: int,
    data_dir: Path,
    prepare: Callable[[Demo], Mapping[str, object]],
    say: Callable[[str], None],
    secret_variables: Sequence[str] = (),
    tls_hosts: Sequence[str] | None = None,
    serve: Sequence[str] = SERVE,
    work: Sequence[str] | None = WORK,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run the demo until SIGINT, SIGTERM or SIGHUP, then stop everything and return. For the main thread.

    `port`: 0 takes a free one. `prepare` migrates and loads the data; what it returns becomes `demo.json` in
    `data_dir`. `say` shows one line of progress; the last one is `ready` and the base URL. `secret_variables`:
    environment variables to make a lasting secret for. `tls_hosts`: serve https for these hosts and this machine;
    None serves http. `serve`, `work` (None: no worker) and `variables`: the commands of web server and worker, and
    settings beside those of `Demo.variables`.

    Raises PortTaken and DataFolderInUse before anything runs; DataFolderUnusable, ServersNotInstalled, ServerFailed,
    WebServerFailed and DemoFailed with everything stopped.
    """
    with stop_signals_held(), ExitStack() as running:
        try:
            with stop_signals_raised():
                port = _usable(port)
                say("starting PostgreSQL and Valkey")
                servers = running.enter_context(EmbeddedServers(data_dir))
                mailbox = Mailbox()
                mailbox.start()
                running.callback(mailbox.stop)
                demo = _demo(servers, port, secret_variables, tls_hosts, mailbox)
                described = demo.data_dir / "demo.json"
                described.unlink(missing_ok=True)
                say("loading the demo merchant")
                write_private(described, json.dumps(prepare(demo), indent=2).encode())
                say(f"starting the web server; it logs to {demo.data_dir / 'server.log'}")
                settings = {**demo.variables(), **(variables or {})}
                web_server = ChildProcess(serve, settings, demo.data_dir / "server.log")
                running.callback(web_server.stop)
                watched = {"web server": (web_server.pid, web_server.log)}
                if work is not None:
                    worker = ChildProcess(work, settings, demo.data_dir / "worker.log")
                    running.callback(worker.stop)
                    watched["worker"] = (worker.pid, worker.log)
                trusted = demo.certificate.authority if demo.certificate else None
                web_server.await_answer(demo.base_url + HEALTH_PATH, trusted)
                say(f"ready {demo.base_url}")
                ended = _first_to_end(
                    watched
                    | {
                        "PostgreSQL": (servers.postgres.pid, servers.postgres.log),
                        "Valkey": (servers.valkey.pid, servers.valkey.log),
                    }
                )
                raise DemoFailed(ended)
        except StopRequested:
            say("stopping")


def _demo(
    servers: EmbeddedServers,
    port: int,
    secret_variables: Sequence[str],
    tls_hosts: Sequence[str] | None,
    mailbox: Mailbox,
) -> Demo:
    data_dir = servers.data_folder.path
    certificate = None
    if tls_hosts is not None:
        certificate = server_certificate(data_dir / "tls", tls_hosts, datetime.now(UTC))
    return Demo(
        base_url=f"{'http' if certificate is None else 'https'}://{HOST}:{port}",
        port=port,
        data_dir=data_dir,
        database_url=servers.database_url,
        valkey_url=servers.valkey_url,
        secrets=_kept_secrets(data_dir / "secrets.json", secret_variables),
        certificate=certificate,
        mailbox=mailbox,
    )


def _usable(port: int) -> int:
    """Return `port`, or a free one for 0. Raises PortTaken."""
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as refused:
            raise PortTaken(
                f"Port {port} of {HOST} cannot be used ({refused.strerror}):"
                " stop what listens there, or choose another with --port."
            ) from refused
    return port


def _kept_secrets(file: Path, names: Sequence[str]) -> dict[str, str]:
    """Return a secret for each name: the one of an earlier start, or a new one, which is kept."""
    kept: dict[str, str] = json.loads(file.read_bytes()) if file.exists() else {}
    missing = [name for name in names if name not in kept]
    if missing:
        kept |= {
            name: urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode() for name in missing
        }
        write_private(file, json.dumps(kept, indent=2).encode())
    return {name: kept[name] for name in names}


def _first_to_end(processes: Mapping[str, tuple[int, Path]]) -> str:
    """Wait until one of the processes (name → its id and log) ends, and return what to say about it."""
    with ExitStack() as handles:
        names = {}
        for name, (pid, _log) in processes.items():
            handle = os.pidfd_open(pid)
            handles.callback(os.close, handle)
            names[handle] = name
        ended, _, _ = select.select(list(names), [], [])
        name = names[ended[0]]
        return f"The {name} ended unexpectedly: {last_lines(processes[name][1])}"
