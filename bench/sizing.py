"""What an account and a session take: on PostgreSQL's disk, table by table, and in Valkey's memory.

Made as shoppers make them, by signing up and in, but for the cost of the hash; an hour's worth of a shop, not a file
of rows. `python -m bench.sizing 50000` makes as many of each; without a number it takes about a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import redis
from sqlalchemy import create_engine, text

from authsvc.callers import Caller
from authsvc.demo.merchant import PASSWORD
from authsvc.login.rules import Enrolment
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from authsvc.tokens import Audience, reference
from bench.figures import table
from bench.stack import Stores, stores

COUNT = 8_000
# The least that Argon2id takes; what a hash costs says nothing of what is kept of it.
CHEAP_HASH_KIB = 8
FIRST_NAMES = ("Ada", "Grace", "Mary", "James", "Linda", "Robert", "Patricia", "John")
LAST_NAMES = ("Lovelace", "Hopper", "Smith", "Johnson", "Garcia", "Miller", "Nguyen", "Walker")

_SIZES = text("""
    SELECT relname AS name, pg_table_size(oid) AS rows, pg_indexes_size(oid) AS indexes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
""")


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a table's rows and of its indexes."""

    rows: int
    indexes: int


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with stores() as kept:
        services = connect_services(
            load_settings(
                database_url=kept.variables["DATABASE_URL"],
                valkey_url=kept.variables["VALKEY_URL"],
                encryption_keys=kept.variables["AUTHSVC_ENCRYPTION_KEYS"],
                argon2_memory_kib=CHEAP_HASH_KIB,
            )
        )
        site = kept.merchant["sites"][0]["id"]
        caller = Caller(kept.merchant["tenantId"], site, "bench")

        def sign_up(number: int) -> str:
            names = {
                "email_address": f"{FIRST_NAMES[number % 8].lower()}.{number}@mail.com",
                "first_name": FIRST_NAMES[number % 8],
                "last_name": LAST_NAMES[number // 8 % 8],
            }
            ticket = services.login.sign_up(caller, Enrolment(names, PASSWORD))
            return ticket.tokens.access_token

        def sign_in(number: int) -> str:
            username = f"{FIRST_NAMES[number % 8].lower()}.{number}@mail.com"
            return services.login.sign_in(caller, username, PASSWORD).tokens.access_token

        signed_up = _grown(kept, sign_up, wanted)
        signed_in = _grown(kept, sign_in, wanted)
        print(_on_disk(signed_up, signed_in, wanted), end="\n\n")
        print(
            f"A session's copy in Valkey: {_in_memory(kept, services, site, sign_in, wanted):.0f} bytes."
        )
        services.close()


def _grown(kept: Stores, make: Callable[[int], str], count: int) -> dict[str, Size]:
    """Return by how much each table has grown."""
    before = _sizes(kept)
    for number in range(count):
        make(number)
    after = _sizes(kept)
    nothing = Size(0, 0)
    return {
        name: Size(
            size.rows - before.get(name, nothing).rows,
            size.indexes - before.get(name, nothing).indexes,
        )
        for name, size in after.items()
    }


def _sizes(kept: Stores) -> dict[str, Size]:
    engine = create_engine(kept.variables["DATABASE_URL"])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What waits to be sorted into an index is part of it.
        connection.execute(text("VACUUM"))
        found = {row.name: Size(row.rows, row.indexes) for row in connection.execute(_SIZES)}
    engine.dispose()
    return found


def _on_disk(signed_up: Mapping[str, Size], signed_in: Mapping[str, Size], count: int) -> str:
    rows = []
    totals = [0, 0, 0, 0]
    for name in sorted(signed_up, key=lambda each: -signed_up[each].rows - signed_up[each].indexes):
        sizes = signed_up[name], signed_in[name]
        figures = [figure for size in sizes for figure in (size.rows, size.indexes)]
        if max(figures) / count < 1:
            continue
        totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
        rows.append([name, *(f"{figure / count:,.0f}" for figure in figures)])
    rows.append(["**all**", *(f"**{total / count:,.0f}**" for total in totals)])
    heads = ["bytes", "a sign-up: rows", "indexes", "a sign-in: rows", "indexes"]
    return table(heads, rows)


def _in_memory(
    kept: Stores, services: Services, site: int, sign_in: Callable[[int], str], count: int
) -> float:
    """Return what Valkey's memory grows by for each session that is checked."""
    tokens = [sign_in(number) for number in range(count)]
    references = [reference(token, Audience.SHOPPER) for token in tokens]
    services.invalidation.follow()
    with redis.from_url(kept.variables["VALKEY_URL"]) as valkey:
        before = valkey.info("memory")["used_memory"]
        for token in references:
            services.invalidation.follow() if not services.invalidation.trusted() else None
            services.sessions.check(token, site)
        grown: float = valkey.info("memory")["used_memory"] - before
        keys = sum(1 for _ in valkey.scan_iter("authsvc:token:*", count=10_000))
    return grown / keys


if __name__ == "__main__":
    main()
