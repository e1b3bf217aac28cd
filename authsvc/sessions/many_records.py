"""The records of many tokens at once: what the process does not remember is asked of each store in one journey.

One call's answers are then decided by `Sessions.check`, token by token, as everywhere: it finds here what it would have
asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from authsvc.sessions.check_figures import Source
from authsvc.sessions.records import SessionRecords
from authsvc.sessions.rules import SessionRecord

if TYPE_CHECKING:
    from authsvc.tokens import TokenReference


@dataclass(frozen=True, slots=True)
class RecordsAtHand(SessionRecords):
    """Session records as they were found for one call.

    `asked_at`: when it began. `believed_at`: the moment that copies were true for then; None: none may be believed.
    """

    believed_at: datetime | None = field(kw_only=True)
    asked_at: datetime = field(kw_only=True)
    # What copies said, and what PostgreSQL said, which may be that there is no such session.
    copied: dict[TokenReference, SessionRecord] = field(default_factory=dict)
    # Which of the copies were this process's own.
    in_memory: set[TokenReference] = field(default_factory=set)
    stored: dict[TokenReference, SessionRecord | None] = field(default_factory=dict)

    @classmethod
    def of(cls, records: SessionRecords) -> RecordsAtHand:
        """Begin a call."""
        return cls(
            records.store,
            records.records,
            records.invalidation,
            records.copies,
            records.clock,
            records.figures,
            believed_at=records.invalidation.true_at(),
            asked_at=records.clock(),
        )

    def collect(self, tokens: Collection[TokenReference]) -> None:
        """Look all of them up; raises `DatabaseUnavailable` when PostgreSQL must be asked and cannot be."""
        if self.believed_at is not None:
            self.in_memory.update(
                each for each in tokens if self.copies.get(each.digest) is not None
            )
            self.copied.update(self.all_remembered(tokens))
        missing = [token for token in tokens if token not in self.copied]
        if missing:
            self.stored.update(self.all_fresh(missing))

    def look_up(self, token: TokenReference) -> tuple[SessionRecord | None, datetime]:
        """Return what was found, and the moment that all answers of the call are true for."""
        found = self.copied.get(token)
        if found is not None:
            self.figures.found_in(Source.MEMORY if token in self.in_memory else Source.VALKEY)
        return found or self.fresh(token), self.believed_at or self.asked_at

    def fresh(self, token: TokenReference) -> SessionRecord | None:
        """Return what PostgreSQL said in this call; who asks once more gets what it says now."""
        if token in self.stored:
            self.figures.found_in(Source.POSTGRESQL)
            return self.stored.pop(token)
        return SessionRecords.fresh(self, token)
