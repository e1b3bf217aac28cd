"""Customers searched as one types, among 1,000,000, or as many as each argument says: p50 and p99 of a search.

The use case is called in this process, with its own connection to PostgreSQL: HTTP and the page come on top, and cost
the same at any size.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from sqlalchemy import text

from authsvc.accounts.rules import CustomerAccount
from authsvc.customer_search.rules import CustomerPage, CustomerQuery
from authsvc.embedded.servers import EmbeddedServers
from authsvc.migrations import upgrade
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from bench.figures import table
from bench.many_customers import fill

SIZES = [int(size) for size in sys.argv[1:]] or [1_000_000]
# Customers whose names and addresses are typed, drawn from all over the tenant.
TYPED = 150
# Each is searched so often; what others on the machine cost is seldom in the fastest.
TIMES = 4
WARMING = 10
LONGEST_PREFIX = 6
DEEP_PAGE = 5_000
SCOPES = ("", "large", "small1", "tiny")

_DRAW = text("""
    SELECT id FROM accounts WHERE tenant_id = :tenant AND id >= (
        SELECT min(id) + floor((max(id) - min(id)) * CAST(:place AS double precision))::bigint
        FROM accounts WHERE tenant_id = :tenant)
    ORDER BY id LIMIT 1
""")


def main() -> None:
    with _services() as services:
        heads = ["customers", "searched", "typed", "p50 ms", "p99 ms", "best p50 ms", "best p99 ms"]
        rows = []
        for size in SIZES:
            tenant_id = services.customer_sets.create_tenant(f"{size:,} customers").id
            begun = time.perf_counter()
            fill(services.settings.database_url.get_secret_value(), tenant_id, size)
            print(
                f"{size:,} customers in {time.perf_counter() - begun:.0f} s; {_sizes(services)}\n",
                flush=True,
            )
            measured = _measured(services, tenant_id, size)
            print(table(heads, measured), end="\n\n", flush=True)
            rows += measured
        print(table(heads, rows))


def _measured(services: Services, tenant_id: int, size: int) -> list[list[str]]:
    people = list(_drawn(services, tenant_id))
    search = services.customer_search.search
    rows = []

    def measure(scope: str, what: str, calls: list[Callable[[], object]]) -> None:
        first, best = [], []
        for call in [*calls[:WARMING], *calls]:
            took = [_took(call) for _ in range(TIMES)]
            first.append(took[0])
            best.append(min(took))
        first, best = first[WARMING:], best[WARMING:]
        figures = (median(first), _p99(first), median(best), _p99(best))
        rows.append([f"{size:,}", scope or "tenant", what, *(f"{ms:.1f}" for ms in figures)])

    def asking(queries: list[CustomerQuery]) -> list[Callable[[], object]]:
        return [lambda query=query: search(tenant_id, query) for query in queries]

    for code in SCOPES:
        base = CustomerQuery(customer_set=code or None)
        for length in range(1, LONGEST_PREFIX + 1):
            words = [
                str(person.last_name if at % 2 else person.first_name)
                for at, person in enumerate(people)
            ]
            queries = [replace(base, text=word[:length]) for word in words]
            measure(code, f"a name's first {length}", asking(queries))
        for what, typed in (
            ("an e-mail address", [str(person.email_address) for person in people]),
            ("a number", [str(person.id) for person in people]),
            (
                "first name and a letter",
                [f"{one.first_name} {str(one.last_name)[:1]}" for one in people],
            ),
            ("first and last name", [f"{one.first_name} {one.last_name}" for one in people]),
            (
                "two letters of each",
                [f"{str(one.first_name)[:2]} {str(one.last_name)[:2]}" for one in people],
            ),
        ):
            measure(code, what, asking([replace(base, text=words) for words in typed]))
        for what, filtered in (
            ("locked", replace(base, is_locked=True)),
            ("guests", replace(base, is_guest=True)),
            ("with a login", replace(base, is_guest=False)),
        ):
            words = [str(person.last_name) for person in people]
            queries = [replace(filtered, text=word[: 1 + at % 4]) for at, word in enumerate(words)]
            measure(code, f"{what}, a name's first 1 to 4", asking(queries))
        measure(code, "nothing: page 1", asking([base] * TYPED))
    deep = _turned(lambda query: search(tenant_id, query), CustomerQuery(page_size=20), DEEP_PAGE)
    measure("", f"nothing: page {DEEP_PAGE:,}", asking([deep] * TYPED))
    return rows


def _took(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def _p99(took: list[float]) -> float:
    return quantiles(took, n=100, method="inclusive")[98]


def _turned(
    search: Callable[[CustomerQuery], CustomerPage], query: CustomerQuery, pages: int
) -> CustomerQuery:
    """Return the query for that page, by turning page after page of the largest size."""
    wide = replace(query, page_size=200)
    for _ in range(pages * query.page_size // wide.page_size):
        wide = replace(wide, cursor=search(wide).next_cursor)
    return replace(query, cursor=wide.cursor)


def _drawn(services: Services, tenant_id: int) -> Iterator[CustomerAccount]:
    chance = Random(2)  # noqa: S311  the same places each time
    with services.database.connection() as connection:
        for _ in range(TYPED):
            values = {"tenant": tenant_id, "place": chance.random()}
            account_id = connection.execute(_DRAW, values).scalar_one()
            yield services.accounts.account(tenant_id, account_id)


def _sizes(services: Services) -> str:
    query = text("""
        SELECT pg_size_pretty(pg_table_size('accounts')), pg_size_pretty(pg_indexes_size('accounts')),
            pg_size_pretty(pg_table_size('customer_search_words')),
            pg_size_pretty(pg_indexes_size('customer_search_words'))
    """)
    with services.database.connection() as connection:
        accounts, its_indexes, words, their_indexes = connection.execute(query).one()
    return (
        f"accounts {accounts} and indexes {its_indexes}, words {words} and indexes {their_indexes}"
    )


@contextmanager
def _services() -> Iterator[Services]:
    with (
        TemporaryDirectory(prefix="authsvc-bench-") as folder,
        EmbeddedServers(Path(folder)) as both,
    ):
        services = connect_services(
            load_settings(
                database_url=both.database_url,
                valkey_url=both.valkey_url,
                encryption_keys=Fernet.generate_key().decode(),
            )
        )
        upgrade(services.database.engine)
        # A collection of Python's would be measured as a search now and then.
        gc.freeze()
        yield services
        services.close()


if __name__ == "__main__":
    main()
