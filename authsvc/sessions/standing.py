"""Whether a check that went well would go the same way once more, found out without asking any store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from authsvc.sessions.rules import CheckedSession

if TYPE_CHECKING:
    from authsvc.infra.process_copies import ProcessCopies
    from authsvc.sessions.rules import SessionRecord
    from authsvc.sessions.uses import BrowserUses


@dataclass(frozen=True, slots=True)
class Standing:
    """Judges sessions that were good a moment ago; ask only while copies may be believed."""

    copies: ProcessCopies[SessionRecord]
    uses: BrowserUses

    def holds(self, session: CheckedSession, site_set: str | None, now: datetime) -> bool:
        """Tell whether it would be decided by the same record, and the same way.

        `site_set`: the set that its site is remembered to be in, if it is remembered.
        """
        record = session.record
        if self.copies.get(session.digest) is not record:
            return False
        if site_set is None or record.refusal(customer_set=site_set, now=now) is not None:
            return False
        self.uses.note(record, session.digest)
        return True
