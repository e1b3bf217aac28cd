"""Services that check sessions with the library while a test makes trouble; what they saw is recorded."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from authsvc.callers import Behavior, Caller
from authsvc.client import (
    Application,
    AsyncClient,
    CannotTell,
    Client,
    NoSession,
    Session,
)
from authsvc.services import Services
from tests.live.instances import Instance

PROMISE_SECONDS = 1.0
# Shorter than a real service's, so that a server that is silent is given up soon.
TIMEOUT_SECONDS = 0.3
PAUSE_SECONDS = 0.01


def follower_of(services: Services, tenant_id: int) -> Application:
    """Make an application that may hear which answers to forget, and nothing else."""
    application, secret = services.applications.create(
        Caller(tenant_id), "A service", {Behavior.SESSION_FOLLOW}
    )
    return Application(application.client_id, secret)


def url_of(instance: Instance) -> str:
    """Return where an instance answers."""
    return f"http://127.0.0.1:{instance.port}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One check: by whom, of which token, when it was asked and answered (`time.monotonic`), and what came of it."""

    who: str
    token: str
    asked: float
    answered: float
    outcome: type[Exception] | type[Session]


@dataclass
class Callers:
    """A service with threads and one on asyncio, both checking the same tokens again and again."""

    url: str
    application: Application
    tokens: list[str]
    site_id: int
    seen: list[Seen] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Callers:
        """Begin."""
        for work in (self._check, lambda: asyncio.run(self._check_async())):
            thread = threading.Thread(target=self._guarded(work), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def outcomes(self, who: str, token: str, since: float = 0.0) -> list[type]:
        """Return what came of somebody's checks of a token that were asked from a moment on."""
        return [
            each.outcome
            for each in list(self.seen)
            if (each.who, each.token) == (who, token) and each.asked >= since
        ]

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as failure:  # noqa: BLE001  the test fails with it
                self.failures.append(failure)

        return run

    def _check(self) -> None:
        with Client(
            self.url, application=self.application, timeout_seconds=TIMEOUT_SECONDS
        ) as client:
            while not self._stopping.wait(PAUSE_SECONDS):
                for token in self.tokens:
                    asked = time.monotonic()
                    try:
                        outcome: type = type(client.check(token, self.site_id))
                    except (NoSession, CannotTell) as refusal:
                        outcome = type(refusal)
                    self.seen.append(Seen("threads", token, asked, time.monotonic(), outcome))

    async def _check_async(self) -> None:
        async with AsyncClient(
            self.url, application=self.application, timeout_seconds=TIMEOUT_SECONDS
        ) as client:
            while not self._stopping.is_set():
                for token in self.tokens:
                    asked = time.monotonic()
                    try:
                        outcome: type = type(await client.check(token, self.site_id))
                    except (NoSession, CannotTell) as refusal:
                        outcome = type(refusal)
                    self.seen.append(Seen("asyncio", token, asked, time.monotonic(), outcome))
                await asyncio.sleep(PAUSE_SECONDS)
