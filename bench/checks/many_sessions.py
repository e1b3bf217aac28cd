"""What a check costs among a thousand live sessions and among five million, and what a session takes in Valkey."""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack, closing

import redis

from bench.checks.compare import Found, Target, compare
from bench.checks.live_sessions import TOKENS, LiveSessions
from bench.figures import table, typical
from bench.servers import GRANIAN, HELLO
from bench.stack import AUTHSVC, Stores, serving, stores

SIZES = (1_000, 100_000, 1_000_000, 5_000_000)
# Sessions that come again and again, and so are remembered.
KNOWN = 1_000
THREADS = "96"
NOWHERE = "redis://127.0.0.1:1/0"
ROUNDS, SECONDS, WARM_UP_SECONDS = 3, 2.0, 1.0
FLOOR, MEMORY, VALKEY, POSTGRES = "constant", "memory", "Valkey", "PostgreSQL alone"
HEADS = (
    *("live sessions", "µs a check: constant answer", "from memory", "from Valkey"),
    *("from PostgreSQL alone", "bytes a session in Valkey", "seconds to write them"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.checks.many_sessions")
    parser.add_argument("--most", type=int, default=SIZES[-1])
    most = parser.parse_args().most
    with ExitStack() as running:
        kept = running.enter_context(stores())
        live = running.enter_context(closing(LiveSessions(kept)))
        valkey = running.enter_context(closing(redis.Redis.from_url(kept.variables["VALKEY_URL"])))
        targets = _targets(running, kept, live)
        empty = int(valkey.info("memory")["used_memory"])
        rows = []
        for size in SIZES:
            if size > most:
                break
            began = time.perf_counter()
            live.grow(size)
            took = time.perf_counter() - began
            each = (int(valkey.info("memory")["used_memory"]) - empty) / size
            found = compare(
                targets,
                ROUNDS,
                SECONDS,
                WARM_UP_SECONDS,
                lambda: int(valkey.info("stats")["keyspace_hits"]),
            )
            _prove(found)
            costs = [typical(found[name].costs, 1) for name in targets]
            rows.append([f"{size:,}", *costs, f"{each:,.0f}", f"{took:.0f}"])
            print("\\n".join(table(HEADS, rows).splitlines()[-1:]), flush=True)
    print()
    print(table(HEADS, rows))


def _targets(running: ExitStack, kept: Stores, live: LiveSessions) -> dict[str, Target]:
    command = (*GRANIAN, "--blocking-threads", THREADS, HELLO)
    floor = running.enter_context(serving(command, ready_path="/"))
    ours = running.enter_context(serving(AUTHSVC, kept.variables))
    forgetful = running.enter_context(
        serving(AUTHSVC, {**kept.variables, "AUTHSVC_REMEMBERED_SESSIONS": "0"})
    )
    alone = running.enter_context(
        serving(AUTHSVC, {**kept.variables, "VALKEY_URL": NOWHERE}, ready_path="/healthz")
    )

    def all_of_them(turn: int) -> list[str]:
        return live.in_turn(turn * live.count // (ROUNDS + 1))

    def known(_turn: int) -> list[str]:
        return live.in_turn(among=KNOWN)

    return {
        FLOOR: Target(floor, "/", {}),
        MEMORY: Target(ours, "/session", live.headers, TOKENS, known),
        VALKEY: Target(forgetful, "/session", live.headers, TOKENS, all_of_them),
        POSTGRES: Target(alone, "/session", live.headers, TOKENS, all_of_them),
    }


def _prove(found: dict[str, Found]) -> None:
    """See that each was answered from where it says."""
    assert max(found[FLOOR].reads + found[POSTGRES].reads) < 0.01
    assert max(found[MEMORY].reads) < 0.1, found[MEMORY].reads
    assert min(found[VALKEY].reads) > 0.99, found[VALKEY].reads


if __name__ == "__main__":
    main()
