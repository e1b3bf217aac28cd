"""My Account read from what a process remembers, beside the least that Flask answers on the same server."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.figures import table, typical
from bench.stack import AUTHSVC, Server, serving, stores
from bench.storefront import CUSTOMER, Storefront
from bench.wrk import Wrk

ROUNDS = 5
SECONDS = 2
CONNECTIONS = 32
# As `authsvc serve` has them.
THREADS = 96
CONTACTS = 4
FLOOR = "plain Flask, constant JSON"
GOAL = 1.5
PATH = f"{CUSTOMER}/accounts/current/my-account"
FLASK = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--no-log"),
    *("--blocking-threads", str(THREADS), "bench.flask_json:application"),
)


@dataclass(frozen=True)
class Target:
    """A server and what is asked of it."""

    server: Server
    path: str
    headers: Mapping[str, str]


def main() -> None:
    with ExitStack() as running:
        kept = running.enter_context(stores())
        server = running.enter_context(serving(AUTHSVC, kept.variables))
        shop = Storefront.of(server, kept)
        ticket = shop.sign_up("pat@mail.com")
        _furnish(shop, ticket["customerAccount"]["id"])
        headers = shop.check_headers(ticket["accessToken"])
        etag, size = _first(shop, headers)
        variables = {"BENCH_BODY_BYTES": str(size)}
        flask = running.enter_context(serving(FLASK, variables, ready_path="/"))
        targets = {
            FLOOR: Target(flask, "/", {}),
            "My Account": Target(server, PATH, headers),
            "My Account, 304": Target(server, PATH, headers | {"If-None-Match": etag}),
        }
        print(f"My Account of {size:,} bytes.\n")
        print(_compare(targets))


def _furnish(shop: Storefront, account_id: int) -> None:
    """Give an account what a shopper has: addresses, a card."""
    account = f"{CUSTOMER}/accounts/{account_id}"
    for number in range(CONTACTS):
        contact = {"email": f"pat{number}@mail.com", "address": {"address1": "1 Main Street"}}
        assert shop.post(f"{account}/contacts", contact)[0] == 201
    assert shop.post(f"{account}/cards", {"id": "token", "cardNumberPart": "1111"})[0] == 201


def _first(shop: Storefront, headers: Mapping[str, str]) -> tuple[str, int]:
    """Read My Account once; return its ETag and how many bytes it has."""
    shop.connection.request("GET", PATH, headers=dict(headers))
    answer = shop.connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    assert len(json.loads(body)["customerAccount"]["contacts"]) == CONTACTS
    return answer.headers["ETag"], len(body)


def _compare(targets: Mapping[str, Target]) -> str:
    """Load one after the other, and again; return the table."""
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for turn in range(ROUNDS + 1):
        for name, target in targets.items():
            before = target.server.processes.seconds()
            url = f"http://127.0.0.1:{target.server.port}{target.path}"
            load = Wrk(url, target.headers, connections=CONNECTIONS, seconds=SECONDS).found()
            used = target.server.processes.seconds() - before
            assert not load.failed, f"{name}: {load.failed} requests failed"
            if turn:  # the first only warms up
                its = found[name]
                its["rate"].append(load.requests / load.seconds)
                its["cost"].append(used / load.requests * 1e6)
                its["p99"].append(load.p99)
    floor = median(found[FLOOR]["cost"])
    rows = [
        [
            name,
            f"{median(its['rate']):,.0f} ({min(its['rate']):,.0f}-{max(its['rate']):,.0f})",
            typical(its["cost"], 1),
            f"{median(its['cost']) / floor:.2f}",
            f"{median(its['p99']):.2f}",
        ]
        for name, its in found.items()
    ]
    heads = ["", "requests/s, median (range)", "µs of processor time a request"]
    return table([*heads, f"of the floor (goal {GOAL})", "p99 ms"], rows)


if __name__ == "__main__":
    main()
