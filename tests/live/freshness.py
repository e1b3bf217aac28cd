"""A thousand sessions that are checked all the time and ended at random, and the history of what was answered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from itertools import count, cycle

from authsvc.sessions.rules import EndReason, Holder
from tests.live.conftest import House
from tests.live.instances import Instance, wait_until
from tests.live.storefronts import Answer, Storefronts
from tests.merchants import PASSWORD

PROMISE_SECONDS = 1.0
ACCOUNTS = 20
SESSIONS_EACH = 50
CHECKERS_PER_WORKER = 2
MANY = 20
SITE = "Mystic Kids"
# In a run; one in so many ends all sessions of an account.
CHANGES = 110
ONE_ACCOUNT_IN = 7
# Between a change's commit and the first word about it to Valkey, where the publisher is delayed.
DELAY_SECONDS = 1.5
DELAYED_PUBLISHERS = 3

Connections = dict[int, HTTPConnection]


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer about one token: which worker gave it, when it was asked for, and whether it was "good"."""

    worker: int
    token: str
    asked: float
    good: bool


@dataclass
class History:
    """What was asked and answered, and when which token's end was acknowledged (`time.monotonic`)."""

    seen: list[Seen] = field(default_factory=list)
    ended: dict[str, float] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    def end(self, kind: str, tokens: Sequence[str]) -> None:
        """Record that an end of these tokens is acknowledged now."""
        now = time.monotonic()
        self.kinds.add(kind)
        for token in tokens:
            self.ended.setdefault(token, now)

    def stale(self) -> list[str]:
        """Describe each "good" that was asked for later than the promise allows."""
        return [
            f"worker {seen.worker}: good {seen.asked - self.ended[seen.token]:.2f} s after the end"
            for seen in list(self.seen)
            if seen.good and seen.asked > self.ended.get(seen.token, seen.asked) + PROMISE_SECONDS
        ]

    def ending_seen_by(self) -> set[int]:
        """Return the workers that were seen to call a session good, and later not."""
        good = {(seen.worker, seen.token) for seen in self.seen if seen.good}
        refused = {(seen.worker, seen.token) for seen in self.seen if not seen.good}
        return {worker for worker, _ in good & refused}


@dataclass
class Crowd:
    """Accounts with many sessions each, who watches which workers, and what was seen of them."""

    house: House
    storefronts: Storefronts
    watched: Sequence[Instance]
    accounts: dict[int, list[str]]
    sessions: dict[str, str]
    every_seconds: float
    chance: random.Random
    history: History = field(default_factory=History)
    stopping: threading.Event = field(default_factory=threading.Event)
    failures: list[Exception] = field(default_factory=list)

    @classmethod
    def of(
        cls, house: House, storefronts: Storefronts, watched: Sequence[Instance], seconds: float
    ) -> Crowd:
        """Sign a thousand sessions in: each account by its hash, its sessions as a sign-in opens them after that."""
        site = house.services.directory.fresh_site(
            storefronts.tenant_id, storefronts.sites["Mystic Sports"]
        )
        accounts: dict[int, list[str]] = {}
        sessions: dict[str, str] = {}
        for _ in range(ACCOUNTS):
            account_id = storefronts.new_shopper().account_id
            with house.services.database.transaction():
                for _ in range(SESSIONS_EACH):
                    holder = Holder(account_id, "crowd")
                    issued = house.services.sessions.open(site, holder, ("password",))
                    sessions[issued.access_token] = issued.session_id
                    accounts.setdefault(account_id, []).append(issued.access_token)
        seed = random.randrange(10**6)
        print(f"seed {seed}")  # noqa: T201  to tell failures apart; what happens when is not ours to repeat
        chance = random.Random(seed)
        return cls(house, storefronts, watched, accounts, sessions, seconds / CHANGES, chance)

    @contextmanager
    def watching(self) -> Iterator[tuple[Connections, Connections]]:
        """Check and change until the block ends; gives connections to the watched workers, and to those that change."""
        with ExitStack() as opened:

            def connections(instances: Sequence[Instance]) -> Connections:
                found = {
                    worker: connection
                    for instance in instances
                    for worker, connection in instance.connections().items()
                }
                for connection in found.values():
                    opened.callback(connection.close)
                return found

            works: list[Callable[[], None]] = [self.change_with_delay] * DELAYED_PUBLISHERS
            works.append(partial(self.change, list(connections(self.house.instances).values())))
            for _ in range(CHECKERS_PER_WORKER):
                works += [partial(self.check, *each) for each in connections(self.watched).items()]
            given = connections(self.watched), connections(self.house.instances)
            threads = [threading.Thread(target=self.guarded(work), daemon=True) for work in works]
            for thread in threads:
                thread.start()
            try:
                wait_until(lambda: len(self.history.seen) > 500, "the load runs")
                yield given
                self.stopping.wait(PROMISE_SECONDS)
            finally:
                self.stopping.set()
                for thread in threads:
                    thread.join()

    def keep_open(self, *given: Connections) -> None:
        """Ask something on each connection: the server closes one that says nothing for half a minute."""
        for connections in given:
            for connection in connections.values():
                assert self.storefronts.call("GET", "/healthz", at=connection).status == 200

    def check(self, worker: int, connection: HTTPConnection) -> None:
        """Check tokens at random until the end, now and then many at once."""
        chance = random.Random(self.chance.random())
        tokens = list(self.sessions)
        while not self.stopping.is_set():
            asked = time.monotonic()
            if chance.random() < 0.1:
                some = chance.sample(tokens, MANY)
                body = {"checks": [{"token": token} for token in some]}
                answer = self.storefronts.call(
                    "POST", "/sessions/check", body, site=SITE, at=connection, application=False
                )
                assert answer.status == 200, answer.body
                goods = [item["session"] is not None for item in answer.json["answers"]]
                self.note(worker, asked, dict(zip(some, goods, strict=True)))
            else:
                token = chance.choice(tokens)
                answer = self.storefronts.check(token, SITE, at=connection)
                assert answer.status in {200, 401, 503}, answer.body
                self.note(worker, asked, {token: answer.status == 200})

    def note(self, worker: int, asked: float, goods: dict[str, bool]) -> None:
        """Record answers."""
        self.history.seen += [Seen(worker, token, asked, good) for token, good in goods.items()]

    def change(self, connections: Sequence[HTTPConnection]) -> None:
        """End sessions and accounts at random until the end, by whichever worker; ways to end accounts take turns."""
        turns, ways, accounts = count(1), cycle(ENDS), cycle(self.accounts)
        kind, method, path, body = next(ways)
        while not self.stopping.wait(self.every_seconds):
            at = self.chance.choice(connections)
            if next(turns) % ONE_ACCOUNT_IN:
                self.sign_out(self.living(), at)
                continue
            account_id = next(accounts)
            url = f"accounts/{account_id}{path}"
            answer: Answer = self.storefronts.call(method, url, body, at=at)
            if answer.status in {200, 204}:
                self.history.end(kind, self.accounts[account_id])
                kind, method, path, body = next(ways)

    def change_with_delay(self) -> None:
        """End sessions as a process does that stands still between its commit and its word to Valkey.

        The end is counted from the commit on, before anybody could have acknowledged it.
        """
        services = self.house.services
        while not self.stopping.is_set():
            token = self.living()

            def dawdle(token: str = token) -> None:
                self.history.end("delayed", [token])
                self.stopping.wait(DELAY_SECONDS)

            with services.database.transaction():
                # What is registered first is done first.
                services.database.after_commit(dawdle)
                services.sessions.end_one(
                    self.storefronts.tenant_id, self.sessions[token], EndReason.SIGNED_OUT
                )

    def living(self) -> str:
        """Return a token that nobody has ended yet."""
        left = [token for token in self.sessions if token not in self.history.ended]
        assert left, "all sessions have ended: make more"
        return self.chance.choice(left)

    def sign_out(self, token: str, at: HTTPConnection) -> None:
        """End one session, and record when that was acknowledged."""
        answer = self.storefronts.call("DELETE", "/session", shopper=token, site=SITE, at=at)
        assert answer.status in {204, 401, 503}, answer.body
        if answer.status == 204:
            self.history.end("sign-out", [token])

    def guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """Keep what fails in a thread for the test to fail with."""

        def run() -> None:
            try:
                work()
            except Exception as failure:  # noqa: BLE001  the test fails with it
                self.failures.append(failure)
                self.stopping.set()

        return run


# How all sessions of an account are ended: kind, method, what follows the account's path, body.
ENDS: tuple[tuple[str, str, str, object], ...] = (
    ("lock", "POST", "/set-login-locked", True),
    (
        *("password", "POST", "/change-password"),
        {"oldPassword": PASSWORD, "newPassword": "Another-2026"},
    ),
    ("move", "PUT", "", {"customerSet": "b2b"}),
    ("disable", "POST", "/action", {"actionName": "DisableAccount"}),
)
