"""A Valkey (or Redis) Cluster: each of its primaries is a server of its own, and every key has exactly one of them.

What must be touched together has one tag, and a tag has one slot of the cluster's 16,384 (Valkey's cluster
specification, "Hash tags"). There are `TAGS` tags, spread evenly over the slots: a cluster of as many primaries still
has work for each. Which primary holds which slots is asked at every look of the follower, four times a second, so a
primary that was replaced, or gave slots away, is found by the next look; what is asked of the wrong one meanwhile is
refused by it, and PostgreSQL answers.

How many tags there are never changes: two releases that disagree would look for the same bar in different places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from authsvc.infra.valkey import Servers, Valkey, ValkeyAway, ValkeyUnavailable
from authsvc.store_addresses import cluster_server, cluster_servers, is_cluster

# Divisible by 2, 3, 4, 6, 8, 12, 16, 24 and 48, so that clusters of so many primaries have the same share each.
TAGS = 48
# A map of the slots that may be wrong is asked for again after this, where no follower does so more often anyway.
MAP_SECONDS = 1.0

log = structlog.get_logger(__name__)


def connect_valkey(url: str) -> Servers:
    """Prepare for one server, or for a cluster where the scheme of `url` ends in `+cluster`; connects at first use.

    Raises `ValueError` for an address that is neither.
    """
    return ValkeyCluster(url) if is_cluster(urlsplit(url)) else Valkey(url)


class ValkeyCluster:
    """The connections of one process to the primaries of one cluster."""

    def __init__(self, url: str) -> None:
        """Prepare for `redis+cluster://user:password@host:port,host:port`, naming some of its servers."""
        self.tags: Sequence[bytes] = _even_tags(TAGS)
        self._url = urlsplit(url)
        self._named = cluster_servers(self._url)
        self._servers: dict[tuple[str, int], Valkey] = {}
        self._map: list[Valkey | None] = []
        self._map_until = float("-inf")
        self._lock = Lock()

    def holding(self, key: bytes) -> Valkey:
        """Return the primary that holds a key as far as is known; raises one of `ValkeyUnavailable`."""
        # Others go on by the map there is while one asks for a new one.
        if monotonic() >= self._map_until and self._lock.acquire(blocking=not self._map):
            try:
                self._renew_map()
            finally:
                self._lock.release()
        server = self._map[key_slot(key)]
        if server is None:
            raise ValkeyAway("nobody holds the slot")
        return server

    def runs(self) -> Mapping[bytes, bytes]:
        """Learn who holds what now, ask each for a sign of life, and return the run that holds each tag."""
        with self._lock:
            self._learn_map()
        runs: dict[Valkey, bytes] = {}
        failure: Exception = ValkeyAway("nobody holds any slot")
        for server in {each for each in self._map if each is not None}:
            if server.is_left_alone():
                # One that hangs must not hold up what is asked of the others.
                continue
            try:
                runs[server] = server.look()
            except ValkeyUnavailable as silent:
                failure = silent
                log.warning("valkey_primary_away", error=type(silent).__name__)
        if not runs:
            raise failure
        held = {tag: self._map[key_slot(tag)] for tag in self.tags}
        return {tag: runs[server] for tag, server in held.items() if server in runs}

    def look(self) -> object:
        """Raise one of `ValkeyUnavailable` when no primary answers."""
        return self.runs()

    def close(self) -> None:
        """Close all connections."""
        for server in self._servers.values():
            server.close()

    def _renew_map(self) -> None:
        """Ask for a new map, unless somebody just has; where nobody tells one, the old one stays for another while."""
        if monotonic() < self._map_until:
            return
        try:
            self._learn_map()
        except ValkeyUnavailable:
            if not self._map:
                raise
            self._map_until = monotonic() + MAP_SECONDS

    def _learn_map(self) -> None:
        """Ask the servers one after the other, until one tells who holds what; raises the last one's refusal."""
        failure: Exception = ValkeyAway("no server is known")
        known = {address: self._server(address) for address in [*self._servers, *self._named]}
        # A server that hangs costs a time-out: whoever answered last is asked before it.
        for address, server in sorted(known.items(), key=lambda each: each[1].is_left_alone()):
            try:
                _, slots = server.probe(("CLUSTER", "SLOTS"))
            except ValkeyUnavailable as silent:
                failure = silent
                continue
            self._map = self._mapped(slots, address)
            self._map_until = monotonic() + MAP_SECONDS
            return
        raise failure

    def _mapped(self, slots: list[Any], asked: tuple[str, int]) -> list[Valkey | None]:
        found: list[Valkey | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        known = {}
        for first, last, (host, port, *_), *_replicas in slots:
            # A server that was not told its own name leaves it to whoever has reached it.
            address = (host.decode() if host else asked[0], port)
            known[address] = server = self._server(address)
            found[first : last + 1] = [server] * (last + 1 - first)
        # Who holds slots is asked first from now on; a primary that has died stays, for it may come back as a replica.
        self._servers = known | self._servers
        return found

    def _server(self, address: tuple[str, int]) -> Valkey:
        server = self._servers.get(address)
        if server is None:
            server = self._servers[address] = Valkey(cluster_server(self._url, *address))
        return server


def _even_tags(count: int) -> tuple[bytes, ...]:
    """Return tags whose slots lie in as many equal parts of the cluster's slots, one in each, in their order."""
    found: dict[int, bytes] = {}
    number = 0
    while len(found) < count:
        tag = b"{%d}" % number
        found.setdefault(key_slot(tag) * count // REDIS_CLUSTER_HASH_SLOTS, tag)
        number += 1
    return tuple(found[part] for part in sorted(found))
