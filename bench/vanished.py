"""For how long checks lack trust in copies when PostgreSQL's machine vanishes without a word.

`python -m bench.vanished [TIMES]`, as root: PostgreSQL is reached through a network namespace, whose address is taken
away, so that packets to it are lost and nobody refuses or closes anything.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from random import uniform
from urllib.parse import parse_qs, urlsplit

from authsvc.infra.follower import LOOK_EVERY_SECONDS
from authsvc.services import Services, connect_services, start_follower
from authsvc.settings import load_settings
from bench.stack import Stores, stores

# RFC 5737 keeps these addresses for examples: no real machine is in the way.
HERE, THERE, BITS = "198.51.100.1", "198.51.100.2", "30"
NAMESPACE, LINK, OTHER_END = "authsvc-van", "authsvc-van0", "authsvc-van1"
PORT = 5432
AWAY_SECONDS = 20.0
TICK_SECONDS = 0.005
# In the namespace: hands each connection on to PostgreSQL's socket, which is a file and so the same everywhere.
RELAY = """
import socket, sys, threading
def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    finally:
        sink.close()
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
while True:
    near, _ = listening.accept()
    far = socket.socket(socket.AF_UNIX)
    far.connect(sys.argv[3])
    for ends in ((near, far), (far, near)):
        threading.Thread(target=pump, args=ends, daemon=True).start()
"""


def main() -> None:
    if os.geteuid() != 0:
        raise SystemExit(
            "A network namespace takes root: run it as root, on a machine of your own."
        )
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with stores() as kept, _namespace(), _relay(kept), closing(_connected(kept)) as services:
        follower = start_follower(services)
        for _ in range(times):
            _reach()
            # At any moment between two looks.
            time.sleep(2 + uniform(0, LOOK_EVERY_SECONDS))  # noqa: S311  a moment
            assert services.invalidation.trusted()
            _ip(f"-n {NAMESPACE} addr del {THERE}/{BITS} dev {OTHER_END}")
            gaps = _gaps(services)
            print(
                f"Away for {AWAY_SECONDS:g} s; without trust:",
                ", ".join(f"{lasted:.2f} s from {at:.2f} s on" for at, lasted in gaps) or "never",
                flush=True,
            )
        _reach()
        follower.stop()


def _gaps(services: Services) -> list[tuple[float, float]]:
    """Return when trust was missed, seconds from now, and for how long."""
    began = time.monotonic()
    gaps: list[tuple[float, float]] = []
    lost_at: float | None = None
    while (now := time.monotonic() - began) < AWAY_SECONDS:
        trusted = services.invalidation.trusted()
        if not trusted and lost_at is None:
            lost_at = now
        if trusted and lost_at is not None:
            gaps.append((lost_at, now - lost_at))
            lost_at = None
        time.sleep(TICK_SECONDS)
    return gaps if lost_at is None else [*gaps, (lost_at, AWAY_SECONDS - lost_at)]


def _reach() -> None:
    _ip(f"-n {NAMESPACE} addr replace {THERE}/{BITS} dev {OTHER_END}")


def _connected(kept: Stores) -> Services:
    parts = urlsplit(kept.variables["DATABASE_URL"])
    user, _, _ = parts.netloc.rpartition("@")
    return connect_services(
        load_settings(
            database_url=f"{parts.scheme}://{user}@{THERE}:{PORT}{parts.path}",
            valkey_url=kept.variables["VALKEY_URL"],
            encryption_keys=kept.variables["AUTHSVC_ENCRYPTION_KEYS"],
        )
    )


@contextmanager
def _namespace() -> Iterator[None]:
    _ip(f"netns add {NAMESPACE}")
    try:
        _ip(f"link add {LINK} type veth peer name {OTHER_END} netns {NAMESPACE}")
        _ip(f"addr add {HERE}/{BITS} dev {LINK}")
        _ip(f"link set {LINK} up")
        _ip(f"-n {NAMESPACE} link set {OTHER_END} up")
        _reach()
        yield
    finally:
        _ip(f"netns del {NAMESPACE}")


@contextmanager
def _relay(kept: Stores) -> Iterator[None]:
    where = parse_qs(urlsplit(kept.variables["DATABASE_URL"]).query)
    socket_file = f"{where['host'][0]}/.s.PGSQL.{where['port'][0]}"
    command = ["ip", "netns", "exec", NAMESPACE, sys.executable, "-c", RELAY]
    with subprocess.Popen(
        [*command, THERE, str(PORT), socket_file], stdout=subprocess.PIPE, text=True
    ) as relay:
        try:
            assert relay.stdout is not None
            assert relay.stdout.readline()
            yield
        finally:
            relay.kill()


def _ip(arguments: str) -> None:
    subprocess.run(["ip", *arguments.split()], check=True)  # noqa: S607  wherever the machine has it


if __name__ == "__main__":
    main()
