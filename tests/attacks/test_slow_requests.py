"""Clients that begin a request and do not go on: they hold up a part of the threads and nobody's check."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from pathlib import Path
from select import select
from urllib.parse import urlencode

import pytest

from authsvc.contacts.rules import Contact
from authsvc.embedded.servers import EmbeddedServers
from authsvc.regrouping.sites import SiteChange
from authsvc.settings import Settings
from authsvc.web.slow_bodies import PATIENCE_SECONDS
from tests.live.instances import Instance, wait_until
from tests.merchants import PASSWORD, Merchant

THREADS = 16
# Of one address.
WAITING = THREADS // 8
SLOW_BODY = (
    b"POST /sessions/check HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
)


@pytest.fixture(name="server")
def _server(servers: EmbeddedServers, settings: Settings, tmp_path: Path) -> Iterator[Instance]:
    server = Instance(
        tmp_path / "log",
        {
            "DATABASE_URL": servers.database_url,
            "VALKEY_URL": servers.valkey_url,
            "AUTHSVC_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
            "AUTHSVC_WORKERS": "1",
            "AUTHSVC_THREADS": str(THREADS),
        },
    )
    server.start()
    try:
        server.await_ready()
        yield server
    finally:
        server.put_away()


def heads(server: Instance, kept: ExitStack, head: bytes, count: int) -> list[socket.socket]:
    """Begin so many requests and leave them there."""
    opened = []
    for _ in range(count):
        one = kept.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
        one.sendall(head)
        opened.append(one)
    return opened


def test_whoever_dribbles_holds_up_a_part_of_the_threads_and_no_check(server: Instance) -> None:
    """Three times as many as there are threads: of a body, and of a head."""
    with ExitStack() as kept:
        heads(server, kept, b"GET /healthz HTTP/1.1\r\nHost:", 3 * THREADS)
        slow = heads(server, kept, SLOW_BODY, 3 * THREADS)
        connection = kept.enter_context(closing(server.connect()))
        connection.request("GET", "/session")
        assert connection.getresponse().read()
        # All but those whose body is waited for are told so, at once or a moment later.
        wait_until(
            lambda: len(select(slow, [], [], 0)[0]) >= len(slow) - WAITING, "they are refused"
        )
        refused = select(slow, [], [], 2 * PATIENCE_SECONDS)[0]
        assert len(slow) - len(refused) == WAITING
        for one in refused:
            answer = HTTPResponse(one)
            answer.begin()
            assert answer.status == 503
            assert answer.headers["Retry-After"]
            assert b"SERVICE_UNAVAILABLE" in answer.read()
    # When they are gone, there is room again.
    deadline = time.monotonic() + 10
    while True:
        with closing(server.connect()) as connection:
            connection.request("POST", "/sessions/check", body=b"{}")
            status = connection.getresponse().status
        if status == 400:
            break
        assert status == 503
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_form_whose_connection_breaks_midway_is_not_carried_out(
    server: Instance, merchant: Merchant
) -> None:
    """What had arrived of an address would be taken for all of it, and what comes behind it be gone."""
    own = f"sports-{merchant.tenant_id}.localhost"
    change = SiteChange(None, [own], [])
    merchant.services.sites.change(merchant.caller(), merchant.site("Mystic Sports"), change)
    stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert stacy is not None
    own += f":{server.port}"
    head = {
        "Host": own,
        "Origin": f"http://{own}",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def sent(path: str, form: Mapping[str, str]) -> HTTPResponse:
        with closing(server.connect()) as connection:
            connection.request("POST", path, urlencode(form), head)
            answer = connection.getresponse()
            assert answer.status == 303, answer.read()
            return answer

    def lines() -> list[str]:
        return [line for line in server.log.read_text().splitlines() if f"{path}/<" in line]

    def kept() -> Contact:
        (contact,) = merchant.services.accounts.account(merchant.tenant_id, stacy.id).contacts
        return contact

    answer = sent("/login", {"username": "stacy@mail.com", "password": PASSWORD})
    cookies = answer.headers.get_all("Set-Cookie", [])
    head["Cookie"] = "; ".join(each.partition(";")[0] for each in cookies)
    path = "/my-account/addresses"
    address = {"email": "s@mail.com", "address1": "1 Main Street", "city": "Springfield"}
    sent(f"{path}/new", address)
    before = kept()
    head["Content-Length"] = str(len(urlencode(address)))
    begun = "".join(f"{name}: {text}\r\n" for name, text in head.items())
    with closing(socket.create_connection(("127.0.0.1", server.port), 10)) as broken:
        broken.sendall(
            f"POST {path}/{before.id} HTTP/1.1\r\n{begun}\r\nemail=s%40mail.com".encode()
        )
    wait_until(lambda: bool(lines()), "the form is answered")
    assert kept() == before
    assert '"status":400' in lines()[0]
