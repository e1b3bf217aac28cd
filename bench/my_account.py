"""My Account read from what a process remembers, beside the least that Flask answers on the same server."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figures import table, typical
from bench.stack import AUTHSVC, Server, Stores, serving, stores
from bench.storefront import CUSTOMER, Storefront
from bench.wrk import REPORT, Wrk

ROUNDS = 7
SECONDS = 2
CONNECTIONS = 32
# As `authsvc serve` has them.
THREADS = 96
SHOPPERS = 100
CONTACTS = 4
FLOOR = "plain Flask, constant JSON"
GOAL = 1.5
PATH = f"{CUSTOMER}/accounts/current/my-account"
SHOPPERS_SCRIPT = Path(__file__).with_name("shoppers.lua")
FLASK = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--no-log"),
    *("--blocking-threads", str(THREADS), "bench.flask_json:application"),
)


@dataclass(frozen=True)
class Target:
    """A server and what is asked of it; `shoppers`: a file of those who ask, as `shoppers.lua` reads it."""

    server: Server
    stores: Stores
    path: str
    headers: Mapping[str, str]
    shoppers: Path | None = None


@dataclass(frozen=True)
class Shopper:
    """Who reads, and by what their answer is known."""

    token: str
    etag: str
    size: int


def main() -> None:
    with ExitStack() as running:
        kept = running.enter_context(stores())
        folder = Path(running.enter_context(TemporaryDirectory(prefix="authsvc-bench-")))
        server = running.enter_context(serving(AUTHSVC, kept.variables))
        shop = Storefront.of(server, kept)
        shoppers = [_shopper(shop, number) for number in range(SHOPPERS)]
        every = _written(folder / "every", [(each.token, "-") for each in shoppers])
        knowing = _written(folder / "knowing", [(each.token, each.etag) for each in shoppers])
        one = _written(folder / "one", [(shoppers[0].token, "-")])
        size = round(median(each.size for each in shoppers))
        flask = running.enter_context(
            serving(FLASK, {"BENCH_BODY_BYTES": str(size)}, ready_path="/")
        )
        place = {name: shop.headers[name] for name in ("x-vol-tenant", "x-vol-site")}
        by_storefront = place | {"Authorization": shop.headers["Authorization"]}
        session = shop.check_headers(shoppers[0].token)
        targets = {
            FLOOR: Target(flask, kept, "/", {}),
            f"My Account, {SHOPPERS} shoppers": Target(server, kept, PATH, place, every),
            "the same, 304": Target(server, kept, PATH, place, knowing),
            "the same, by a storefront's server": Target(server, kept, PATH, by_storefront, every),
            "My Account, one shopper": Target(server, kept, PATH, place, one),
            "GET /session": Target(server, kept, "/session", session),
        }
        print(f"My Account of {size:,} bytes.\n")
        print(_compare(targets))


def _shopper(shop: Storefront, number: int) -> Shopper:
    """Sign a shopper up who has what a shopper has, addresses and a card; read their My Account once."""
    ticket = shop.sign_up(f"pat{number}@mail.com")
    account = f"{CUSTOMER}/accounts/{ticket['customerAccount']['id']}"
    for place in range(CONTACTS):
        contact = {"email": f"pat{place}@mail.com", "address": {"address1": "1 Main Street"}}
        assert shop.post(f"{account}/contacts", contact)[0] == 201
    assert shop.post(f"{account}/cards", {"id": "token", "cardNumberPart": "1111"})[0] == 201
    token = ticket["accessToken"]
    shop.connection.request("GET", PATH, headers=shop.check_headers(token))
    answer = shop.connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    assert len(json.loads(body)["customerAccount"]["contacts"]) == CONTACTS
    return Shopper(token, answer.headers["ETag"], len(body))


def _written(file: Path, shoppers: Sequence[tuple[str, str]]) -> Path:
    file.write_text("".join(f"{token} {etag}\n" for token, etag in shoppers))
    return file


def _compare(targets: Mapping[str, Target]) -> str:
    """Load one after the other, and again; return the table."""
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for turn in range(ROUNDS + 1):
        for name, target in targets.items():
            before = target.server.processes.seconds(), target.stores.postgres.seconds()
            load = Wrk(
                f"http://127.0.0.1:{target.server.port}{target.path}",
                target.headers,
                connections=CONNECTIONS,
                seconds=SECONDS,
                script=REPORT if target.shoppers is None else SHOPPERS_SCRIPT,
                arguments=[] if target.shoppers is None else [str(target.shoppers)],
            ).found()
            used = target.server.processes.seconds() - before[0]
            asked = target.stores.postgres.seconds() - before[1]
            assert not load.failed, f"{name}: {load.failed} requests failed"
            if turn:  # the first only warms up
                its = found[name]
                its["rate"].append(load.requests / load.seconds)
                its["cost"].append(used / load.requests * 1e6)
                its["postgres"].append(asked / load.requests * 1e6)
                its["p50"].append(load.p50)
                its["p99"].append(load.p99)
    # Of each round by itself: a machine that is busy for a while is so for both.
    ratios = {
        name: [mine / floor for mine, floor in zip(its["cost"], found[FLOOR]["cost"], strict=True)]
        for name, its in found.items()
    }
    rows = [
        [
            name,
            f"{median(its['rate']):,.0f} ({min(its['rate']):,.0f}-{max(its['rate']):,.0f})",
            typical(its["cost"], 1),
            f"{median(ratios[name]):.2f} ({min(its['cost']) / min(found[FLOOR]['cost']):.2f})",
            f"{median(its['postgres']):.0f}",
            f"{median(its['p50']):.1f}",
            f"{median(its['p99']):.1f}",
        ]
        for name, its in found.items()
    ]
    heads = ["", "requests/s, median (range)", "µs of processor time a request"]
    heads += [f"of the floor (goal {GOAL})", "µs of PostgreSQL", "p50 ms", "p99 ms"]
    return table(heads, rows)


if __name__ == "__main__":
    main()
