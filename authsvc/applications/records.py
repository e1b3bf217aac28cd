"""Whose access token is this: Valkey's copy while it may be believed, else PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from authsvc.applications.rules import Application
from authsvc.applications.store import ApplicationStore
from authsvc.callers import Behavior
from authsvc.infra.clock import Clock
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.token_records import TokenRecords
from authsvc.tokens import TokenReference


@dataclass(frozen=True, slots=True)
class ApplicationRecords:
    """The look-up behind every call an application makes."""

    store: ApplicationStore
    records: TokenRecords
    invalidation: Invalidation
    clock: Clock

    def application_of_access_token(self, token: TokenReference) -> Application | None:
        """Return the active application whose unexpired access token this is, or None.

        Raises `DatabaseUnavailable` when neither store can tell.
        """
        now = self.clock()
        copy = self.records.get(token) if self.invalidation.trusted() else None
        found = _from_copy(copy) if copy is not None else self._ask(token, now)
        if found is None or found[1] <= now or not found[0].is_active:
            return None
        return found[0]

    def distrust(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Within the open transaction: copies of these tokens are void once it commits."""
        self.invalidation.distrust(tenant_id, digests)

    def _ask(self, token: TokenReference, now: datetime) -> tuple[Application, datetime] | None:
        question = self.records.question(now)
        found = self.store.application_of_token(token, "access")
        if found is not None:
            self.records.put(token, _to_copy(*found), question)
        return found


def _to_copy(application: Application, expires_at: datetime) -> bytes:
    """Keep what a call needs to know; the secret's digest stays in PostgreSQL."""
    return orjson.dumps(
        [
            application.tenant_id,
            application.client_id,
            application.name,
            sorted(application.behaviors),
            application.is_active,
            application.created_at,
            expires_at,
        ]
    )


def _from_copy(copy: bytes) -> tuple[Application, datetime]:
    tenant_id, client_id, name, behaviors, is_active, created_at, expires_at = orjson.loads(copy)
    application = Application(
        tenant_id,
        client_id,
        name,
        b"",
        frozenset(map(Behavior, behaviors)),
        is_active,
        datetime.fromisoformat(created_at),
    )
    return application, datetime.fromisoformat(expires_at)
