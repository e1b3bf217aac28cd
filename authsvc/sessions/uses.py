"""Cookies in use last longer: noted in memory by whoever checks them, written now and then by a thread of its own.

A check never writes (design §4), and pages alone would not see shoppers who only ever look at the storefront. So each
process notes which cookies it found good, and writes all of them at once every few seconds. It is not the follower's
thread: a slow write must not cost the trust in copies. What a process that is killed had noted is lost, and a shopper's
idle limit is then a few seconds, or a tenth of it, short.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from authsvc.infra.database import DatabaseUnavailable
from authsvc.infra.token_records import BAR_SECONDS
from authsvc.sessions.browser_store import Use

if TYPE_CHECKING:
    from authsvc.infra.clock import Clock
    from authsvc.sessions.browser import BrowserTerms
    from authsvc.sessions.browser_store import BrowserSessionStore
    from authsvc.sessions.rules import SessionRecord

WRITE_EVERY_SECONDS = 15.0
# A cookie whose end would move by less is not worth a write: ten writes at the most in an idle limit.
WORTH_WRITING = 0.1
# What would run out before the next write but one is written at once.
_URGENT = timedelta(seconds=2 * WRITE_EVERY_SECONDS)
# Copies go on telling the old end for this long, and nobody hurries for it twice.
_HURRIED = timedelta(seconds=BAR_SECONDS)
# Noted at once by one process, about 20 MB; what comes beyond is noted at its next check.
MOST_NOTED = 100_000

log = structlog.get_logger(__name__)


class BrowserUses:
    """Which cookies were used, and since when that waits to be written."""

    def __init__(self, store: BrowserSessionStore, terms: BrowserTerms, clock: Clock) -> None:
        """Write to `store`; `terms` say how long a use keeps a cookie good."""
        self._store = store
        self._terms = terms
        self._clock = clock
        self._noted: dict[tuple[int, bytes], Use] = {}
        # Those that were written at once, and when.
        self._hurried: dict[tuple[int, bytes], datetime] = {}
        self._urgent = threading.Event()

    def note(self, record: SessionRecord, digest: bytes) -> None:
        """Note that a check found this record's cookie good, if that puts its end off; a ticket's is passed over."""
        if record.remembered is None or record.token_expires_at >= record.expires_at:
            return
        idle = self._terms.of(remembered=record.remembered).idle
        now = self._clock()
        left = record.token_expires_at - now
        if left > idle * (1 - WORTH_WRITING) or len(self._noted) >= MOST_NOTED:
            return
        key, stale_before = (record.tenant_id, digest), now + idle * (1 - WORTH_WRITING)
        self._noted[key] = Use(digest, now, now + idle, stale_before)
        if left < _URGENT and key not in self._hurried:
            self._hurried[key] = now
            self._urgent.set()

    def write(self) -> int:
        """Write what was noted; returns how many cookies last longer now."""
        self._urgent.clear()
        noted, self._noted = self._noted, {}
        long_ago = self._clock() - _HURRIED
        for key in [key for key, at in list(self._hurried.items()) if at < long_ago]:
            del self._hurried[key]
        by_tenant: dict[int, list[Use]] = defaultdict(list)
        for (tenant_id, _), use in noted.items():
            by_tenant[tenant_id].append(use)
        try:
            return sum(
                self._store.put_off(tenant_id, uses) for tenant_id, uses in by_tenant.items()
            )
        except DatabaseUnavailable:
            self._noted = noted | self._noted
            log.warning("uses_wait", cookies=len(noted))
            return 0

    def await_next(self) -> None:
        """Return when it is time to write."""
        self._urgent.wait(WRITE_EVERY_SECONDS)


def start_writing(uses: BrowserUses) -> None:
    """Write what this process notes, from now on until it ends."""

    def run() -> None:
        while True:
            uses.await_next()
            try:
                uses.write()
            except Exception:
                # The next round tries anew with what is noted then.
                log.exception("uses_not_written")

    threading.Thread(target=run, name="uses", daemon=True).start()
