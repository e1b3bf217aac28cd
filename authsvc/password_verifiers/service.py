"""What is done with merchants' verifiers: configured by who runs the installation, asked when somebody signs in."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from authsvc.audit.rules import Change
from authsvc.errors import Invalid
from authsvc.password_verifiers.rules import (
    TIMEOUT_SECONDS,
    NoPlace,
    NoVerifier,
    Question,
    Verifier,
    VerifierFailed,
    verifier_url,
)

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.callers import Caller
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.password_verifiers.breaker import Breaker
    from authsvc.password_verifiers.store import VerifierStore

log = structlog.get_logger(__name__)

# Questions of one process under way at once: a slow endpoint takes no more of its threads than this.
MOST_AT_ONCE = 16
# Of these to one endpoint, so that one that is slow leaves places to the others.
MOST_AT_ONE_ENDPOINT = 4
SECRET_BYTES = 32


class Lanes:
    """Threads that wait for endpoints, so that the whole of a question is bounded, its name server included."""

    def __init__(self) -> None:
        """Begin with no thread; each is started when it is needed."""
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "verifiers")
        # Endpoint → its questions under way; changed under the lock.
        self._under_way: Counter[str] = Counter()
        self._lock = Lock()

    def run(self, url: str, work: Callable[[], bool]) -> bool:
        """Return what `work` learns of the endpoint at `url` in the time there is; raises `VerifierFailed`."""
        with self._lock:
            if (
                self._under_way.total() >= MOST_AT_ONCE
                or self._under_way[url] >= MOST_AT_ONE_ENDPOINT
            ):
                raise NoPlace("too many at once")
            self._under_way[url] += 1
        future: Future[bool] = self._threads.submit(work)
        # The place is free when the work is over, which may be after who asked has gone.
        future.add_done_callback(lambda _: self._leave(url))
        try:
            return future.result(TIMEOUT_SECONDS)
        except WaitedTooLong:
            raise VerifierFailed("no answer in time") from None

    def close(self) -> None:
        """Wait for nobody."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, url: str) -> None:
        with self._lock:
            self._under_way[url] -= 1
            if not self._under_way[url]:
                del self._under_way[url]


@dataclass(frozen=True, slots=True)
class PasswordVerifiers:
    """The use cases."""

    store: VerifierStore
    # (verifier, question) → its verdict; raises `VerifierFailed`.
    call: Callable[[Verifier, Question], bool]
    breaker: Breaker
    lanes: Lanes
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def verifier(self, tenant_id: int) -> Verifier | None:
        """Return a tenant's verifier, or None."""
        return self.store.verifier(tenant_id)

    def set(
        self,
        caller: Caller,
        url: str,
        *,
        in_own_network: bool | None = None,
        authorities: str | None = None,
    ) -> str:
        """Name a tenant's endpoint; returns the secret that questions are signed with from now on, this once.

        `in_own_network`, `authorities`: for the installation's operator alone to say; None leaves the first as it
        was for this very address, and no otherwise. Raises `Invalid`.
        """
        address = verifier_url(url)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self.transaction():
            old = self.store.verifier(caller.tenant_id)
            same = old is not None and old.url == address
            if in_own_network is None:
                in_own_network = same and old is not None and old.in_own_network
                authorities = old.authorities if same and old is not None else None
            made = Verifier(
                caller.tenant_id,
                address,
                secret.encode(),
                in_own_network,
                authorities,
                self.clock(),
            )
            self.store.keep(made)
            self.trail.note(
                caller,
                "password_verifier.set",
                f"tenant:{caller.tenant_id}",
                [
                    Change("url", old.url if old else None, address),
                    Change("inOwnNetwork", old.in_own_network if old else None, in_own_network),
                    Change("sharedSecret", None, None),
                ],
            )
        return secret

    def remove(self, caller: Caller) -> None:
        """Ask nobody any more; who has not signed in till now chooses a new password. Raises `NoVerifier`."""
        with self.transaction():
            old = self.store.verifier(caller.tenant_id)
            if old is None:
                raise NoVerifier
            self.store.remove(caller.tenant_id)
            self.trail.note(
                caller,
                "password_verifier.removed",
                f"tenant:{caller.tenant_id}",
                [Change("url", old.url, None)],
            )

    def verdict(self, verifier: Verifier, question: Question) -> bool | None:
        """Return what the endpoint says, None if it says nothing."""
        if not self.breaker.may_ask(verifier.url):
            return None
        try:
            found = self.lanes.run(verifier.url, lambda: self.call(verifier, question))
        except NoPlace as full:
            log.warning("password_verifier_not_asked", tenant_id=verifier.tenant_id, why=str(full))
            return None
        except VerifierFailed as failure:
            self.breaker.note(verifier.url, answered=False)
            log.warning("password_verifier_failed", tenant_id=verifier.tenant_id, why=str(failure))
            return None
        self.breaker.note(verifier.url, answered=True)
        return found


def pem(text: str) -> str:
    """Return certificates to trust an endpoint by; raises `Invalid` for what is none."""
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise Invalid("authorities", "Give certificates in PEM.")
    return text
