"""What is measured: PostgreSQL and Valkey on one core, the production server on another, the demo's data."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.fernet import Fernet

from authsvc.demo.merchant import load_merchant
from authsvc.embedded.ports import free_port
from authsvc.embedded.servers import EmbeddedServers
from authsvc.migrations import upgrade
from authsvc.services import connect_services
from authsvc.settings import load_settings
from bench.processor_time import ProcessTree

AUTHSVC = (sys.executable, "-m", "authsvc", "serve")
READY_SECONDS = 30.0


def cores() -> tuple[int, int]:
    """Return the core for the server under test and the one for everything else."""
    available = sorted(os.sched_getaffinity(0) | _ALL_CORES)
    if len(available) < 2:
        raise SystemExit(
            "The benchmarks need two cores: one for the server, one for everything else."
        )
    return available[-1], available[0]


_ALL_CORES = os.sched_getaffinity(0)


@dataclass(frozen=True)
class Stores:
    """PostgreSQL and Valkey with the merchant in them."""

    variables: Mapping[str, str]
    merchant: Mapping[str, Any]
    postgres: ProcessTree
    valkey: ProcessTree


@dataclass(frozen=True)
class Server:
    """A running web server: its port and its processes."""

    port: int
    processes: ProcessTree
    workers: list[int] = field(default_factory=list)

    def connect(self) -> HTTPConnection:
        """Return a kept-alive connection to it."""
        return HTTPConnection("127.0.0.1", self.port, timeout=60)


@contextmanager
def stores() -> Iterator[Stores]:
    """Run both stores in a folder that is thrown away; they and this process stay off the server's core."""
    _, other_core = cores()
    os.sched_setaffinity(0, {other_core})
    with (
        TemporaryDirectory(prefix="authsvc-bench-") as folder,
        EmbeddedServers(Path(folder)) as both,
    ):
        variables = {
            "DATABASE_URL": both.database_url,
            "VALKEY_URL": both.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        }
        merchant = prepare(variables)
        yield Stores(
            variables, merchant, ProcessTree(both.postgres.pid), ProcessTree(both.valkey.pid)
        )


def prepare(variables: Mapping[str, str]) -> Mapping[str, Any]:
    """Make the tables and the demo's merchant in empty stores; returns what `demo.json` would tell."""
    services = connect_services(
        load_settings(
            database_url=variables["DATABASE_URL"],
            valkey_url=variables["VALKEY_URL"],
            encryption_keys=variables["AUTHSVC_ENCRYPTION_KEYS"],
        )
    )
    upgrade(services.database.engine)
    services.key_rotation.ensure_one()
    merchant = load_merchant(services, "http://bench.localhost", "bench.localhost")
    services.close()
    return merchant


@contextmanager
def serving(
    command: Sequence[str] = AUTHSVC,
    variables: Mapping[str, str] | None = None,
    ready_path: str = "/readyz",
    *,
    on_cores: Sequence[int] | None = None,
) -> Iterator[Server]:
    """Run a web server with one worker on its core until the block ends; `{port}` in `command` becomes its port."""
    port = free_port()
    pinned = ",".join(map(str, on_cores or cores()[:1]))
    process = subprocess.Popen(
        ["/usr/bin/taskset", "--cpu-list", pinned, *(part.format(port=port) for part in command)],
        env={
            **os.environ,
            "AUTHSVC_WORKERS": "1",
            **(variables or {}),
            "AUTHSVC_PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(f"http://127.0.0.1:{port}{ready_path}", process)
        tree = ProcessTree(process.pid)
        yield Server(port, tree, tree.pids()[1:])
    finally:
        process.terminate()
        process.wait(READY_SECONDS)


def await_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when `url` is answered with 200; ends the benchmark when `process` ends, or takes too long."""
    deadline = time.monotonic() + READY_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), opener.open(url, timeout=READY_SECONDS) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise SystemExit(f"{process.args!r} did not begin to answer")
