"""Valkey (or Redis): a client that fails fast, since nothing may wait for what is only speed."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# A store on the same network answers in well under a millisecond; a slower one is as good as absent.
TIMEOUT_SECONDS = 0.5
# One immediate retry replaces a pooled connection that a restarted server has closed.
RETRIES = 1

# What a command raises when the server cannot be used just now, read-only and loading servers included.
ValkeyUnavailable = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)


def connect(url: str) -> redis.Redis:
    """Return a client for `url` (`redis://`, `rediss://`, `valkey://` or `unix://`); it connects at first use."""
    return redis.Redis.from_url(
        url.replace("valkeys://", "rediss://").replace("valkey://", "redis://"),
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), RETRIES),
        health_check_interval=0,
    )
