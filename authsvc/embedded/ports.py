"""Ports for servers that are told on the command line where to listen, some time after a port was chosen for them."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

HOST = "127.0.0.1"
CHOICE = 12_000
"""How many ports below those of connections going out are chosen from: enough that two who choose seldom meet."""
LOWEST = 1024
"""Ports below are the superuser's."""
_OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 on which nothing listens, and which no connection going out takes by chance.

    The kernel's own choice (port 0) is from the ports that it gives to connections as well: between the choice and
    the server's start somebody's connection may take it.
    """
    first_outgoing = int(_OUTGOING.read_text().split()[0])
    below = range(max(LOWEST, first_outgoing - CHOICE), first_outgoing)
    found: list[int] = []
    with ExitStack() as held:
        # Where connections may have every port, there is nothing better than the kernel's choice.
        for port in (*random.sample(below, len(below)), *[0] * count):
            if len(found) == count:
                break
            probe = held.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind((HOST, port))
                found.append(probe.getsockname()[1])
    return found


def free_port() -> int:
    """Return one such port."""
    (port,) = free_ports(1)
    return port
