"""What the audit trail costs at a million entries: sealing, verifying, searching, and what a writer pays.

    python -m bench.audit_trail [--entries 1000000]

On servers of its own, as shipped. Searches are the statements of the admin page, its slowest first; each is run ten
times, and the median and the worst are told.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from cryptography.fernet import Fernet
from sqlalchemy import text

from authsvc.audit.rules import Change
from authsvc.audit.trail_query import Position, TrailQuery
from authsvc.audit.verification import Verdict
from authsvc.callers import Caller
from authsvc.embedded.servers import EmbeddedServers
from authsvc.migrations import upgrade
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings

ENTRIES = 1_000_000
RUNS = 10
NOTES = 2_000
DAYS = 365
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

# Of a year: a few staff, many shoppers, fifty kinds of acts; one address in a hundred thousand.
_FILL = text("""
    INSERT INTO audit_entries (tenant_id, at, actor, application, site_id, remote_address, correlation_id, action,
        subject, changes)
    SELECT :tenant_id, CAST(:began AS timestamptz) + n * (CAST(:days AS int) * interval '1 day' / :entries),
        CASE WHEN n % 10 = 0 THEN 'staff:anna' || n % 7 || '@example.com'
            ELSE 'shopper:' || md5((n % 200000)::text) END,
        CASE WHEN n % 10 = 0 THEN NULL ELSE 'storefront' END, 101 + n % 4,
        '203.' || n % 10 || '.' || n % 250 || '.' || n % 247, md5(n::text), 'account.kind_' || n % 50,
        'account:' || n % 200000,
        jsonb_build_array(jsonb_build_object('field', 'first_name', 'old', NULL, 'new', 'Stacy ' || n),
            jsonb_build_object('field', 'is_locked', 'old', false, 'new', true))
    FROM generate_series(1, :entries) AS n
""")


def main() -> None:
    """Fill a trail, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder, EmbeddedServers(Path(folder)) as servers:
        settings = load_settings(
            database_url=servers.database_url,
            valkey_url=servers.valkey_url,
            encryption_keys=Fernet.generate_key().decode(),
        )
        services = connect_services(settings)
        try:
            upgrade(services.database.engine)
            measure(services, entries)
        finally:
            services.close()


def measure(services: Services, entries: int) -> None:
    """Tell everything there is to tell."""
    tenant = services.customer_sets.create_tenant("Mystic")
    with services.database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        seconds = timed(
            lambda: connection.execute(
                _FILL, {"tenant_id": tenant.id, "began": BEGAN, "days": DAYS, "entries": entries}
            )
        )
    print(f"written by one statement   {entries:>10,} entries {seconds:8.1f} s")
    with services.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE audit_entries"))
    seconds = timed(services.audit.sealing.run)
    print(f"sealed                     {entries:>10,} entries {seconds:8.1f} s")
    before = memory()
    verdicts: list[object] = []
    seconds = timed(lambda: verdicts.extend(services.audit.verification.run(tenant.id)))
    verdict = verdicts[-1]
    assert isinstance(verdict, Verdict)
    print(
        f"verified                   {verdict.sealed:>10,} entries {seconds:8.1f} s, "
        f"{verdict.faults} faults, memory grew by {memory() - before:.0f} MiB"
    )
    caller = Caller(tenant.id, staff="anna@example.com", remote_address="203.0.113.7")
    changes = [Change("first_name", "John", "Johnny")]

    def note() -> None:
        for _ in range(NOTES):
            services.trail.note(caller, "account.updated", "account:1", changes)

    print(f"one entry noted by itself  {timed(note) / NOTES * 1e6:>10.0f} µs")
    search(services, tenant.id)
    sizes(services)


def search(services: Services, tenant_id: int) -> None:
    """Time the page's statements."""
    middle = BEGAN + timedelta(days=DAYS / 2)
    asked: dict[str, tuple[TrailQuery, Position | None]] = {
        "the newest": (TrailQuery(), None),
        "a page in the middle": (TrailQuery(), Position(middle, 0)),
        "one day": (TrailQuery(since=middle, until=middle + timedelta(days=1)), None),
        "one of the staff": (TrailQuery(actor="staff:anna0@example.com"), None),
        "a shopper": (TrailQuery(actor="shopper:c4ca4238a0b923820dcc509a6f75849b"), None),
        "nobody": (TrailQuery(actor="staff:nobody@example.com"), None),
        "a customer": (TrailQuery(subject="account:77777"), None),
        "an act": (TrailQuery(action="account.kind_7"), None),
        "an act that never was": (TrailQuery(action="account.nothing"), None),
        "an address": (TrailQuery(remote_address="203.7.107.77"), None),
        "a network": (TrailQuery(remote_address="203.7."), None),
        "a network that never came": (TrailQuery(remote_address="198.51.100."), None),
        "staff, an act and a day": (
            TrailQuery(
                "staff:anna0@example.com",
                None,
                "account.kind_20",
                None,
                None,
                middle,
                middle + timedelta(days=1),
            ),
            None,
        ),
        "staff and an act they never did": (
            TrailQuery("staff:anna0@example.com", action="account.kind_7"),
            None,
        ),
    }
    found = []
    for name, (wanted, beyond) in asked.items():
        taken = [
            timed(lambda: services.audit.search.page(tenant_id, wanted, 26, beyond))  # noqa: B023
            for _ in range(RUNS)
        ]
        found.append((max(taken) * 1e3, median(taken) * 1e3, name))
    taken = [timed(lambda: services.audit.search.actions(tenant_id)) for _ in range(RUNS)]
    found.append((max(taken) * 1e3, median(taken) * 1e3, "which acts there are"))
    for worst, usual, name in sorted(found, reverse=True):
        print(f"search: {name:<34} {usual:8.1f} ms, at worst {worst:8.1f} ms")


def sizes(services: Services) -> None:
    """Tell how much room it takes."""
    with services.database.connection() as connection:
        for table in ("audit_entries", "audit_links"):
            rows, indexes = connection.execute(
                text("SELECT pg_table_size(:name), pg_indexes_size(:name)"), {"name": table}
            ).one()
            print(f"{table:<26} {rows / 2**20:>8.0f} MiB, its indexes {indexes / 2**20:.0f} MiB")


def timed(do: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def memory() -> float:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    os.environ.setdefault("AUTHSVC_LOG_FORMAT", "text")
    main()
