"""Sealing: entries get their links a while after they were written, by one sealer at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING

import structlog

from authsvc.audit.chain import SALT_BYTES, Head, beginning, forged

if TYPE_CHECKING:
    from authsvc.audit.chain_store import ChainStore
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction

log = structlog.get_logger(__name__)

# Entries sealed in one transaction: tens of milliseconds, for which an erasure may have to wait.
BATCH = 2_000
# How long one run waits for those who are writing; a regrouping of a million customers takes longer, and the next run
# seals what was written meanwhile.
PATIENCE_SECONDS = 40.0
LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Sealing:
    """Adds links to the chains; any number of sealers may run, and take turns."""

    store: ChainStore
    transaction: Transaction
    clock: Clock
    wait: Callable[[float], None] = sleep

    def run(self) -> int:
        """Seal what was written before; returns how many entries. Each chain's new end is logged."""
        through = self._settled()
        if through is None:
            log.warning("audit_not_sealed", reason="a transaction that writes entries goes on")
            return 0
        sealed = 0
        for tenant_id in self.store.unsealed_tenants(through):
            while done := self._batch(tenant_id, through):
                sealed += done
            head = self.store.head(tenant_id)
            if head is not None:
                log.info("audit_sealed", **head.wire())
        return sealed

    def _settled(self) -> int | None:
        """Return an id up to which no entry can appear any more, or None if that takes too long."""
        last_id = self.store.last_id()
        writing = self.store.writers()
        waited = 0.0
        while writing:
            if waited >= PATIENCE_SECONDS:
                return None
            self.wait(LOOK_EVERY_SECONDS)
            waited += LOOK_EVERY_SECONDS
            writing &= self.store.writers()
        return last_id

    def _batch(self, tenant_id: int, through: int) -> int:
        with self.transaction():
            self.store.hold()
            head = self.store.head(tenant_id)
            after, place = (head.entry_id, head.place) if head else (0, 0)
            before = head.digest if head else beginning(tenant_id)
            entries = self.store.entries(tenant_id, after, through, BATCH)
            if not entries:
                return 0
            salts = os.urandom(SALT_BYTES * len(entries))
            links = []
            for number, entry in enumerate(entries):
                salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
                link = forged(entry, place + number + 1, before, salt)
                before = link.digest
                links.append(link)
            last = links[-1]
            self.store.add(
                tenant_id,
                links,
                Head(tenant_id, last.place, last.entry_id, last.digest, self.clock()),
            )
            return len(links)
