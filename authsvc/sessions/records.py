"""The look-up behind a session check: a copy in this process or in Valkey while it may be believed, else PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from authsvc.infra.bounded_connection import CHECK_SECONDS, answered_within
from authsvc.infra.clock import Clock
from authsvc.infra.database import DatabaseUnavailable
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.process_copies import ProcessCopies
from authsvc.infra.token_records import UNREADABLE, TokenRecords
from authsvc.sessions.check_figures import CheckFigures, Source
from authsvc.sessions.rules import SessionRecord
from authsvc.sessions.store import SessionStore
from authsvc.tokens import TokenReference


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was found of many tokens, and where; all of it is true for one moment.

    `untold`: those of which nobody could be asked.
    """

    true_at: datetime
    records: dict[TokenReference | None, SessionRecord | None] = field(default_factory=dict)
    sources: dict[TokenReference | None, Source] = field(default_factory=dict)
    untold: set[TokenReference] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SessionRecords:
    """Session records by access token or cookie; never writes to PostgreSQL."""

    store: SessionStore
    records: TokenRecords
    invalidation: Invalidation
    copies: ProcessCopies[SessionRecord]
    clock: Clock
    figures: CheckFigures = field(default_factory=CheckFigures)

    def look_up(self, token: TokenReference) -> tuple[SessionRecord | None, datetime]:
        """Return the record, and the moment that it is true for; raises `DatabaseUnavailable`.

        The moment is settled first, and by it whether copies may be believed: a copy is never told as truer than the
        follower's look that it was believed by, though the next look ends meanwhile, or trust runs out.
        """
        believed_at, now = self.invalidation.true_at(), self.clock()
        record = None if believed_at is None else self.remembered(token)
        return record or self.fresh(token), believed_at or now

    def remembered(self, token: TokenReference) -> SessionRecord | None:
        """Return this process's copy or Valkey's, if there is one and it may be believed."""
        if not self.invalidation.trusted():
            return None
        kept = self.copies.get(token.digest)
        if kept is not None and kept.tenant_id == token.tenant_id:
            self.figures.found_in(Source.MEMORY)
            return kept
        reading = self.copies.begin()
        copy = self.records.get(token)
        record = None if copy is None else _from_copy(copy)
        if record is None:
            return None
        self.figures.found_in(Source.VALKEY)
        self.copies.keep(token.digest, record, reading)
        return record

    def look_up_all(self, tokens: Collection[TokenReference]) -> LookedUp:
        """Do for many what `look_up` does for one, asking each store once."""
        believed_at, now = self.invalidation.true_at(), self.clock()
        found = LookedUp(believed_at or now)
        if believed_at is not None:
            self._remembered(tokens, found)
        missing = [token for token in tokens if token not in found.records]
        if missing:
            try:
                for token, record in self.all_fresh(missing).items():
                    found.records[token], found.sources[token] = record, Source.POSTGRESQL
            except DatabaseUnavailable:
                found.untold.update(missing)
        return found

    def fresh(self, token: TokenReference) -> SessionRecord | None:
        """Return what PostgreSQL says now, and leave a copy; raises `DatabaseUnavailable`."""
        return self.all_fresh([token])[token]

    def _remembered(self, tokens: Iterable[TokenReference], found: LookedUp) -> None:
        """Add what `remembered` would return of each token, asking Valkey once for all."""
        missing: list[TokenReference] = []
        for token in tokens:
            kept = self.copies.get(token.digest)
            if kept is not None and kept.tenant_id == token.tenant_id:
                found.records[token], found.sources[token] = kept, Source.MEMORY
            else:
                missing.append(token)
        reading = self.copies.begin()
        for token, copy in zip(missing, self.records.get_many(missing), strict=True):
            record = None if copy is None else _from_copy(copy)
            if record is not None:
                found.records[token], found.sources[token] = record, Source.VALKEY
                self.copies.keep(token.digest, record, reading)

    def all_fresh(
        self, tokens: Sequence[TokenReference]
    ) -> dict[TokenReference, SessionRecord | None]:
        """Return what `fresh` does of each token, asking PostgreSQL once for all; raises `DatabaseUnavailable`."""
        self.figures.found_in(Source.POSTGRESQL)
        question = self.records.question(self.clock())
        reading = self.copies.begin()
        with answered_within(CHECK_SECONDS):
            known = self.store.by_shown_tokens(tokens)
        good = [
            (token, record)
            for token, record in known.items()
            if record.account_is_usable and not record.ended
        ]
        if good:
            self.records.put_many([(token, _to_copy(record)) for token, record in good], question)
        for token, record in good:
            self.copies.keep(token.digest, record, reading)
        return {token: known.get(token) for token in tokens}

    def distrust(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Within the open transaction: copies of these tokens are void once it commits."""
        self.invalidation.distrust(tenant_id, digests)


def _to_copy(record: SessionRecord) -> bytes:
    # Only of a browser's session: workers of the last release read no such copy, and would not understand it.
    remembered = [] if record.remembered is None else [record.remembered]
    return orjson.dumps(
        [
            record.tenant_id,
            record.session_id,
            record.account_id,
            record.user_id,
            record.customer_set,
            record.site_id,
            record.methods,
            record.opened_at,
            record.token_expires_at,
            record.expires_at,
            record.ended,
            record.account_is_usable,
            *remembered,
        ]
    )


def _from_copy(copy: bytes) -> SessionRecord | None:
    """Return what a copy says; one that cannot be read, of another release, is none, and PostgreSQL is asked."""
    try:
        values = orjson.loads(copy)
        values[6] = tuple(values[6])
        for moment in (7, 8, 9):
            values[moment] = datetime.fromisoformat(values[moment])
        return SessionRecord(*values)
    except UNREADABLE:
        return None
