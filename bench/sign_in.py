"""What a sign-in and a sign-up cost beside the hash that they cannot do without, and how long they take."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median

from bench.bare_hash import HASH, VERIFY, bare_hash
from bench.figures import p99, table, typical
from bench.stack import Server, Stores, serving, stores
from bench.storefront import Storefront

ROUNDS = 12
PER_ROUND = 25
AT_ONCE = (1, 8)


def main() -> None:
    with stores() as kept, serving(variables=kept.variables) as server:
        names = (f"pat-{number}@mail.com" for number in count())
        shop = Storefront.of(server, kept)
        known = [next(names) for _ in range(PER_ROUND)]
        for name in known:
            shop.sign_up(name)
            shop.sign_in(name)
        print(_cost(shop, server, kept, known, names), end="\n\n")
        print(_latency(shop, known))


def _cost(
    shop: Storefront, server: Server, kept: Stores, known: list[str], names: Iterator[str]
) -> str:
    """Measure hash, sign-in, hash, sign-up, and again; return the table."""
    took: defaultdict[str, list[float]] = defaultdict(list)

    def measure(what: str, call: Callable[[str], object], usernames: list[str]) -> None:
        trees = {"server": server.processes, "PostgreSQL": kept.postgres, "Valkey": kept.valkey}
        before = {name: tree.seconds() for name, tree in trees.items()}
        for username in usernames:
            call(username)
        for name, tree in trees.items():
            took[f"{what} {name}"].append((tree.seconds() - before[name]) / len(usernames) * 1000)

    with bare_hash() as hashing, bare_hash(huge_pages=True) as hashing_in_huge_pages:
        for _ in range(ROUNDS):
            for what, act, call in (
                ("sign-in", VERIFY, shop.sign_in),
                ("sign-up", HASH, shop.sign_up),
            ):
                took[f"{what} hash"].append(hashing.seconds(act, PER_ROUND) * 1000)
                took[f"{what} in huge pages"].append(
                    hashing_in_huge_pages.seconds(act, PER_ROUND) * 1000
                )
                strangers = [next(names) for _ in range(PER_ROUND)]
                measure(what, call, known if what == "sign-in" else strangers)
    rows = []
    for what in ("sign-in", "sign-up"):
        served = took[f"{what} server"]
        row = [what]
        for hashes in (took[f"{what} hash"], took[f"{what} in huge pages"]):
            ratios = [cost / alone for cost, alone in zip(served, hashes, strict=True)]
            row += [typical(hashes), f"{median(ratios):.3f} ({min(served) / min(hashes):.3f})"]
        row += [typical(served), typical(took[f"{what} PostgreSQL"])]
        rows.append([*row, typical(took[f"{what} Valkey"], 3)])
    heads = ["ms of processor time", "hash alone", "server to it", "hash in huge pages"]
    return table([*heads, "server to it", "server", "PostgreSQL", "Valkey"], rows)


def _latency(shop: Storefront, known: list[str]) -> str:
    rows = []
    for at_once in AT_ONCE:
        # Many at once at one account would be taken for guessing.
        own = [known[number:] + known[:number] for number in range(at_once)]
        with ThreadPoolExecutor(at_once) as pool:
            begun = time.perf_counter()
            waits = sorted(
                wait
                for waits in pool.map(_timed, [shop.another() for _ in range(at_once)], own)
                for wait in waits
            )
            per_second = len(waits) / (time.perf_counter() - begun)
        rows.append(
            [str(at_once), f"{median(waits):.1f}", f"{p99(waits):.1f}", f"{per_second:.1f}"]
        )
    return table(["sign-ins at once", "p50 ms", "p99 ms", "per second"], rows)


def _timed(shop: Storefront, known: list[str]) -> list[float]:
    waits = []
    for name in known * 2:
        begun = time.perf_counter()
        shop.sign_in(name)
        waits.append((time.perf_counter() - begun) * 1000)
    return waits


if __name__ == "__main__":
    main()
