"""Granian and gunicorn, with few and many threads: a constant answer, and the session check as it is served today."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from bench.figures import table, typical
from bench.stack import AUTHSVC, Server, serving, stores
from bench.storefront import Storefront
from bench.wrk import Wrk

ROUNDS = 5
SECONDS = 2
CONNECTIONS = 32
THREADS = (1, 4, 32, 96)
GUNICORN_THREADS = 32

GRANIAN = (sys.executable, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "--no-log")
GUNICORN = (
    *(sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:{port}"),
    *("--worker-class", "gthread", "--threads", str(GUNICORN_THREADS)),
)
HELLO = "bench.hello:application"


@dataclass(frozen=True)
class Target:
    """A server and what is asked of it."""

    server: Server
    path: str
    headers: Mapping[str, str]


def main() -> None:
    with ExitStack() as running:
        kept = running.enter_context(stores())
        targets: dict[str, Target] = {}
        for threads in THREADS:
            command = (*GRANIAN, "--blocking-threads", str(threads), HELLO)
            server = running.enter_context(serving(command, ready_path="/"))
            targets[f"constant, Granian, {threads} threads"] = Target(server, "/", {})
        server = running.enter_context(serving((*GUNICORN, HELLO), ready_path="/"))
        targets[f"constant, gunicorn, {GUNICORN_THREADS} threads"] = Target(server, "/", {})
        checked: dict[str, Server] = {}
        for threads in THREADS[1:]:
            variables = {**kept.variables, "AUTHSVC_THREADS": str(threads)}
            checked[f"GET /session, Granian, {threads} threads"] = running.enter_context(
                serving(AUTHSVC, variables)
            )
        checked[f"GET /session, gunicorn, {GUNICORN_THREADS} threads"] = running.enter_context(
            serving((*GUNICORN, "authsvc.wsgi:worker()"), kept.variables)
        )
        shop = Storefront.of(next(iter(checked.values())), kept)
        headers = shop.check_headers(shop.sign_up("pat@mail.com")["accessToken"])
        targets |= {name: Target(server, "/session", headers) for name, server in checked.items()}
        print(_compare(targets))


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
                its["p50"].append(load.p50)
                its["p99"].append(load.p99)
    floor = min(found[f"constant, Granian, {THREADS[0]} threads"]["cost"])
    rows = [
        [
            name,
            f"{median(its['rate']):,.0f} ({min(its['rate']):,.0f}-{max(its['rate']):,.0f})",
            typical(its["cost"], 1),
            f"{min(its['cost']) / floor:.1f}",
            f"{median(its['p50']):.2f}",
            f"{median(its['p99']):.2f}",
            f"{targets[name].server.processes.resident_mib():.0f}",
        ]
        for name, its in found.items()
    ]
    heads = ["", "requests/s, median (range)", "µs of processor time a request", "of the floor"]
    return table([*heads, "p50 ms", "p99 ms", "MiB"], rows)


if __name__ == "__main__":
    main()
