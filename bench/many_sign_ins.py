"""Sixty-four sign-ins at once: memory, how many hash, who waits or is sent away, and what session checks feel of it.

On two cores: as many workers, the stores and the callers share them with the server.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from statistics import median

from authsvc.credentials.hashing import NICENESS
from bench.figures import p99, table
from bench.processor_time import forget_peak, peak_mib
from bench.stack import Server, Stores, cores, serving, stores
from bench.steady_checks import EVERY_SECONDS, SteadyChecks
from bench.storefront import Storefront
from bench.wrk import Wrk

AT_ONCE = 64
SECONDS = 12
EAGER_CONNECTIONS = 8
VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"AUTHSVC_HASHING_LANES": "2"},
    {"AUTHSVC_HASHING_QUEUE": "16"},
)


def main() -> None:
    with stores() as kept:
        memory, waiting = [], []
        for variant in VARIANTS:
            with serving(
                variables={**kept.variables, **variant, "AUTHSVC_WORKERS": "2"}, on_cores=cores()
            ) as server:
                name = " ".join(f"{key[8:].lower()}={value}" for key, value in variant.items())
                its_memory, its_waiting = _measure(name or "defaults", server, kept)
                memory.append(its_memory)
                waiting += its_waiting
    heads = ["", "at rest", "peak", "growth", "hashes at once, most seen"]
    print(table([heads[0], *(f"MiB, 2 workers: {head}" for head in heads[1:4]), heads[4]], memory))
    print()
    heads = ["", "sign-ins/s", "sign-in p50 ms", "p99 ms", "sent away", "check p50 ms", "p99 ms"]
    print(table([*heads, "checks/s"], waiting))


def _measure(name: str, server: Server, kept: Stores) -> tuple[list[str], list[list[str]]]:
    shop = Storefront.of(server, kept)
    usernames = [f"pat-{number}@mail.com" for number in range(AT_ONCE)]
    for username in usernames:
        _sign_up_once(shop, username)
    headers = shop.check_headers(shop.sign_in(usernames[0])["accessToken"])
    at_rest = _peak(server)
    alone = [
        _row(
            f"{name}, checks alone", Crowd(), SteadyChecks(server.port, headers, SECONDS / 2).took()
        )
    ]
    crowd, hashing = Crowd(), _HashesSeen(server)
    with crowd.signing_in(shop, usernames), hashing:
        checks = SteadyChecks(server.port, headers, SECONDS).took()
    during = [_row(f"{name}, 64 sign-ins at once", crowd, checks)]
    peak = _peak(server)
    url = f"http://127.0.0.1:{server.port}/session"
    crowd = Crowd()
    with crowd.signing_in(shop, usernames):
        load = Wrk(url, headers, connections=EAGER_CONNECTIONS, seconds=SECONDS).found()
    assert not load.failed
    eager = _row(f"{name}, 64 sign-ins and {EAGER_CONNECTIONS} who check without pause", crowd, [])
    eager[-3:] = [f"{load.p50:.1f}", f"{load.p99:.1f}", f"{load.requests / load.seconds:.0f}"]
    memory = [name, f"{at_rest:.0f}", f"{peak:.0f}", f"{peak - at_rest:.0f}", str(hashing.most)]
    return memory, [*alone, *during, eager]


def _row(name: str, crowd: Crowd, checks: list[float]) -> list[str]:
    waits = crowd.waits
    signed = (
        [f"{len(waits) / crowd.seconds:.1f}", f"{median(waits):.0f}", f"{p99(waits):.0f}"]
        if len(waits) > 1
        else ["-"] * 3
    )
    away = f"{crowd.statuses[503]} of {crowd.statuses.total()}" if crowd.statuses else "-"
    felt = [f"{median(checks):.1f}", f"{p99(checks):.1f}"] if checks else ["-"] * 2
    return [name, *signed, away, *felt, f"{1 / EVERY_SECONDS:.0f}"]


class Crowd:
    """Shoppers who sign in at the same time, again and again."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.seconds = 0.0

    def signing_in(self, shop: Storefront, usernames: list[str]) -> _Background:
        """Return the crowd at work, for a with block."""

        def one(username: str, stop: threading.Event) -> None:
            its = shop.another()
            while not stop.is_set():
                begun = time.perf_counter()
                status, _ = its.try_to_sign_in(username)
                self.statuses[status] += 1
                if status == 201:
                    self.waits.append((time.perf_counter() - begun) * 1000)
                else:
                    assert status == 503, status
                    stop.wait(1)  # as Retry-After asks, and a little sooner

        return _Background([partial(one, username) for username in usernames], self)


class _Background:
    """Threads that work from `__enter__` until `__exit__`."""

    def __init__(self, jobs: list[Callable[[threading.Event], None]], crowd: Crowd) -> None:
        self._jobs = jobs
        self._crowd = crowd
        self._stop = threading.Event()

    def __enter__(self) -> None:
        self._begun = time.perf_counter()
        self._pool = ThreadPoolExecutor(len(self._jobs))
        self._running = [self._pool.submit(job, self._stop) for job in self._jobs]

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for running in self._running:
            running.result()
        self._crowd.seconds = time.perf_counter() - self._begun
        self._pool.shutdown()


class _HashesSeen:
    """Looks, a few hundred times a second, how many hashing threads run or wait for a core."""

    def __init__(self, server: Server) -> None:
        self.most = 0
        self._workers = server.workers
        self._stop = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._looking.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._looking.join()

    def _look(self) -> None:
        looks = 0
        lanes: list[Path] = []
        while not self._stop.wait(0.003):
            if looks % 100 == 0:
                # A worker starts its lanes when it first hashes.
                lanes = [lane for pid in self._workers for lane in _lanes(pid)]
            looks += 1
            states = [_fields(lane)[0] for lane in lanes]
            self.most = max(self.most, states.count("R"))


def _lanes(pid: int) -> list[Path]:
    """Return a worker's hashing threads: those that yield to all others."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [task for task in tasks if _fields(task)[16] == str(NICENESS)]


def _fields(task: Path) -> list[str]:
    """Return a thread's fields in proc_pid_stat(5) from the third on; none of a thread that has ended."""
    with suppress(OSError):
        return (task / "stat").read_text().rpartition(")")[2].split()
    return [""] * 50


def _peak(server: Server) -> float:
    """Return the workers' peak since the last call; counts anew from here."""
    peak = sum(peak_mib(pid) for pid in server.workers)
    for pid in server.workers:
        forget_peak(pid)
    return peak


def _sign_up_once(shop: Storefront, username: str) -> None:
    if shop.try_to_sign_in(username)[0] != 201:
        shop.sign_up(username)


if __name__ == "__main__":
    main()
