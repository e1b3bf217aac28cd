"""Eligible customers as one types, of a set of 900,000 and of one of 100, and orders taken in, all over HTTP."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from authsvc.callers import Behavior, Caller
from authsvc.services import Services, connect_services
from authsvc.settings import load_settings
from bench.figures import table
from bench.many_customers import fill
from bench.my_account import FLASK
from bench.stack import Server, Stores, serving, stores
from bench.wrk import Wrk

CUSTOMERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SETS = ("large", "tiny")
# Every so-many-th customer has a telephone number.
PHONE_EVERY = 4
TYPED = 200
TIMES = 3
WARMING = 20
LONGEST_PREFIX = 6
# The last two are more than the pool of connections to PostgreSQL keeps, and more than it may open.
CONNECTIONS = (1, 8, 32, 96)
SECONDS = 5.0
ROUNDS = 3
# An answer to an order has about as many bytes.
ANSWER_BYTES = 420

_PHONES = text("""
    INSERT INTO contacts (tenant_id, account_id, email, phone_mobile, address, created_at, created_by, updated_at,
        updated_by)
    SELECT tenant_id, id, email_address, '+1 ' || 2120000000 + id * 7919 % 900000000, '{}', now(), 'bench', now(),
        'bench'
    FROM accounts WHERE tenant_id = :tenant AND id % :every = 0
""")
_DRAW = text("""
    SELECT accounts.first_name, accounts.last_name, email_address, accounts.id, phone_mobile FROM accounts
    LEFT JOIN contacts ON contacts.tenant_id = accounts.tenant_id AND contacts.account_id = accounts.id
    WHERE accounts.tenant_id = :tenant AND customer_set_code = :code
    ORDER BY md5(accounts.id::text) LIMIT :typed
""")


@dataclass(frozen=True)
class Merchant:
    """A tenant with ten sets, a site in each that is measured, and a ticket."""

    tenant_id: int
    sites: dict[str, int]
    headers: dict[str, str]
    people: dict[str, Sequence[Any]]
    first_id: int
    last_id: int


def main() -> None:
    with stores() as kept:
        merchant = _merchant(kept)
        with serving(variables=kept.variables) as server:
            print(_choosing(server, merchant), end="\n\n", flush=True)
            print(_ordering(server, kept, merchant), flush=True)


def _merchant(kept: Stores) -> Merchant:
    services = connect_services(
        load_settings(
            database_url=kept.variables["DATABASE_URL"],
            valkey_url=kept.variables["VALKEY_URL"],
            encryption_keys=kept.variables["AUTHSVC_ENCRYPTION_KEYS"],
        )
    )
    tenant_id = services.customer_sets.create_tenant("Many").id
    begun = time.perf_counter()
    url = services.settings.database_url.get_secret_value()
    fill(url, tenant_id, CUSTOMERS)
    people = _with_phones(url, tenant_id)
    print(f"{CUSTOMERS:,} customers in {time.perf_counter() - begun:.0f} s", flush=True)
    system = Caller(tenant_id)
    sites = {}
    for code in SETS:
        sites[code] = services.customer_sets.create_site(system, code).id
        services.customer_sets.assign_site(system, sites[code], code)
    headers = _headers(services, system)
    with services.database.connection() as connection:
        first_id, last_id = connection.execute(
            text("SELECT min(id), max(id) FROM accounts WHERE tenant_id = :tenant"),
            {"tenant": tenant_id},
        ).one()
    services.close()
    return Merchant(tenant_id, sites, headers, people, first_id, last_id)


def _with_phones(url: str, tenant_id: int) -> dict[str, Sequence[Any]]:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(_PHONES, {"tenant": tenant_id, "every": PHONE_EVERY})
        people = {
            code: connection.execute(
                _DRAW, {"tenant": tenant_id, "code": code, "typed": TYPED}
            ).all()
            for code in SETS
        }
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
    engine.dispose()
    return people


def _headers(services: Services, system: Caller) -> dict[str, str]:
    application, secret = services.applications.create(system, "Tool", Behavior)
    ticket = services.applications.authenticate(application.client_id, secret)
    return {
        "Authorization": f"Bearer {ticket.access_token}",
        "Content-Type": "application/json",
        "x-vol-tenant": str(system.tenant_id),
    }


def _choosing(server: Server, merchant: Merchant) -> str:
    rows = []
    for code in SETS:
        # Typed are the customers of both sets: most of what is typed in a small shop is found in the large one.
        people = [*merchant.people["large"], *merchant.people["tiny"]]
        chance = Random(1)  # noqa: S311  the same each time
        names = [str(chance.choice([one.first_name, one.last_name])) for one in people]
        kinds = {
            f"a name's first {length}": [name[:length] for name in names]
            for length in range(1, LONGEST_PREFIX + 1)
        }
        kinds |= {
            "an e-mail address's first 8": [str(one.email_address)[:8] for one in people],
            "a number": [str(one.id) for one in people],
            "first name and a letter": [f"{one.first_name} {one.last_name[:1]}" for one in people],
            "six digits of a telephone number": [
                str(one.phone_mobile)[3:9] for one in people if one.phone_mobile
            ],
            "a telephone number": [str(one.phone_mobile) for one in people if one.phone_mobile],
        }
        every: list[float] = []
        for kind, texts in kinds.items():
            took = _took(server, merchant, code, texts)
            every += took
            rows.append([code, kind, *_figures(took)])
        rows.append([code, "all of these", *_figures(every)])
    return table(["set", "typed", "p50 ms", "p99 ms"], rows)


def _took(server: Server, merchant: Merchant, code: str, texts: Sequence[str]) -> list[float]:
    connection = server.connect()
    path = f"/api/commerce/customer/sites/{merchant.sites[code]}/eligiblecustomers"
    took = []
    for at, typed in enumerate([*texts[:WARMING], *texts]):
        fastest = min(
            _one(connection, f"{path}?{urlencode({'q': typed})}", merchant.headers)
            for _ in range(TIMES)
        )
        if at >= WARMING:
            took.append(fastest)
    connection.close()
    return took


def _one(connection: HTTPConnection, path: str, headers: dict[str, str]) -> float:
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - begun) * 1000
    assert answer.status == 200, json.loads(body)
    return took


def _figures(took: Sequence[float]) -> list[str]:
    return [f"{median(took):.1f}", f"{quantiles(took, n=100, method='inclusive')[98]:.1f}"]


def _ordering(server: Server, kept: Stores, merchant: Merchant) -> str:
    """Orders on the site of the large set, by customers of whom nine in ten are in it: the rest are refused."""
    with serving(FLASK, {"BENCH_BODY_BYTES": str(ANSWER_BYTES)}, ready_path="/") as flask:
        return _ordered(server, flask, kept, merchant)


def _ordered(server: Server, flask: Server, kept: Stores, merchant: Merchant) -> str:
    rows = []
    for connections in CONNECTIONS:
        rates, loads, costs, ratios = [], [], [], []
        for number in range(ROUNDS):
            floor = _floor(flask, connections)
            before = server.processes.seconds(), kept.postgres.seconds()
            load = Wrk(
                f"http://127.0.0.1:{server.port}/",
                merchant.headers,
                connections=connections,
                seconds=SECONDS,
                script=Path(__file__).with_name("orders.lua"),
                arguments=[
                    str(merchant.sites["large"]),
                    str(merchant.first_id),
                    str(merchant.last_id),
                    f"{connections}-{number}-",
                ],
            ).found()
            loads.append(load)
            used = server.processes.seconds() - before[0], kept.postgres.seconds() - before[1]
            costs.append([seconds / load.requests * 1e6 for seconds in used])
            ratios.append(costs[-1][0] / floor)
            rates.append((load.requests - load.failed) / load.seconds)
        rows.append(
            [
                str(connections),
                f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})",
                *(f"{median(cost):.0f}" for cost in zip(*costs, strict=True)),
                f"{median(ratios):.1f}",
                f"{median(load.failed / load.requests for load in loads):.0%}",
                f"{median(load.p50 for load in loads):.1f}",
                f"{median(load.p99 for load in loads):.1f}",
            ]
        )
    heads = [
        "connections",
        "orders kept/s, median (range)",
        "µs of the server an order",
        "µs of PostgreSQL an order",
        "server to plain Flask",
        "refused",
        "p50 ms",
        "p99 ms",
    ]
    return table(heads, rows)


def _floor(flask: Server, connections: int) -> float:
    """Return the processor time in µs of a constant answer by plain Flask, at this moment on this machine."""
    before = flask.processes.seconds()
    url = f"http://127.0.0.1:{flask.port}/"
    load = Wrk(url, {}, connections=connections, seconds=1.0).found()
    return (flask.processes.seconds() - before) / load.requests * 1e6


if __name__ == "__main__":
    main()
