"""HAProxy (Debian's package of that name) in front of several instances."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from authsvc.embedded.ports import free_port
from bench.stack import await_answer

CONFIGURATION = """
global
    maxconn 1000
defaults
    mode http
    timeout connect 1s
    timeout client 60s
    timeout server 60s
    # An instance that cannot be reached is passed over; what one has begun is not begun again elsewhere.
    retries 2
    option redispatch
frontend all
    bind 127.0.0.1:{port}
    default_backend instances
backend instances
    balance roundrobin
    # Whether the process lives; /readyz would take every instance away while a store fails over.
    option httpchk GET /healthz
    default-server check inter 500ms fall 2 rise 1
{servers}
"""


@contextmanager
def balanced(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run HAProxy in front of instances on `ports` until the block ends; gives its own port."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin")
    if program is None:
        raise SystemExit("This benchmark needs HAProxy: apt-get install haproxy")
    port = free_port()
    servers = "\n".join(
        f"    server instance{number} 127.0.0.1:{each}" for number, each in enumerate(ports)
    )
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(port=port, servers=servers))
    process = subprocess.Popen([program, "-db", "-q", "-f", str(file)])
    try:
        await_answer(f"http://127.0.0.1:{port}/healthz", process)
        yield port
    finally:
        process.terminate()
        process.wait()
