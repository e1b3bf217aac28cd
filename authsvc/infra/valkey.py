"""Valkey (or Redis): asked only while it answers, since nothing may wait for what is only speed.

A server that fails once is not asked again until the process's follower has heard from it, or `AWAY_SECONDS` have
passed: while it hangs, one request waits for it, not each. Every connection knows which run of the server it
reaches, so that a server that came back from a snapshot is never taken for the one that went.

Whoever asks says which key it is about and gets the server that holds it (`Servers`): always the same one here, one of
the primaries of a cluster in `infra/valkey_cluster.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from authsvc.infra.valkey_lines import LineBroken, ValkeyLines

# A store on the same network answers in well under a millisecond; a slower one is as good as absent.
TIMEOUT_SECONDS = 0.5
# One immediate retry replaces a pooled connection that a restarted server has closed; a server that is merely
# silent is not waited for twice.
RETRIES = 1
# How long a server that failed is left alone when no follower watches it; where one does, it looks more often.
AWAY_SECONDS = 2.0

# What a command raises when the server cannot be used just now, read-only and loading servers included.
ValkeyUnavailable = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)

Command = Sequence[bytes | str | int]
Pool = TypeVar("Pool", bound=redis.ConnectionPool)


class ValkeyAway(redis.ConnectionError):
    """The server failed a moment ago and is not asked."""


class _Pool(redis.ConnectionPool):
    """Connections to a server that is left alone for a while when one of them fails."""

    away_until = float("-inf")

    def get_connection(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  redis-py's own signature
        """Return a connection that is open; raises `ValkeyAway` at once while the server is left alone."""
        if monotonic() < self.away_until:
            raise ValkeyAway("the server failed a moment ago")
        return super().get_connection(*args, **options)

    def release(self, connection: Any) -> None:  # noqa: ANN401  redis-py's own signature
        """Take a connection back; one that comes back closed has failed."""
        if not connection.is_connected:
            self.away_until = monotonic() + AWAY_SECONDS
        super().release(connection)


class Servers(Protocol):
    """One server, or all primaries of a cluster."""

    @property
    def tags(self) -> Sequence[bytes]:
        """Return what keys begin with behind their common prefix, so that those of one tag are on one server."""

    def holding(self, key: bytes) -> Valkey:
        """Return the server that holds a key; raises one of `ValkeyUnavailable` while nobody knows which does."""

    def runs(self) -> Mapping[bytes, bytes]:
        """Ask every server for a sign of life; return the run that holds each tag, of those that answered.

        Raises one of `ValkeyUnavailable` when none did.
        """

    def look(self) -> object:
        """Raise one of `ValkeyUnavailable` when no server answers."""

    def close(self) -> None:
        """Close all connections."""


class Valkey:
    """The connections of one process to one server."""

    tags: Sequence[bytes] = (b"",)

    def __init__(self, url: str) -> None:
        """Prepare for `url` (`redis://`, `rediss://`, `valkey://` or `unix://`); it connects at first use.

        Raises `ValueError` for any other address.
        """
        address = url.replace("valkeys://", "rediss://").replace("valkey://", "redis://")
        self.pool = _new_pool(_Pool, address)
        self._probes = _new_pool(redis.ConnectionPool, address)
        self._lines = ValkeyLines(
            lambda: self.pool.connection_class(**self.pool.connection_kwargs), TIMEOUT_SECONDS
        )

    def ask(self, commands: Callable[[bytes], Sequence[Command]]) -> list[Any]:
        """Send the commands that `commands` makes for a run of the server to just that run; returns the replies.

        Raises one of `ValkeyUnavailable`.
        """
        connection: Any = self.pool.get_connection()
        try:
            return list(
                connection.retry.call_with_retry(
                    lambda: _exchange(connection, commands), lambda _: connection.disconnect()
                )
            )
        finally:
            self.pool.release(connection)

    def get(self, key: Callable[[bytes], bytes]) -> bytes | None:
        """Return what the key holds that `key` makes for a run of the server, in the quickest way there is.

        Raises one of `ValkeyUnavailable`.
        """
        if monotonic() < self.pool.away_until:
            raise ValkeyAway("the server failed a moment ago")
        try:
            return self._lines.get(key)
        except LineBroken:
            value: bytes | None = self.ask(lambda run: [("GET", key(run))])[0]
            return value
        except redis.TimeoutError:
            self.pool.away_until = monotonic() + AWAY_SECONDS
            raise

    def look(self) -> bytes:
        """Ask the server for a sign of life, left alone or not; returns its run.

        All others ask it again from here on, or not yet. Raises one of `ValkeyUnavailable`.
        """
        run, _ = self.probe(("PING",))
        return run

    def probe(self, command: Command) -> tuple[bytes, Any]:
        """Send one command, left alone or not; returns the run it reached and the reply. Goes on as `look` does."""
        try:
            connection: Any = self._probes.get_connection()
            try:
                (reply,) = _exchange(connection, lambda _: [command])
                run: bytes = connection.run_id
            finally:
                self._probes.release(connection)
        except ValkeyUnavailable:
            self.pool.away_until = monotonic() + AWAY_SECONDS
            raise
        self.pool.away_until = float("-inf")
        return run, reply

    def is_left_alone(self) -> bool:
        """Tell whether the server failed a moment ago and is not asked."""
        return monotonic() < self.pool.away_until

    def holding(self, _key: bytes) -> Valkey:
        """Return this server: it holds every key."""
        return self

    def runs(self) -> Mapping[bytes, bytes]:
        """Return the run that answers now, as `look` does."""
        return {self.tags[0]: self.look()}

    def close(self) -> None:
        """Close all connections."""
        self._lines.close()
        self.pool.disconnect()
        self._probes.disconnect()


def _new_pool(kind: type[Pool], address: str) -> Pool:
    return kind.from_url(
        address,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), RETRIES, (redis.ConnectionError,)),
        health_check_interval=0,
        protocol=2,
        redis_connect_func=_greet,
    )


def _greet(connection: Any) -> None:  # noqa: ANN401  redis-py's connections have no common type
    """Introduce a new connection, and learn which run of the server it reaches."""
    connection.on_connect()
    connection.send_command("INFO", "server", check_health=False)
    lines = connection.read_response().splitlines()
    connection.run_id = next(line for line in lines if line.startswith(b"run_id:"))[7:]


def _exchange(connection: Any, commands: Callable[[bytes], Sequence[Command]]) -> list[Any]:  # noqa: ANN401  as above
    if not connection.is_connected:
        connection.connect()
    sent = commands(connection.run_id)
    if not sent:
        return []
    connection.send_packed_command(connection.pack_commands(sent))
    replies: list[Any] = []
    refused: redis.ResponseError | None = None
    for _ in sent:
        try:
            replies.append(connection.read_response())
        except redis.ResponseError as refusal:
            # The replies behind it are read too, or the next user of the connection would get them.
            refused = refusal
    if refused is not None:
        raise refused
    return replies
