"""Words that large moves left behind brought to the sets their customers are in, a few at a time, beside everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.customer_search.cursors import Position

if TYPE_CHECKING:
    from authsvc.customer_search.settling_store import SettlingStore

# Customers looked at by one query, and rewritten by one transaction: a fraction of a second, so that a sign-in that
# needs one of them waits no longer, and what is written at once stays small.
BATCH = 500

_BEFORE_ALL = Position("", "", 0)


@dataclass(frozen=True, slots=True)
class Settling:
    """The use case. Killed anywhere, it has done some of it, and a search finds the same before, during and after."""

    store: SettlingStore
    batch: int = BATCH

    def settle(self) -> int:
        """Do what large moves left to do, of every tenant; returns how many notes of moves were dropped.

        A note stays where somebody held one of the customers or moved more of them meanwhile; the next time does it.
        """
        return sum(self._settle(tenant_id, home) for tenant_id, home in self.store.noted())

    def _settle(self, tenant_id: int, home: str) -> int:
        # Read before the walk: who is moved behind its back changes the time of the note.
        notes = self.store.notes(tenant_id, home)
        is_whole = True
        walked = self.store.walk(tenant_id, home, _BEFORE_ALL, self.batch)
        while walked.last is not None:
            if walked.elsewhere:
                settled = self.store.settle(tenant_id, walked.elsewhere)
                is_whole = is_whole and settled == len(walked.elsewhere)
            walked = self.store.walk(tenant_id, home, walked.last, self.batch)
        return self.store.drop(tenant_id, home, notes) if is_whole else 0
