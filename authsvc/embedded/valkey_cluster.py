"""A Valkey Cluster on this machine's loopback, with a password: for tests and measurements of what a cluster does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import redis

from authsvc.embedded.data_folder import POLL_SECONDS, DataFolder
from authsvc.embedded.ports import HOST, free_ports
from authsvc.embedded.server import READY_SECONDS, ServerFailed
from authsvc.embedded.valkey import EmbeddedValkey

SLOTS = 16_384
# How long a server is silent before the others replace it; Valkey's own 15 s are for networks that have worse pauses.
NODE_TIMEOUT_SECONDS = 2.0


class ClusterServer(EmbeddedValkey):
    """One server of a cluster, on `<data folder>/valkey`, with ports that stay the same."""

    def __init__(self, data_folder: DataFolder, password: str, node_timeout: float) -> None:
        super().__init__(data_folder)
        self.port, self.bus_port = free_ports(2)
        self._password = password
        self._settings = {
            "port": str(self.port),
            "bind": HOST,
            "requirepass": password,
            "primaryauth": password,
            "cluster-enabled": "yes",
            "cluster-port": str(self.bus_port),
            "cluster-node-timeout": str(int(node_timeout * 1000)),
        }

    def command(self) -> Sequence[str | Path]:
        """Return the server's command line."""
        options = (part for name, value in self._settings.items() for part in (f"--{name}", value))
        return [*super().command(), *options]

    def answers(self) -> bool:
        """Say whether the server answers a PING: not yet while it loads its file."""
        try:
            return bool(self.tell("PING"))
        except redis.RedisError:
            return False

    def role(self) -> str:
        """Return `master` of a primary, `slave` of a replica, as Valkey still says."""
        found: dict[str, str] = self.tell("INFO", "replication")
        return found["role"]

    def tell(self, *command: str | bytes | int) -> Any:  # noqa: ANN401  as many types as commands
        """Send one command; returns the reply. Raises redis-py's errors."""
        with redis.Redis(port=self.port, password=self._password, decode_responses=True) as client:
            return client.execute_command(*command)

    def sees(self, servers: int) -> bool:
        """Say whether it knows of so many servers, and of one for each slot."""
        words: str = self.tell("CLUSTER", "INFO")
        return {"cluster_state:ok", f"cluster_known_nodes:{servers}"} <= set(words.split())

    def follows(self) -> bool:
        """Say whether it is a replica that has all its primary's data."""
        found: dict[str, Any] = self.tell("INFO", "replication")
        return found.get("master_link_status") == "up"


class EmbeddedCluster:
    """Primaries with an equal share of the slots each, and as many replicas for each, from `__enter__` to `__exit__`.

    Servers can be killed and started again one by one. `primaries` are those that it was begun with; a replica that
    took over stays in `replicas`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        primaries: int = 3,
        replicas_each: int = 0,
        node_timeout: float = NODE_TIMEOUT_SECONDS,
    ) -> None:
        self._password = secrets.token_urlsafe(32)
        count = primaries * (1 + replicas_each)
        self._folders = [DataFolder(folder / f"valkey-{number}") for number in range(count)]
        servers = [ClusterServer(each, self._password, node_timeout) for each in self._folders]
        self.primaries, self.replicas = servers[:primaries], servers[primaries:]
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """The address that `VALKEY_URL` takes, which names every server."""
        servers = ",".join(f"{HOST}:{each.port}" for each in [*self.primaries, *self.replicas])
        return f"redis+cluster://:{self._password}@{servers}"

    def __enter__(self) -> EmbeddedCluster:
        """Start all side by side, and return when all slots are served and every replica follows its primary."""
        servers = [*self.primaries, *self.replicas]
        with ExitStack() as starting:
            for folder, server in zip(self._folders, servers, strict=True):
                starting.enter_context(folder)
                starting.callback(server.stop)
                server.launch()
            for server in servers:
                server.await_ready()
            self._introduce()
            self._running = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all."""
        self._running.close()

    def _introduce(self) -> None:
        servers = [*self.primaries, *self.replicas]
        share = len(self.primaries)
        for number, server in enumerate(self.primaries):
            first, last = SLOTS * number // share, SLOTS * (number + 1) // share - 1
            server.tell("CLUSTER", "ADDSLOTSRANGE", first, last)
        for number, server in enumerate(servers):
            server.tell("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            for other in servers[:number]:
                server.tell("CLUSTER", "MEET", HOST, other.port, other.bus_port)
        await_that(lambda: all(each.sees(len(servers)) for each in servers), "all know each other")
        for number, replica in enumerate(self.replicas):
            primary = self.primaries[number % share].tell("CLUSTER", "MYID")
            replica.tell("CLUSTER", "REPLICATE", primary)
        await_that(lambda: all(each.follows() for each in self.replicas), "all replicas follow")


def await_that(condition: Callable[[], bool], what: str) -> None:
    """Return when `condition` holds; raises ServerFailed when it does not within `READY_SECONDS`."""
    deadline = time.monotonic() + READY_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise ServerFailed(f"Not within {READY_SECONDS:.0f} s: {what}.")
        time.sleep(POLL_SECONDS)
