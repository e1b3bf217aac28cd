"""`POST /sessions/check` beside single checks: what one token's answer costs, from what the process remembers."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figures import table, typical
from bench.stack import AUTHSVC, Server, serving, stores
from bench.storefront import Storefront
from bench.wrk import REPORT, Wrk

ROUNDS = 3
SECONDS = 2
CONNECTIONS = 32
TOKENS = (1, 10, 100, 1_000)
POST = Path(__file__).with_name("post.lua")


def main() -> None:
    with (
        stores() as kept,
        serving(AUTHSVC, kept.variables) as server,
        TemporaryDirectory(prefix="authsvc-bench-") as folder,
    ):
        shop = Storefront.of(server, kept)
        first = shop.sign_up("pat@mail.com")["accessToken"]
        tokens = [first]
        tokens += [
            shop.sign_in("pat@mail.com")["accessToken"] for _ in range(max(TOKENS) // 10 - 1)
        ]
        single = shop.check_headers(first)
        found = defaultdict[str, list[tuple[float, float, float]]](list)
        for turn in range(ROUNDS + 1):
            found["GET /session"].append(_load(server, "/session", single, None, 1))
            for number in TOKENS:
                file = Path(folder) / f"{number}.json"
                asked = [tokens[each % len(tokens)] for each in range(number)]
                file.write_text(json.dumps({"checks": [{"token": token} for token in asked]}))
                headers = {"x-vol-site": shop.headers["x-vol-site"]}
                found[f"{number} in a call"].append(
                    _load(server, "/sessions/check", headers, file, number)
                )
            if not turn:  # the first only warms up
                found.clear()
        alone = min(cost for cost, _, _ in found["GET /session"])
        rows = [
            [
                name,
                f"{median(rate for _, rate, _ in its):,.0f}",
                typical([cost for cost, _, _ in its], 2),
                f"{alone / min(cost for cost, _, _ in its):.1f}",
                f"{median(p99 for _, _, p99 in its):.1f}",
            ]
            for name, its in found.items()
        ]
    heads = ["", "tokens/s", "µs of processor time a token", "times cheaper", "p99 ms of a call"]
    print(table(heads, rows))


def _load(
    server: Server, path: str, headers: dict[str, str], body: Path | None, tokens: int
) -> tuple[float, float, float]:
    before = server.processes.seconds()
    load = Wrk(
        f"http://127.0.0.1:{server.port}{path}",
        headers,
        connections=CONNECTIONS,
        seconds=SECONDS,
        script=REPORT if body is None else POST,
        arguments=[] if body is None else [str(body)],
    ).found()
    used = server.processes.seconds() - before
    assert not load.failed, f"{path}: {load.failed} requests failed"
    answered = load.requests * tokens
    return used / answered * 1e6, answered / load.seconds, load.p99


if __name__ == "__main__":
    main()
