"""Argon2id in a bounded pool of its own: hashing takes neither all the memory nor the checks' processor time.

One hash costs as much processor time as thousands of session checks, so a process hashes in a fixed number of
lanes, at a lower priority than its requests; a limited number of sign-ins wait their turn, and more than that are
told to come back.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from authsvc.errors import Unavailable

SALT_BYTES = 16  # RFC 9106 §3.1
HASH_BYTES = 32  # RFC 9106 §4: 256-bit tag
# Ten steps below a request's own priority: a check that wants the processor gets it.
NICENESS = 10
BUSY_RETRY_AFTER_SECONDS = 2

Result = TypeVar("Result")


class HashingBusy(Unavailable):
    """Too many sign-ins at once; nothing was done."""

    def __init__(self) -> None:
        """Ask the caller to come back."""
        super().__init__(
            "Too many people are signing in at this moment. Try again in a few seconds.",
            retry_after_seconds=BUSY_RETRY_AFTER_SECONDS,
        )


@dataclass(frozen=True, slots=True)
class HashParameters:
    """Argon2id's cost: passes over `memory_kib` KiB, in one lane.

    46 MiB and 1 pass is the first of the sets that the OWASP Password Storage Cheat Sheet calls equally strong. Of them
    it fills the most memory, which is what hardware made for guessing has least of. The next, 19 MiB and 2 passes,
    takes less than half the memory and processor time of a sign-in: a setting, for who must sign in more a second.
    """

    time_cost: int = 1
    memory_kib: int = 47_104
    parallelism: int = 1


class PasswordHashing:
    """Hashes prepared passwords (see `password_policy`) and compares them."""

    def __init__(
        self,
        parameters: HashParameters,
        *,
        lanes: int,
        most_waiting: int,
        longest_wait_seconds: float,
    ) -> None:
        """Hash in `lanes` threads; `most_waiting` more callers may wait, each `longest_wait_seconds` at most.

        Memory at the worst is `lanes` times the parameters' memory.
        """
        self._hasher = PasswordHasher(
            time_cost=parameters.time_cost,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.parallelism,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        self.lanes = lanes
        # Begun or waiting; changed under the lock.
        self._taken = 0
        self._counting = threading.Lock()
        self._lanes = ThreadPoolExecutor(lanes, "hashing", initializer=_yield_to_requests)
        self._places = threading.BoundedSemaphore(lanes + most_waiting)
        self._longest_wait_seconds = longest_wait_seconds
        self._decoy = self._hasher.hash(secrets.token_hex(HASH_BYTES))

    def hash(self, prepared: str) -> str:
        """Return the hash to store, parameters and salt included; raises `HashingBusy`."""
        return self._in_a_lane(lambda: self._hasher.hash(prepared))

    def matches(
        self,
        stored_hash: str | None,
        prepared: str,
        *,
        or_as: str | None = None,
        beside: Callable[[], bool] | None = None,
    ) -> bool:
        """Tell whether the password is the one that was hashed; raises `HashingBusy`.

        Without a stored hash it does the same work on a decoy and answers False, so that time does not tell who
        exists (rule 11). `or_as`: another form of the password that the hash may be of, compared in any case.
        `beside`: work that is done in the same lane in any case, and may say yes instead.
        """
        against = self._decoy if stored_hash is None else stored_hash

        def compare() -> bool:
            forms = [prepared] if or_as is None else [prepared, or_as]
            # All of them, found or not: what was typed decides how long it takes, and nothing else.
            found = [self._verify(against, form) for form in forms]
            is_right = any(found) and stored_hash is not None
            is_right_beside = beside is not None and beside()
            return is_right or is_right_beside

        return self._in_a_lane(compare)

    def is_outdated(self, stored_hash: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored_hash)

    def in_use(self) -> int:
        """Return how many lanes are hashing."""
        return min(self._taken, self.lanes)

    def waiting(self) -> int:
        """Return how many callers wait for a lane."""
        return max(0, self._taken - self.lanes)

    def close(self) -> None:
        """Let the lanes finish what they do and end."""
        self._lanes.shutdown(wait=True, cancel_futures=True)

    def _free_place(self, _: Future[Result]) -> None:
        with self._counting:
            self._taken -= 1
        self._places.release()

    def _verify(self, stored_hash: str, prepared: str) -> bool:
        try:
            return self._hasher.verify(stored_hash, prepared)
        except (VerificationError, InvalidHashError):
            return False

    def _in_a_lane(self, work: Callable[[], Result]) -> Result:
        if not self._places.acquire(blocking=False):
            raise HashingBusy
        with self._counting:
            self._taken += 1
        future: Future[Result] = self._lanes.submit(work)
        # The place is free when the work is over, which may be after the caller has gone.
        future.add_done_callback(self._free_place)
        try:
            return future.result(timeout=self._longest_wait_seconds)
        except WaitedTooLong:
            future.cancel()
            raise HashingBusy from None


def _yield_to_requests() -> None:
    """Lower the running thread's priority; Linux keeps one for each thread."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
