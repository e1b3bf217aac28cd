"""The client library: checks a second from the caller's memory, and over HTTP beside bare calls, sync and async."""

from __future__ import annotations

import asyncio
import importlib
import socket
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from http.client import HTTPConnection
from statistics import median
from types import ModuleType

from authsvc.callers import Behavior, Caller
from authsvc.client import Application, AsyncClient, Client
from authsvc.client.address import Address
from authsvc.client.connections import Connection
from authsvc.client.http1 import encoded
from authsvc.client.questions import for_news, for_ticket, news_told, ticket_told
from authsvc.services import connect_services
from authsvc.sessions.rules import Holder
from authsvc.settings import load_settings
from bench.figures import p99, table, typical
from bench.stack import AUTHSVC, Server, Stores, serving, stores
from bench.storefront import Storefront

ROUNDS = 5
KEPT_CHECKS = 200_000
CALLS = 1_500
# How many different tokens are checked in turn from memory.
TOKENS = (1, 1_000)
AT_ONCE = 16

Sync = Callable[[], object]
Async = Callable[[], Awaitable[object]]


def main() -> None:
    with stores() as kept, serving(AUTHSVC, kept.variables) as server:
        shop = Storefront.of(server, kept)
        ticket = shop.sign_up("pat@mail.com")
        site = int(shop.headers["x-vol-site"])
        application, tokens = _prepared(kept, site, ticket["customerAccount"]["id"])
        _from_memory(server, application, tokens, ticket["jwtAccessToken"], site)
        print()
        _over_http(server, tokens[0], site)
        print()
        asyncio.run(_on_asyncio(server, tokens[0], site))
        print()
        _news(server, application)


def _prepared(kept: Stores, site_id: int, account_id: int) -> tuple[Application, list[str]]:
    """Make an application that may follow, and sessions of an account."""
    services = connect_services(
        load_settings(
            database_url=kept.variables["DATABASE_URL"],
            valkey_url=kept.variables["VALKEY_URL"],
            encryption_keys=kept.variables["AUTHSVC_ENCRYPTION_KEYS"],
        )
    )
    tenant_id = int(kept.merchant["tenantId"])
    try:
        made, secret = services.applications.create(
            Caller(tenant_id), "Service", {Behavior.SESSION_FOLLOW}
        )
        site = services.directory.fresh_site(tenant_id, site_id)
        holder = Holder(account_id, "0123456789abcdef0123456789abcdef")
        with services.database.transaction():
            tokens = [
                services.sessions.open(site, holder, ("password",)).access_token
                for _ in range(max(TOKENS))
            ]
    finally:
        services.close()
    return Application(made.client_id, secret), tokens


def _from_memory(
    server: Server, application: Application, tokens: list[str], as_jwt: str, site: int
) -> None:
    """Check from memory alone, while the follower goes on as in a service."""
    subjects = {f"{number:,} token(s)": tokens[:number] for number in TOKENS}
    subjects["one JWT"] = [as_jwt]
    found: defaultdict[str, list[float]] = defaultdict(list)
    costs: defaultdict[str, list[float]] = defaultdict(list)
    with Client(f"http://127.0.0.1:{server.port}", application=application) as client:
        while not client.is_following():
            time.sleep(0.01)
        # Nothing that is asked for in the first second of following is kept.
        time.sleep(1.5)
        for asked in subjects.values():
            for token in asked:
                client.check(token, site)
        for _ in range(ROUNDS):
            for name, asked in subjects.items():
                turns = KEPT_CHECKS // len(asked)
                check = client.check
                begun, used = time.perf_counter(), time.thread_time()
                for _ in range(turns):
                    for token in asked:
                        check(token, site)
                checks = turns * len(asked)
                costs[name].append((time.thread_time() - used) / checks * 1e6)
                found[name].append(checks / (time.perf_counter() - begun))
        assert len(client._kept or ()) == max(TOKENS) + 1, "not all were kept"  # noqa: SLF001
    rows = [
        [
            name,
            f"{median(its):,.0f} ({min(its):,.0f}-{max(its):,.0f})",
            typical(costs[name]),
        ]
        for name, its in found.items()
    ]
    print(table(["from memory", "checks/s, median (range)", "µs of processor time"], rows))


def _over_http(server: Server, token: str, site: int) -> None:
    """One thread, one connection that stays open."""
    headers = {"Authorization": f"Bearer {token}", "x-vol-site": str(site)}
    url = f"http://127.0.0.1:{server.port}/session"
    with ExitStack() as opened:
        client = opened.enter_context(Client(f"http://127.0.0.1:{server.port}"))
        bare = HTTPConnection("127.0.0.1", server.port)
        opened.callback(bare.close)
        raw = opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        question = _bytes(server, headers)

        def by_socket() -> None:
            raw.sendall(question)
            assert raw.recv(65_536).startswith(b"HTTP/1.1 200")

        def by_http_client() -> None:
            bare.request("GET", "/session", headers=headers)
            answer = bare.getresponse()
            answer.read()
            assert answer.status == 200

        calls: dict[str, Sync] = {
            "a bare socket, nothing read of it": by_socket,
            "http.client, nothing read of it": by_http_client,
            "authsvc.client": lambda: client.check(token, site),
        }
        if httpx := _installed("httpx"):
            session = opened.enter_context(httpx.Client())
            calls["httpx, nothing read of it"] = lambda: session.get(url, headers=headers)
        if urllib3 := _installed("urllib3"):
            pool = urllib3.PoolManager()
            calls["urllib3, nothing read of it"] = lambda: pool.request("GET", url, headers=headers)
        found = defaultdict[str, list[float]](list)
        for turn in range(ROUNDS + 1):
            for name, call in calls.items():
                took = _timed(call)
                if turn:  # the first only warms up
                    found[name] += took
    _print("one thread", found, "http.client, nothing read of it")


def _timed(call: Sync) -> list[float]:
    took = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)
    return took


async def _on_asyncio(server: Server, token: str, site: int) -> None:
    """Sixteen tasks, each with a connection that stays open."""
    headers = {"Authorization": f"Bearer {token}", "x-vol-site": str(site)}
    url = f"http://127.0.0.1:{server.port}/session"
    question = _bytes(server, headers)
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(AsyncClient(f"http://127.0.0.1:{server.port}"))
        streams = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
        for _ in range(AT_ONCE):
            streams.put_nowait(await asyncio.open_connection("127.0.0.1", server.port))

        async def by_streams() -> None:
            reader, writer = streams.get_nowait()
            writer.write(question)
            assert (await reader.read(65_536)).startswith(b"HTTP/1.1 200")
            streams.put_nowait((reader, writer))

        calls: dict[str, Async] = {
            "bare asyncio streams, nothing read of it": by_streams,
            "authsvc.client": lambda: client.check(token, site),
        }
        if httpx := _installed("httpx"):
            session = await opened.enter_async_context(httpx.AsyncClient())
            calls["httpx, nothing read of it"] = lambda: session.get(url, headers=headers)
        if aiohttp := _installed("aiohttp"):
            pool = await opened.enter_async_context(aiohttp.ClientSession())

            async def by_aiohttp() -> None:
                async with pool.get(url, headers=headers) as answer:
                    await answer.read()

            calls["aiohttp, nothing read of it"] = by_aiohttp
        found = defaultdict[str, list[float]](list)
        for turn in range(ROUNDS + 1):
            for name, call in calls.items():
                rate = await _rate(call)
                if turn:
                    found[name].append(rate)
        while not streams.empty():
            streams.get_nowait()[1].close()
    bare = median(found["bare asyncio streams, nothing read of it"])
    rows = [
        [name, f"{median(its):,.0f} ({min(its):,.0f}-{max(its):,.0f})", f"{median(its) / bare:.2f}"]
        for name, its in found.items()
    ]
    print(table([f"asyncio, {AT_ONCE} tasks", "calls/s, median (range)", "of the bare"], rows))


async def _rate(call: Async) -> float:
    async def some() -> None:
        for _ in range(CALLS // AT_ONCE):
            await call()

    begun = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return CALLS // AT_ONCE * AT_ONCE / (time.perf_counter() - begun)


def _news(server: Server, application: Application) -> None:
    """What following costs the server: one question for news."""
    connection = Connection(Address.of(f"http://127.0.0.1:{server.port}"), timeout=10)
    host = f"127.0.0.1:{server.port}"
    ticket = ticket_told(connection.exchange(encoded(for_ticket(application), host, ""), 10))
    position = ""
    costs = []
    for _ in range(ROUNDS):
        before = server.processes.seconds()
        for _ in range(CALLS):
            told = connection.exchange(encoded(for_news(ticket, position), host, ""), 10)
            position = news_told(told).position
        costs.append((server.processes.seconds() - before) / CALLS * 1e6)
    connection.close()
    print(f"A question for news: {typical(costs, 0)} µs of the server's processor time")


def _print(head: str, found: Mapping[str, list[float]], bare: str) -> None:
    rows = [
        [
            name,
            f"{1 / median(its):,.0f}",
            f"{median(its) * 1e6:.0f}",
            f"{p99(its) * 1e6:.0f}",
            f"{median(its) / median(found[bare]):.2f}",
        ]
        for name, its in found.items()
    ]
    print(table([head, "calls/s", "µs, median", "µs, p99", "of http.client's time"], rows))


def _bytes(server: Server, headers: Mapping[str, str]) -> bytes:
    lines = ["GET /session HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _installed(name: str) -> ModuleType | None:
    """Return another client to compare with; whoever wants to see it installs it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


if __name__ == "__main__":
    main()
