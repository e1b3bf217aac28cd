"""The look-up behind a session check: Valkey's copy while it may be believed, else PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from authsvc.infra.clock import Clock
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.token_records import TokenRecords
from authsvc.sessions.rules import SessionRecord
from authsvc.sessions.store import SessionStore
from authsvc.tokens import TokenReference


@dataclass(frozen=True, slots=True)
class SessionRecords:
    """Session records by access token; never writes to PostgreSQL."""

    store: SessionStore
    records: TokenRecords
    invalidation: Invalidation
    clock: Clock

    def remembered(self, token: TokenReference) -> SessionRecord | None:
        """Return Valkey's copy, if there is one and it may be believed."""
        copy = self.records.get(token) if self.invalidation.trusted() else None
        return None if copy is None else _from_copy(copy)

    def fresh(self, token: TokenReference) -> SessionRecord | None:
        """Return what PostgreSQL says now, and leave a copy; raises `DatabaseUnavailable`."""
        question = self.records.question(self.clock())
        record = self.store.by_access_token(token)
        if record is not None and record.account_is_usable and not record.ended:
            self.records.put(token, _to_copy(record), question)
        return record

    def distrust(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Within the open transaction: copies of these tokens are void once it commits."""
        self.invalidation.distrust(tenant_id, digests)


def _to_copy(record: SessionRecord) -> bytes:
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
        ]
    )


def _from_copy(copy: bytes) -> SessionRecord:
    values = orjson.loads(copy)
    values[6] = tuple(values[6])
    for moment in (7, 8, 9):
        values[moment] = datetime.fromisoformat(values[moment])
    return SessionRecord(*values)
