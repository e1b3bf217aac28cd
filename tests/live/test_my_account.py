"""Design §4 and issue 3 "My Account": what is acknowledged by any worker is in the next read by every other one.

Each worker remembers the answer before each change, and reads it in front of Flask; so whatever it says afterwards it
says because it asked whether that still holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.live.conftest import House
from tests.live.storefronts import Answer, Shopper, Storefronts, send

MINE = "accounts/current/my-account"
# Of a session's end (design §4). Changes of the account itself have none: the next read sees them.
PROMISE_SECONDS = 1.0
READERS = 8
EDITS = 15


@pytest.fixture(name="workers")
def _workers(house: House) -> Iterator[list[HTTPConnection]]:
    """An open connection to each worker of each instance."""
    with ExitStack() as closing:
        connections = [each for one in house.instances for each in one.connections().values()]
        for connection in connections:
            closing.callback(connection.close)
        assert len(connections) == 4
        yield connections


def read(storefronts: Storefronts, shopper: Shopper, at: HTTPConnection, etag: str = "") -> Answer:
    """Read My Account with the shopper's own ticket."""
    headers = {
        "Authorization": f"Bearer {shopper.access_token}",
        "x-vol-tenant": str(storefronts.tenant_id),
        "x-vol-site": str(storefronts.sites["Mystic Kids"]),
    }
    if etag:
        headers["If-None-Match"] = etag
    return send(at, "GET", f"/api/commerce/customer/{MINE}", None, headers)


def own_edit(storefronts: Storefronts, shopper: Shopper, at: HTTPConnection) -> Answer:
    """The shopper says their name, on another site of the set."""
    path, body = f"accounts/{shopper.account_id}", {"firstName": "Joan"}
    token, site = shopper.access_token, "Mystic Sports"
    return storefronts.call("PUT", path, body, shopper=token, site=site, at=at)


def own_address(storefronts: Storefronts, shopper: Shopper, at: HTTPConnection) -> Answer:
    """The shopper adds an address."""
    path, body = f"accounts/{shopper.account_id}/contacts", {"email": "home@mail.com"}
    return storefronts.call("POST", path, body, shopper=shopper.access_token, at=at)


def staff_edit(storefronts: Storefronts, shopper: Shopper, at: HTTPConnection) -> Answer:
    """Staff name the company."""
    path, body = f"accounts/{shopper.account_id}", {"companyOrOrganization": "Mystic"}
    return storefronts.call("PUT", path, body, at=at)


def new_order(storefronts: Storefronts, shopper: Shopper, at: HTTPConnection) -> Answer:
    """The order system tells an order."""
    now = datetime.now(UTC).isoformat()
    body = {
        "type": "Online",
        "siteId": storefronts.sites["Mystic Sports"],
        "customerAccountId": shopper.account_id,
        "status": "Accepted",
        "total": 9.5,
        "currencyCode": "USD",
        "submittedDate": now,
        "updateDate": now,
    }
    path = f"/api/commerce/orders/live-{shopper.account_id}"
    return storefronts.call("PUT", path, body, at=at)


Change = Callable[[Storefronts, Shopper, HTTPConnection], Answer]
CHANGES: dict[Change, Callable[[dict[str, Any]], bool]] = {
    own_edit: lambda mine: mine["customerAccount"]["firstName"] == "Joan",
    own_address: lambda mine: len(mine["customerAccount"]["contacts"]) == 1,
    staff_edit: lambda mine: mine["customerAccount"]["companyOrOrganization"] == "Mystic",
    new_order: lambda mine: mine["orders"]["totalCount"] == 1,
}


def test_the_next_read_by_any_worker_shows_what_was_acknowledged_by_another(
    storefronts: Storefronts, workers: list[HTTPConnection]
) -> None:
    """A shopper's own edit, a staff edit and a new order, each made by one worker and read by all."""
    shopper = storefronts.new_shopper()
    for number, (change, is_shown) in enumerate(CHANGES.items()):
        known = {worker: read(storefronts, shopper, worker) for worker in workers}
        for worker, answer in known.items():
            assert answer.status == 200
            assert not is_shown(answer.json)
            etag = answer.header("ETag") or ""
            again = read(storefronts, shopper, worker, etag)
            assert (again.status, again.body) == (304, b"")
        changed = change(storefronts, shopper, workers[number])
        assert changed.status in {200, 201}, changed.body
        for worker in workers:
            answer = read(storefronts, shopper, worker, known[worker].header("ETag") or "")
            assert answer.status == 200, change.__name__
            assert is_shown(answer.json), change.__name__


def test_no_reader_in_a_crowd_misses_an_edit_that_was_acknowledged(
    house: House, storefronts: Storefronts
) -> None:
    """Many reads wait for one question together; none is answered by one that was sent before it came in."""
    shopper = storefronts.new_shopper()
    acknowledged, stop = 0, False

    def watch(instance: int) -> int:
        connection = house.instances[instance].connect()
        seen = 0
        while not stop:
            at_least = max(acknowledged, seen)
            contacts = read(storefronts, shopper, connection).json["customerAccount"]["contacts"]
            seen = len(contacts)
            assert seen >= at_least
        connection.close()
        return seen

    with ThreadPoolExecutor(READERS) as threads:
        watching = [threads.submit(watch, number % 2) for number in range(READERS)]
        try:
            writer = house.instances[1].connect()
            for number in range(EDITS):
                assert own_address(storefronts, shopper, writer).status == 201
                acknowledged = number + 1
            writer.close()
        finally:
            stop = True
        assert min(each.result(timeout=30) for each in watching) > 0


def sign_out(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("DELETE", "/session", shopper=shopper.access_token, site="Mystic Kids")


def lock(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("POST", f"accounts/{shopper.account_id}/set-login-locked", True)


@pytest.mark.parametrize("end", [sign_out, lock])
def test_an_ended_session_is_refused_as_the_check_does(
    storefronts: Storefronts,
    workers: list[HTTPConnection],
    end: Callable[[Storefronts, Shopper], Answer],
) -> None:
    shopper = storefronts.new_shopper()
    for worker in workers * 2:
        assert read(storefronts, shopper, worker).status == 200
    assert end(storefronts, shopper).status in {200, 204}
    by = time.monotonic() + PROMISE_SECONDS
    for worker in workers:
        while (answer := read(storefronts, shopper, worker)).status != 401:
            assert time.monotonic() < by
        assert answer.json["errorCode"] == "INVALID_ACCESS_TOKEN"


def test_without_postgres_nobody_is_shown_what_may_be_old(
    house: House, storefronts: Storefronts, workers: list[HTTPConnection]
) -> None:
    shopper = storefronts.new_shopper()
    (etag,) = {read(storefronts, shopper, worker).header("ETag") or "" for worker in workers}
    house.servers.postgres.stop()
    for worker in workers:
        for known in ("", etag):
            assert read(storefronts, shopper, worker, known).is_clean_503()
    house.servers.postgres.start()
    by = time.monotonic() + 10
    for worker in workers:
        while (answer := read(storefronts, shopper, worker, etag)).status == 503:
            assert time.monotonic() < by
        assert answer.status == 304
