"""Session checks a second on one core: ours, the floor and the rivals, in one run (`python -m bench.checks --help`).

The server under test has one core, the load generator and the stores share the other; 32 kept-alive connections. Ours
is asked by three ways: one session again and again, which the process remembers (also by a worker with few threads); a
million sessions in turn, of which it can remember a tenth, so that Valkey answers; and the same with no Valkey there.
Rivals check one session again and again. `--sessions`, `--rounds` and `--seconds` change that; names (or parts of them)
choose rivals, `none` none.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from statistics import median

import redis

from authsvc.settings import Settings
from bench.checks.compare import Found, Target, compare, printed
from bench.checks.live_sessions import TOKENS, LiveSessions
from bench.checks.rivals.catalogue import RIVALS
from bench.servers import GRANIAN, HELLO
from bench.stack import AUTHSVC, Stores, serving, stores

FLOOR = "the bare server's constant answer"
MEMORY, VALKEY, POSTGRES = "ours, from memory", "ours, from Valkey", "ours, from PostgreSQL alone"
CHECKS_ONLY = "ours, from memory, by a worker for checks (8 threads)"
# As docs/scaling.md sets workers that serve checks and hardly a sign-in.
FOR_CHECKS = {"AUTHSVC_THREADS": "8", "AUTHSVC_HASHING_QUEUE": "2"}
NOWHERE = "redis://127.0.0.1:1/0"
# On one core; the default says "as many workers as cores", and one is what `serving` starts.
THREADS = Settings.model_fields["threads"].default
# Of the sessions that Valkey has, each turn begins where no other has been.
PARTS = 16


def main() -> None:
    asked = _arguments()
    with ExitStack() as running:
        kept = running.enter_context(stores())
        live = running.enter_context(closing(LiveSessions(kept)))
        live.grow(asked.sessions)
        targets = _ours(running, kept, live)
        targets |= _rivals(running, kept, asked.rivals)
        valkey = running.enter_context(closing(redis.Redis.from_url(kept.variables["VALKEY_URL"])))
        found = compare(
            targets,
            asked.rounds,
            asked.seconds,
            asked.warm_up,
            lambda: int(valkey.info("stats")["keyspace_hits"]),
        )
    print(printed(found))
    print()
    for line in _goals(found):
        print(line)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.checks", description=__doc__)
    parser.add_argument("rivals", nargs="*", help=f"of {', '.join(RIVALS)}; or none")
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--warm-up", type=float, default=2)
    parser.add_argument("--quick", action="store_true", help="a look: three rounds of a second")
    asked = parser.parse_args()
    if asked.quick:
        asked.sessions, asked.seconds, asked.warm_up = 400_000, 1, 1
    return asked


def _ours(running: ExitStack, kept: Stores, live: LiveSessions) -> dict[str, Target]:
    command = (*GRANIAN, "--blocking-threads", str(THREADS), HELLO)
    floor = running.enter_context(serving(command, ready_path="/"))
    ours = running.enter_context(serving(AUTHSVC, kept.variables))
    alone = running.enter_context(
        serving(AUTHSVC, {**kept.variables, "VALKEY_URL": NOWHERE}, ready_path="/healthz")
    )
    for_checks = running.enter_context(serving(AUTHSVC, {**kept.variables, **FOR_CHECKS}))
    one = {"Authorization": f"Bearer {live.token(1)}", **live.headers}

    def part(turn: int) -> list[str]:
        return live.in_turn(live.count * turn // PARTS)

    return {
        FLOOR: Target(floor, "/", {}),
        MEMORY: Target(ours, "/session", one),
        CHECKS_ONLY: Target(for_checks, "/session", one),
        VALKEY: Target(ours, "/session", live.headers, TOKENS, part),
        POSTGRES: Target(alone, "/session", live.headers, TOKENS, part),
    }


def _rivals(running: ExitStack, kept: Stores, names: Sequence[str]) -> dict[str, Target]:
    targets = {}
    for name, rival in RIVALS.items():
        if names and not any(each.lower() in name.lower() for each in names):
            continue
        at = rival.install()
        variables = rival.variables(kept)
        rival.prepare_stores(at, variables)
        server = running.enter_context(serving(rival.start(at), variables, ready_path="/"))
        targets[name] = Target(server, rival.path, rival.sign_in(server))
    return targets


def _goals(found: Mapping[str, Found]) -> list[str]:
    """Compare with what issue 5 asks for."""
    floor, memory, valkey, postgres = (
        found[name].rate for name in (FLOOR, MEMORY, VALKEY, POSTGRES)
    )
    lines = [
        f"From memory: {memory / floor:.2f} of the constant answer (goal 0.60), "
        f"p99 {median(found[MEMORY].p99):.2f} ms, by a worker for checks "
        f"{median(found[CHECKS_ONLY].p99):.2f} ms (goal 3)"
    ]
    rivals = {name: found[name].rate for name in RIVALS if name in found}
    if rivals:
        best = max(rivals, key=rivals.__getitem__)
        lines += [
            f"From memory: {memory / rivals[best]:.1f} times the best rival, {best} (goal 8)",
            f"From Valkey: {valkey / rivals[best]:.1f} times the best rival (goal 4)",
        ]
    of_python = [rate for name, rate in rivals.items() if RIVALS[name].is_python]
    if of_python:
        ahead = postgres / max(of_python)
        lines.append(f"From PostgreSQL alone: {ahead:.1f} times the best in Python (goal: ahead)")
    return lines


if __name__ == "__main__":
    main()
