"""A set of 1,000,000 customers, or as many as an argument says, deleted into another: who else notices?

`python -m bench.regrouping 100000 without-words`: of customers whom no search finds.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import create_engine, text

from authsvc.demo.merchant import PASSWORD
from bench.figures import table
from bench.many_customers import WORDS
from bench.stack import Server, Stores, serving, stores
from bench.storefront import CUSTOMER, Storefront

CUSTOMERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
WITH_WORDS = "without-words" not in sys.argv
# Already in the target set, so that every username is looked for among others.
IN_TARGET = CUSTOMERS // 10
SIGNED_IN = CUSTOMERS // 20
BEFORE_SECONDS = 30.0
# Far below what one core can do, so that a wait is the regrouping's and not a queue's.
EVERY_SECONDS = {"sign-in": 0.25, "sign-up": 0.25, "check": 0.02}
SAMPLE_SECONDS = 0.25

_ACCOUNTS = text("""
    INSERT INTO accounts (tenant_id, customer_set_code, user_id, username, username_key, email_address, email_key,
        account_type, tax_exempt, accepts_marketing, is_active, is_locked, customer_since,
        created_at, created_by, updated_at, updated_by)
    SELECT :tenant, :code, md5(:code || n), name, name, name, name, 'B2C', false, false, true, false, now(),
        now(), 'bench', now(), 'bench'
    FROM (SELECT n, :code || '-' || n || '@mail.com' AS name FROM generate_series(1, :customers) AS n) AS numbered
""")
_CREDENTIALS = text("""
    INSERT INTO credentials (tenant_id, account_id, username_key, password_hash, must_change_password,
        password_changed_at, created_at, updated_at)
    SELECT tenant_id, id, username_key, (SELECT password_hash FROM credentials LIMIT 1), false, now(), now(), now()
    FROM accounts WHERE created_by = 'bench'
""")
_SESSIONS = text("""
    WITH opened AS (
        INSERT INTO sessions (tenant_id, id, account_id, user_id, customer_set_code, site_id, methods, opened_at,
            expires_at)
        SELECT tenant_id, gen_random_uuid(), id, user_id, customer_set_code, :site, '{password}', now(),
            now() + interval '30 days'
        FROM accounts WHERE created_by = 'bench' AND customer_set_code = 'b2c' ORDER BY id LIMIT :sessions
        RETURNING tenant_id, id)
    INSERT INTO session_tokens (tenant_id, digest, session_id, kind, issued_at, expires_at)
    SELECT tenant_id, sha256(id::text::bytea), id, 'refresh', now(), now() + interval '1 day' FROM opened
""")


@dataclass
class Waits:
    """How long calls took (milliseconds), by what they were, and how they were answered."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)


def main() -> None:
    with stores() as kept, serving(variables=kept.variables) as server:
        shop = Storefront.of(server, kept)
        known = [f"pat-{number}@mail.com" for number in range(20)]
        tokens = [str(shop.sign_up(name)["accessToken"]) for name in known]
        took = _fill(kept)
        print(f"{CUSTOMERS + IN_TARGET:,} customers in {took:.0f} s", end="\n\n", flush=True)
        with _load(shop, known, tokens) as load:
            before = _measured(load, lambda: time.sleep(BEFORE_SECONDS))
            asked = time.perf_counter()
            plan = _plan(shop.another())
            ask_seconds = time.perf_counter() - asked
            memory = Memory(server, kept)
            progress: list[int] = []
            seconds: list[float] = []

            def commit() -> None:
                begun = time.perf_counter()
                _commit(shop, plan, progress, memory)
                seconds.append(time.perf_counter() - begun)

            during = _measured(load, commit)
        print(f"asked in {ask_seconds:.1f} s, committed in {seconds[0]:.1f} s; ", end="")
        print(f"progress seen {len(set(progress))} times, up to {max(progress, default=0):,}.")
        print(memory.told(), end="\n\n")
        print(_table(before, during))


def _fill(kept: Stores) -> float:
    begun = time.perf_counter()
    url = kept.variables["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    tenant = kept.merchant["tenantId"]
    site = kept.merchant["sites"][0]["id"]
    with engine.begin() as connection:
        for code, customers in (("b2c", CUSTOMERS), ("b2b", IN_TARGET)):
            connection.execute(_ACCOUNTS, {"tenant": tenant, "code": code, "customers": customers})
        connection.execute(_CREDENTIALS)
        if WITH_WORDS:
            connection.execute(WORDS, {"tenant": tenant})
        connection.execute(_SESSIONS, {"site": site, "sessions": SIGNED_IN})
        # The demo's Stacy has an account in both; who ordered anything is never deleted.
        connection.execute(text("DELETE FROM orders"))
        connection.execute(text("DELETE FROM accounts WHERE username_key = 'stacy@mail.com'"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
    return time.perf_counter() - begun


def _plan(shop: Storefront) -> int:
    change = {"change": "deleteCustomerSet", "customerSetCode": "b2c", "successor": "b2b"}
    status, plan = shop.post(f"{CUSTOMER}/plans", {"changes": [change], "reason": "bench"})
    assert status == 201, plan
    assert plan["clashCount"] == 0, plan
    return int(plan["id"])


def _commit(shop: Storefront, plan: int, progress: list[int], memory: Memory) -> None:
    answers: list[tuple[int, dict[str, object]]] = []
    path = f"{CUSTOMER}/plans/{plan}"

    def commit() -> None:
        slow = shop.another()
        slow.connection.timeout = 3600
        answers.append(slow.post(f"{path}/commit", {}))

    running = threading.Thread(target=commit)
    running.start()
    looking = shop.another()
    while running.is_alive():
        memory.sample()
        status, seen = _call(looking, "GET", path, looking.headers)
        assert status == 200, seen
        if seen["progress"]:
            progress.append(seen["progress"]["movedCustomerCount"])
        time.sleep(SAMPLE_SECONDS)
    status, done = answers[0]
    assert status == 200, done
    assert int(str(done["movedCustomerCount"])) >= CUSTOMERS


class Load:
    """Calls at a steady pace, one thread for each kind; `waits` is where they are noted."""

    def __init__(self, shop: Storefront, known: list[str], tokens: list[str]) -> None:
        self.waits = Waits()
        self._over = threading.Event()
        names = (f"new-{number}@mail.com" for number in count())
        checks = iter(tokens * 100_000)
        signing = iter(known * 100_000)
        calls: dict[str, Callable[[Storefront], int]] = {
            "sign-in": lambda at: at.try_to_sign_in(next(signing))[0],
            "sign-up": lambda at: _sign_up(at, next(names)),
            "check": lambda at: _check(at, next(checks)),
        }
        self._threads = [
            threading.Thread(target=self._run, args=(what, call, shop.another()))
            for what, call in calls.items()
        ]

    def start(self) -> None:
        """Begin to call."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop calling."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, what: str, call: Callable[[Storefront], int], shop: Storefront) -> None:
        while not self._over.is_set():
            begun = time.perf_counter()
            status = call(shop)
            took = time.perf_counter() - begun
            self.waits.took[what].append(took * 1000)
            self.waits.statuses[what, status] += 1
            self._over.wait(max(0.0, EVERY_SECONDS[what] - took))


@contextmanager
def _load(shop: Storefront, known: list[str], tokens: list[str]) -> Iterator[Load]:
    load = Load(shop, known, tokens)
    load.start()
    try:
        yield load
    finally:
        load.stop()


def _measured(load: Load, action: Callable[[], object]) -> Waits:
    load.waits = Waits()
    action()
    return load.waits


def _sign_up(shop: Storefront, username: str) -> int:
    body = {"account": {"emailAddress": username}, "password": PASSWORD}
    return shop.post(f"{CUSTOMER}/accounts/add-account-and-login", body)[0]


def _check(shop: Storefront, access_token: str) -> int:
    kept = {name: shop.headers[name] for name in ("x-vol-tenant", "x-vol-site")}
    return _call(shop, "GET", "/session", kept | {"Authorization": f"Bearer {access_token}"})[0]


def _call(
    shop: Storefront, method: str, path: str, headers: Mapping[str, str]
) -> tuple[int, dict[str, Any]]:
    shop.connection.request(method, path, headers=dict(headers))
    answer = shop.connection.getresponse()
    return answer.status, json.load(answer)


class Memory:
    """The most that the server's processes, and PostgreSQL's beside what they share, held at once."""

    def __init__(self, server: Server, kept: Stores) -> None:
        self._trees = {"server": server.processes, "PostgreSQL": kept.postgres}
        self._first = self._now()
        self._most = dict(self._first)

    def sample(self) -> None:
        """Look once."""
        for name, held in self._now().items():
            self._most[name] = max(self._most[name], held)

    def told(self) -> str:
        """Say how much it was before, and at the most."""
        return "; ".join(
            f"{name}: {self._first[name] / 2**20:.0f} MiB before, at most {most / 2**20:.0f} MiB"
            for name, most in self._most.items()
        )

    def _now(self) -> dict[str, int]:
        return {name: sum(map(_anonymous, tree.pids())) for name, tree in self._trees.items()}


def _anonymous(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024  # written in kB, which are KiB
    return 0


def _table(before: Waits, during: Waits) -> str:
    rows = []
    for what in EVERY_SECONDS:
        for when, waits in (("before", before), ("during", during)):
            took = waits.took[what]
            statuses = {status: n for (kind, status), n in waits.statuses.items() if kind == what}
            answered = ", ".join(f"{status}: {n}" for status, n in sorted(statuses.items()))
            rows.append(
                [
                    what,
                    when,
                    f"{median(took):.1f}",
                    f"{quantiles(took, n=100, method='inclusive')[98]:.1f}",
                    f"{max(took):.0f}",
                    answered,
                ]
            )
    return table(["call", "when", "p50 ms", "p99 ms", "longest ms", "statuses"], rows)


if __name__ == "__main__":
    main()
