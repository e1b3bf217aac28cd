"""Shoppers who sign up, are checked and sign out all the time, and the book that is kept of it."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

from authsvc.demo.merchant import PASSWORD
from bench.storefront import CUSTOMER, Storefront

CHECKERS = 6
SIGN_UPS = 2
SIGN_OUTS = 2
# Between two requests of one caller: the machine's two cores also run all servers.
PAUSE_SECONDS = {"check": 0.003, "sign-up": 0.05, "sign-out": 0.25}
PROMISE_SECONDS = 1.0
BROKEN = 0
FIRST = 150
# So many are left signed in, whoever leaves.
FEW = 20


@dataclass
class Session:
    """An acknowledged sign-up's; `leaving`: somebody has begun to sign it out."""

    account_id: int
    username: str
    token: str
    leaving: bool = False
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request: what came back, 0 for a broken connection; moments by `time.monotonic`."""

    kind: str
    asked: float
    answered: float
    status: int

    @property
    def failed(self) -> bool:
        """Tell whether it was neither done nor decided."""
        return self.status == BROKEN or self.status >= 500


@dataclass
class Load:
    """Callers of one address until `stop`."""

    port: int
    shop: Storefront
    sessions: list[Session] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin with some who have signed up."""
        callers = [
            *[("check", self.check)] * CHECKERS,
            *[("sign-up", self.sign_up)] * SIGN_UPS,
            *[("sign-out", self.sign_out)] * SIGN_OUTS,
        ]
        first = HTTPConnection("127.0.0.1", self.port, timeout=30)
        for _ in range(FIRST):
            self.sign_up(first)
        first.close()
        self.threads = [threading.Thread(target=self._repeat, args=each) for each in callers]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """End when all have had their last answer."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def living(self) -> Session | None:
        """Return a session at random that nobody has begun to end; None while there are few."""
        left = [each for each in self.sessions if not each.leaving]
        return random.choice(left) if len(left) > FEW else None  # noqa: S311  nothing secret

    def check(self, at: HTTPConnection) -> None:
        """Check any session, and judge the answer by what is known of it."""
        session = random.choice(self.sessions)  # noqa: S311  as above
        asked = time.monotonic()
        status, _ = self._ask(
            at, "check", "GET", "/session", self.shop.check_headers(session.token)
        )
        if status == 200:
            if session.ended_at is not None and asked > session.ended_at + PROMISE_SECONDS:
                self.wrong.append(f"good {asked - session.ended_at:.2f} s after the sign-out")
        elif status == 401 and not session.leaving:
            self.wrong.append("an acknowledged session was refused")

    def sign_up(self, at: HTTPConnection) -> None:
        """Sign somebody up, and note it if that was acknowledged."""
        # Too short to look like a card's number, which is refused wherever it is typed.
        username = f"{uuid4().hex[:12]}@mail.com"
        body = {"account": {"emailAddress": username}, "password": PASSWORD}
        path = f"{CUSTOMER}/accounts/add-account-and-login"
        status, answer = self._ask(at, "sign-up", "POST", path, dict(self.shop.headers), body)
        if status == 201:
            ticket = json.loads(answer)
            account_id = ticket["customerAccount"]["id"]
            self.sessions.append(Session(account_id, username, ticket["accessToken"]))

    def sign_out(self, at: HTTPConnection) -> None:
        """Sign somebody out, and note when that was acknowledged."""
        session = self.living()
        if session is None:
            return
        session.leaving = True
        headers = self.shop.check_headers(session.token)
        status, _ = self._ask(at, "sign-out", "DELETE", "/session", headers)
        if status == 204:
            session.ended_at = time.monotonic()

    def _ask(
        self,
        at: HTTPConnection,
        kind: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: object = None,
    ) -> tuple[int, bytes]:
        asked = time.monotonic()
        answer = b""
        try:
            at.request(method, path, None if body is None else json.dumps(body), headers)
            response = at.getresponse()
            status, answer = response.status, response.read()
        except (OSError, HTTPException):
            at.close()
            status = BROKEN
        self.outcomes.append(Outcome(kind, asked, time.monotonic(), status))
        return status, answer

    def _repeat(self, kind: str, request: Callable[[HTTPConnection], None]) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stopping.wait(PAUSE_SECONDS[kind]):
            request(connection)
        connection.close()
