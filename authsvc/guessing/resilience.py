"""Counting in Valkey, and in this process's memory for as long as Valkey cannot be asked."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

import structlog

from authsvc.guessing.attempts import Attempt, Permit
from authsvc.guessing.counts import Noticed, ValkeyCounts
from authsvc.guessing.memory import MemoryCounts
from authsvc.guessing.rules import Limits, Standing
from authsvc.infra.valkey import ValkeyUnavailable

log = structlog.get_logger(__name__)


class ResilientCounts:
    """What `ValkeyCounts` does, whatever becomes of Valkey."""

    def __init__(self, valkey: ValkeyCounts, limits: Limits) -> None:
        """Count in `valkey` while it answers."""
        self._valkey = valkey
        self._limits = limits
        self._memory: MemoryCounts | None = None
        self._changing = Lock()

    def begin(self, attempt: Attempt, now: datetime) -> Permit:
        """Count a try as failed, or count nothing and raise `TooManyFailures`."""
        try:
            permit = self._valkey.begin(attempt, now)
        except ValkeyUnavailable as failure:
            return self._in_memory(failure).begin(attempt, now)
        self._memory = None
        return permit

    def take_back(self, permit: Permit, now: datetime, *, good: bool) -> None:
        """Take back what a good try was counted for, with all failures of its account; or one that nobody judged."""
        if permit.in_memory:
            if self._memory is not None:
                self._memory.take_back(permit, good=good)
            return
        try:
            self._valkey.take_back(permit, now, good=good)
        except ValkeyUnavailable as failure:
            # It stays counted: one failure too many, which the next good sign-in forgets.
            self._note(failure)

    def fail(self, permit: Permit, now: datetime) -> Noticed | None:
        """Note a failed try; returns what is noticed where that hardens guessing from now on."""
        if permit.in_memory:
            return None
        try:
            return self._valkey.fail(permit, now)
        except ValkeyUnavailable as failure:
            self._note(failure)
            return None

    def vouch(self, block: str) -> None:
        """Count an address block among those that good sign-ins come from, if Valkey can be asked."""
        try:
            self._valkey.vouch(block)
        except ValkeyUnavailable as failure:
            self._note(failure)

    def forget(self, tenant_id: int, customer_set: str, key: str) -> None:
        """Forget all failures of a username, if Valkey can be asked."""
        try:
            self._valkey.forget(tenant_id, customer_set, key)
        except ValkeyUnavailable as failure:
            self._note(failure)

    def standing(self, tenant_id: int, customer_set: str, key: str, now: datetime) -> Standing:
        """Tell where a username stands; as one that never failed while nobody can tell."""
        try:
            return self._valkey.standing(tenant_id, customer_set, key, now)
        except ValkeyUnavailable as failure:
            self._note(failure)
            return Standing(0, self._limits.strangers)

    def _in_memory(self, failure: Exception) -> MemoryCounts:
        with self._changing:
            memory = self._memory
            if memory is None:
                log.warning("attempts_counted_in_memory", error=type(failure).__name__)
                memory = self._memory = MemoryCounts(self._limits)
            return memory

    def _note(self, failure: Exception) -> None:
        log.warning("attempts_not_counted", error=type(failure).__name__)
