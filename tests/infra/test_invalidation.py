"""Trust in Valkey's copies: renewed by looking at PostgreSQL, whatever the requests are doing meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest

from authsvc.infra.clock import running_seconds
from authsvc.infra.database import CONNECT_TIMEOUT_SECONDS, Database, DatabaseUnavailable
from authsvc.infra.invalidation import TRUST_SECONDS
from authsvc.infra.reaching import Reaching
from authsvc.infra.statements import Statement
from authsvc.services import Services, connect_services
from authsvc.sessions.rules import NoSession
from authsvc.settings import Settings
from authsvc.tokens import Audience, reference
from tests.clock import HeldClock
from tests.live.instances import wait_until
from tests.machines import machine
from tests.merchants import Merchant


class Vanished(Database):
    """A PostgreSQL that says nothing any more: who asks it waits for as long as `wait` takes, and in vain."""

    def __init__(self, settings: Settings, wait: Callable[[], None] = lambda: None) -> None:
        super().__init__(settings.database_url.get_secret_value())
        self._wait = wait
        # Who connects to it waits for this.
        self.is_back = Event()
        self.asked = 0

    def run(self, statement: Statement, **values: object) -> list[Any]:
        """Let time pass."""
        self.asked += 1
        if self.is_back.is_set():
            return super().run(statement, **values)
        self._wait()
        raise DatabaseUnavailable

    def ping(self) -> None:
        """Let whoever tries wait."""
        assert self.is_back.wait(60)
        super().ping()


def test_trust_is_renewed_though_requests_hold_every_connection(
    settings: Settings, services: Services
) -> None:
    """Else load would end trust, and every check would turn to PostgreSQL and add to it."""
    with machine(settings, database_pool_size=1) as busy, ExitStack() as requests:
        # As many as the pool gives, with what it may open beyond its size.
        for _ in range(3):
            requests.enter_context(busy.database.engine.connect())
        busy.invalidation.follow()
        assert busy.invalidation.trusted()


def test_trust_lasts_a_second_by_the_clock_that_goes_on_while_the_machine_sleeps(
    settings: Settings,
) -> None:
    assert connect_services(settings).invalidation._ticks is running_seconds
    clock = HeldClock()
    with machine(settings, clock) as here:
        assert here.invalidation.trusted()
        clock.pass_time(seconds=TRUST_SECONDS)
        assert not here.invalidation.trusted()


def test_a_postgresql_that_vanished_without_a_word_does_not_take_the_checks_along(
    settings: Settings, merchant: Merchant
) -> None:
    """It takes seconds to learn that nobody answers; what is ended meanwhile is heard of all the same."""
    clock = HeldClock()
    with machine(settings, clock) as here:
        good, ended = (
            merchant.sign_up(username, "Mystic Sports").tokens
            for username in ("ada@mail.com", "eve@mail.com")
        )
        shown = [reference(each.access_token, Audience.SHOPPER) for each in (good, ended)]
        for each in shown:
            here.sessions.check(each, None)

        def wait() -> None:
            clock.pass_time(seconds=CONNECT_TIMEOUT_SECONDS)
            merchant.services.sessions.sign_out(merchant.caller(), ended.session_id)

        here.invalidation._line = Vanished(settings, wait)
        here.invalidation.follow()
        assert here.sessions.check(shown[0], None).true_at == here.invalidation.true_at()
        with pytest.raises(NoSession):
            here.sessions.check(shown[1], None)


def test_nobody_waits_for_a_postgresql_that_vanished_and_trust_goes_on_without_a_gap(
    settings: Settings, merchant: Merchant
) -> None:
    """Each try to connect lasts for seconds; the follower goes on beside it."""
    clock = HeldClock()
    with machine(settings, clock) as here:
        stacy = merchant.sign_up("stacy@mail.com", "Mystic Sports").tokens
        shown = reference(stacy.access_token, Audience.SHOPPER)
        here.sessions.check(shown, None)
        line = Vanished(settings)
        here.invalidation._line, here.invalidation.reaching = line, Reaching(line.ping)
        here.invalidation.follow()
        for _ in range(5):
            clock.pass_time(seconds=TRUST_SECONDS * 0.9)
            here.sessions.check(shown, None)
            here.invalidation.follow()
            assert here.invalidation.reaching.is_trying()
        assert line.asked == 1
        merchant.services.sessions.sign_out(merchant.caller(), stacy.session_id)
        here.invalidation.follow()
        assert here.invalidation.trusted()
        with pytest.raises(NoSession):
            here.sessions.check(shown, None)
        line.is_back.set()
        wait_until(lambda: not here.invalidation.reaching.is_trying(), "it is reached")
        here.invalidation.follow()
        assert line.asked > 1
        line.close()
