"""Whose access token is this: a copy in this process or in Valkey while it may be believed, else PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from authsvc.applications.rules import Application, TicketRecord
from authsvc.applications.store import ApplicationStore
from authsvc.callers import Behavior
from authsvc.infra.clock import Clock
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.process_copies import ProcessCopies
from authsvc.infra.token_records import UNREADABLE, TokenRecords
from authsvc.tokens import TokenReference


@dataclass(frozen=True, slots=True)
class ApplicationRecords:
    """The look-up behind every call an application makes."""

    store: ApplicationStore
    records: TokenRecords
    invalidation: Invalidation
    copies: ProcessCopies[TicketRecord]
    clock: Clock

    def application_of_access_token(self, token: TokenReference) -> Application | None:
        """Return the active application whose unexpired access token this is, or None.

        Raises `DatabaseUnavailable` when neither store can tell.
        """
        now = self.clock()
        record = self._remembered(token) if self.invalidation.trusted() else None
        if record is None:
            record = self._ask(token, now)
        return record.application if record is not None and record.is_good(now) else None

    def distrust(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Within the open transaction: copies of these tokens are void once it commits."""
        self.invalidation.distrust(tenant_id, digests)

    def _remembered(self, token: TokenReference) -> TicketRecord | None:
        kept = self.copies.get(token.digest)
        if kept is not None and kept.application.tenant_id == token.tenant_id:
            return kept
        reading = self.copies.begin()
        copy = self.records.get(token)
        record = None if copy is None else _from_copy(copy)
        if record is None:
            return None
        self.copies.keep(token.digest, record, reading)
        return record

    def _ask(self, token: TokenReference, now: datetime) -> TicketRecord | None:
        question = self.records.question(now)
        reading = self.copies.begin()
        found = self.store.application_of_token(token, "access")
        if found is None:
            return None
        record = TicketRecord(*found)
        self.records.put(token, _to_copy(record), question)
        self.copies.keep(token.digest, record, reading)
        return record


def _to_copy(record: TicketRecord) -> bytes:
    """Keep what a call needs to know; the secret's digest stays in PostgreSQL."""
    application = record.application
    return orjson.dumps(
        [
            application.tenant_id,
            application.client_id,
            application.name,
            sorted(application.behaviors),
            application.is_active,
            application.created_at,
            record.expires_at,
            None if application.site_ids is None else sorted(application.site_ids),
        ]
    )


def _from_copy(copy: bytes) -> TicketRecord | None:
    """Return what a copy says; one that cannot be read, of another release, is none, and PostgreSQL is asked."""
    try:
        tenant_id, client_id, name, behaviors, is_active, created_at, expires_at, site_ids = (
            orjson.loads(copy)
        )
        application = Application(
            tenant_id,
            client_id,
            name,
            (),
            frozenset(map(Behavior, behaviors)),
            is_active,
            datetime.fromisoformat(created_at),
            None if site_ids is None else frozenset(site_ids),
        )
        return TicketRecord(application, datetime.fromisoformat(expires_at))
    except UNREADABLE:
        return None
