"""PostgreSQL stopped or killed under load: checks go on, the rest is a clean 503, and all recovers by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import count
from uuid import uuid4

import pytest

from authsvc.infra.bounded_connection import CHECK_SECONDS
from authsvc.infra.database import CONNECT_TIMEOUT_SECONDS, DatabaseUnavailable
from authsvc.infra.invalidation import LOOK_SECONDS, TRUST_SECONDS
from tests.clock import HeldClock
from tests.embedded.processes import go_on, stand_still
from tests.live.conftest import House
from tests.live.crowds import Load, Steady, checking_and_signing_in, slowest, statuses
from tests.live.storefronts import Answer, Storefronts
from tests.machines import machine

# Who is told to come back learns so while the shopper still looks at the page.
LONGEST_REFUSAL_SECONDS = 3.0
LONGEST_CHECK_SECONDS = 1.5
# A connection that hangs, and another in its place.
LONGEST_HUNG_CHECK_SECONDS = CHECK_SECONDS + CONNECT_TIMEOUT_SECONDS + 1
# Longer than any worker may believe Valkey without having looked anew.
AWAY_SECONDS = 2 * TRUST_SECONDS


def signing_up(storefronts: Storefronts) -> list[Steady]:
    """Return newcomers of both instances."""
    callers: list[Steady] = []
    for instance in storefronts.instances:
        usernames = (f"{uuid4().hex[:8]}-{number}@mail.com" for number in count())

        def sign_up(at: HTTPConnection, usernames: Iterator[str] = usernames) -> Answer:
            enrolment = {"account": {"emailAddress": next(usernames)}, "password": "Mystic-2026"}
            path = "accounts/add-account-and-login"
            return storefronts.call("POST", path, enrolment, site="Mystic Kids", at=at)

        callers.append(("sign-up", instance, sign_up))
    return callers


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_postgres_away_under_load(house: House, storefronts: Storefronts, end: str) -> None:
    workers = {pid for instance in house.instances for pid in instance.workers()}
    callers = [*checking_and_signing_in(storefronts), *signing_up(storefronts)]
    with Load(callers) as load:
        began = time.monotonic()
        load.more(5)
        getattr(house.servers.postgres, end)()
        gone = time.monotonic()
        while time.monotonic() < gone + AWAY_SECONDS:
            load.more(5)
        away = load.since(gone)
        assert statuses(away, "sign-in") == statuses(away, "sign-up") == {503}
        assert storefronts.call("GET", "/healthz").status == 200
        assert storefronts.call("GET", "/readyz").is_clean_503()
        assert storefronts.call("GET", "accounts").is_clean_503()
        house.servers.postgres.start()
        load.more(1, statuses={200, 201})
        back = load.more(5)
        assert statuses(back, "sign-in") == statuses(back, "sign-up") == {201}
        assert storefronts.call("GET", "/readyz").status == 200
        seen = load.since(began)
    assert statuses(seen, "check") == {200}
    assert slowest(seen, "check") < LONGEST_CHECK_SECONDS
    for item in seen:
        if item.kind != "check":
            assert item.answer is not None
            assert item.status == 201 or item.answer.is_clean_503(), item
            assert item.answered - item.asked < LONGEST_REFUSAL_SECONDS
    for item in seen:
        if item.kind == "sign-up" and item.status == 201:
            assert item.answer is not None
            account_id = item.answer.json["customerAccount"]["id"]
            assert storefronts.call("GET", f"accounts/{account_id}").status == 200
    assert workers == {pid for instance in house.instances for pid in instance.workers()}


def test_postgres_hangs_under_load(house: House, storefronts: Storefronts) -> None:
    """It takes whatever is sent to it and answers nothing, as when its disk is stuck: a check is refused, not kept."""
    callers = [each for each in checking_and_signing_in(storefronts) if each[0] == "check"]
    with Load(callers) as load:
        load.more(5)
        stopped = stand_still(house.servers.postgres.folder)
        assert stopped
        try:
            hung = time.monotonic()
            load.more(1, statuses={503})
            # Given up at last, it is as good as away, and copies are believed again.
            load.more(20, statuses={200}, seconds=2 * LOOK_SECONDS)
            hanging = load.since(hung)
        finally:
            go_on(stopped)
        load.more(5, statuses={200})
        assert storefronts.new_shopper().username
        seen = load.since(hung)
    assert statuses(hanging, "check") == {200, 503}
    assert statuses(seen, "check") == {200, 503}
    assert slowest(seen, "check") < LONGEST_HUNG_CHECK_SECONDS


def test_what_a_process_knows_outlives_postgres(house: House) -> None:
    """Checks of JWTs, and checks at a host that no site has, go on as well."""
    clock = HeldClock()
    with machine(house.services.settings, clock) as services:
        keys = services.signing_keys.published()
        assert services.directory.tenant_and_site_of_host("elsewhere.example") == (None, None)
        house.servers.postgres.stop()
        clock.pass_time(minutes=2)
        assert services.signing_keys.published() == keys
        assert services.directory.tenant_and_site_of_host("elsewhere.example") == (None, None)
        with pytest.raises(DatabaseUnavailable):
            services.directory.tenant_and_site_of_host("another.example")
