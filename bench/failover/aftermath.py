"""What is left after a fail-over: of bars in Valkey, of sign-ups in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from authsvc.embedded.valkey_cluster import ClusterServer
from authsvc.infra.token_places import TokenPlaces
from authsvc.infra.valkey import Servers
from authsvc.tokens import Audience, reference
from bench.failover.load import Load, Session
from bench.storefront import CUSTOMER

# Signing in costs a hash; the others are looked up.
SIGNED_IN_AGAIN = 40


@dataclass(frozen=True)
class Bars:
    """Where one primary keeps its bars, asked while it lives."""

    places: TokenPlaces
    its_tags: frozenset[bytes]

    @classmethod
    def of(cls, servers: Servers, port: int) -> Bars:
        """Learn what the primary on `port` holds, and its run."""
        places = TokenPlaces(servers, "authsvc")
        places.recognise()
        places.go_by_recognised()
        held = {tag: servers.holding(tag).pool.connection_kwargs["port"] for tag in servers.tags}
        return cls(places, frozenset(tag for tag, its_port in held.items() if its_port == port))

    def found(self, sessions: Sequence[Session], replica: ClusterServer) -> tuple[int, int]:
        """Return of how many of these sessions, of those it held, its replica has the bar, and of how many not."""
        has: list[bool] = []
        for session in sessions:
            token = reference(session.token, Audience.SHOPPER)
            assert token is not None
            if self.places.tag(token.digest) in self.its_tags:
                run = self.places.of(token.digest).run
                key = self.places.key(run, token.tenant_id, token.digest)
                has.append(replica.tell("GET", key) == "-")
        return has.count(True), has.count(False)


def lost_sign_ups(load: Load) -> list[str]:
    """Return who was told to be signed up and cannot be found, or cannot sign in, or whose session is gone."""
    lost = []
    shop = load.shop.another()
    for number, session in enumerate(load.sessions):
        path = f"{CUSTOMER}/accounts/{session.account_id}"
        shop.connection.request("GET", path, headers=dict(shop.headers))
        answer = shop.connection.getresponse()
        found = json.load(answer)
        if answer.status != 200 or found["emailAddress"] != session.username:
            lost.append(f"{session.username}: account")
        if number % max(1, len(load.sessions) // SIGNED_IN_AGAIN) == 0:
            status, _ = shop.try_to_sign_in(session.username)
            if status != 201:
                lost.append(f"{session.username}: sign-in {status}")
        shop.connection.request("GET", "/session", headers=shop.check_headers(session.token))
        checked = shop.connection.getresponse()
        checked.read()
        if not session.leaving and checked.status != 200:
            lost.append(f"{session.username}: session {checked.status}")
        if session.ended_at is not None and checked.status != 401:
            lost.append(f"{session.username}: signed out, and still {checked.status}")
    return lost
