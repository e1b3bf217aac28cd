"""Valkey's copies of what PostgreSQL says about tokens: read often, believed briefly, never the record.

A copy lives `RECORD_SECONDS` from the moment PostgreSQL was *asked*, not from when it was written here, and is
written only where nothing stands: a process that was stopped between asking and writing can bring back nothing
that has been barred meanwhile (design §4). Each copy names the run of the server it was given to: a server that
comes back from a snapshot, or a replica that takes over, may have lost a bar, so its older copies count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import redis
import structlog

from authsvc.infra.valkey import ValkeyUnavailable
from authsvc.tokens import TokenReference

# The hard maximum age of a copy: no lost message matters for longer (design §4).
RECORD_SECONDS = 60
# A bar outlives every copy that may have been read before it was raised, with room for clocks that differ.
BAR_SECONDS = RECORD_SECONDS + 30

_BARRED = b"-"

log = structlog.get_logger(__name__)


class TokenRecords:
    """Copies of token records in Valkey, by tenant and digest; values are bytes the caller understands."""

    def __init__(self, client: redis.Redis, prefix: str = "authsvc") -> None:
        """Keep copies under `prefix` in the server behind `client`."""
        self._client = client
        self._prefix = prefix
        self._run = b""

    def get(self, token: TokenReference) -> bytes | None:
        """Return the copy; None when there is none, it is barred, or Valkey does not answer: ask PostgreSQL."""
        try:
            value: bytes | None = self._client.get(self._key(token.tenant_id, token.digest))  # type: ignore[assignment]  # str only if asked to decode
        except ValkeyUnavailable as failure:
            log.warning("valkey_read_failed", error=type(failure).__name__)
            return None
        if value is None or not self._run or not value.startswith(self._run):
            return None
        return value[len(self._run) :]

    def put(self, token: TokenReference, record: bytes, asked_at: datetime) -> None:
        """Keep what PostgreSQL answered to a question put at `asked_at`; without Valkey, keep nothing."""
        if not self._run:
            return
        dies_at = asked_at + timedelta(seconds=RECORD_SECONDS)
        try:
            self._client.set(
                self._key(token.tenant_id, token.digest), self._run + record, nx=True, pxat=dies_at
            )
        except ValkeyUnavailable as failure:
            log.warning("valkey_write_failed", error=type(failure).__name__)

    def bar(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Let nobody use or make a copy of these tokens until every older answer has died.

        Raises one of `ValkeyUnavailable` when that cannot be promised.
        """
        pipeline = self._client.pipeline(transaction=False)
        for digest in digests:
            pipeline.set(self._key(tenant_id, digest), _BARRED, ex=BAR_SECONDS)
        pipeline.execute()

    def recognise_server(self) -> None:
        """Learn which run of the server answers; copies given to another run are not believed from here on.

        Raises one of `ValkeyUnavailable` when none answers.
        """
        self._run = str(self._client.info("server")["run_id"]).encode()

    def _key(self, tenant_id: int, digest: bytes) -> bytes:
        return b"%s:token:%d:%s" % (self._prefix.encode(), tenant_id, digest.hex().encode())
