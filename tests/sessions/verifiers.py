"""Services that verify tickets alone, each with a library's own rules for how long it keeps the published keys."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Protocol
from urllib.request import urlopen

import jwt
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.clock import HeldClock
from tests.vendor_clients.node_packages import (
    HERE,
    find_node,
    install_packages,
    node_environment,
)

ALGORITHMS = ["ES256"]
ISSUER = "authsvc"


class Verifier(Protocol):
    """Tells whose a token is; None where it refuses."""

    def __call__(self, token: str, audience: str) -> str | None:
        """Verify a token."""


class WithPyJwt:
    """PyJWT, as it comes."""

    def __init__(self, address: str, clock: HeldClock, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let PyJWT keep keys by the held clock."""
        held = SimpleNamespace(monotonic=clock.ticks)
        for module in ("jwks_client", "jwk_set_cache", "api_jwk"):
            monkeypatch.setattr(f"jwt.{module}.time", held)
        self._clock = clock
        self._keys = jwt.PyJWKClient(address)

    def __call__(self, token: str, audience: str) -> str | None:
        """Verify a token."""
        try:
            return _decoded(
                token, self._keys.get_signing_key_from_jwt(token), audience, self._clock
            )
        except jwt.PyJWTError:
            return None


class Seldom:
    """Fetches the keys every so often, and never because a token names one that it has not."""

    def __init__(self, address: str, clock: HeldClock, every: timedelta) -> None:
        """Keep the keys for `every`."""
        self._address, self._clock, self._every = address, clock, every
        self._fetched_at: datetime | None = None
        self._keys = jwt.PyJWKSet([{"kty": "oct", "k": "none"}])

    def __call__(self, token: str, audience: str) -> str | None:
        """Verify a token."""
        now = self._clock.now()
        if self._fetched_at is None or now >= self._fetched_at + self._every:
            with urlopen(self._address) as answer:
                self._keys = jwt.PyJWKSet.from_dict(json.load(answer))
            self._fetched_at = now
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            return _decoded(token, key, audience, self._clock)
        except (jwt.PyJWTError, KeyError):
            return None


class WithJose:
    """jose on Node, as it comes."""

    def __init__(self, process: subprocess.Popen[str], clock: HeldClock) -> None:
        """Ask a running verifier."""
        self._process, self._clock = process, clock

    def __call__(self, token: str, audience: str) -> str | None:
        """Verify a token."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        now = int(self._clock.now().timestamp() * 1000)
        asked = {"now": now, "token": token, "audience": audience}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        said: dict[str, str | None] = json.loads(self._process.stdout.readline())
        return said["sub"]


@contextmanager
def jose(address: str, clock: HeldClock) -> Iterator[WithJose]:
    """Run jose's verifier on Node."""
    node = find_node()
    install_packages(node)
    with subprocess.Popen(
        [node.program, HERE / "verifiers" / "jose.mjs", address],
        env=node_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield WithJose(process, clock)
        assert process.stdin is not None
        process.stdin.close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def serving(application: Any) -> Iterator[str]:  # noqa: ANN401  a WSGI application of whatever kind
    """Serve a WSGI application on a port of this machine; gives its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _decoded(token: str, key: jwt.PyJWK, audience: str, clock: HeldClock) -> str | None:
    # PyJWT takes the time from the machine; so it is compared here, by the held clock.
    claims = jwt.decode(
        token,
        key,
        algorithms=ALGORITHMS,
        audience=audience,
        issuer=ISSUER,
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    now = clock.now().timestamp()
    return str(claims["sub"]) if claims["nbf"] <= now < claims["exp"] else None
