"""Locks for what must not be done to one account by two at once, without holding the account itself.

The row of an account may be held for minutes by a large move, and is held by every sign-in; who saves an address need
wait for neither.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import text

from authsvc.infra.database import Database
from authsvc.infra.statements import Statement

# An advisory lock takes 64 bits.
_LOCK_BYTES = 8
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(CAST(:number AS bigint))"))


def hold(database: Database, what: str, tenant_id: int, account_id: int) -> None:
    """Wait until nobody else holds `what` ("contacts") of an account, and hold it until the transaction ends."""
    name = f"{what}/{tenant_id}/{account_id}".encode()
    number = hashlib.sha256(name).digest()[:_LOCK_BYTES]
    database.run(_LOCK, number=int.from_bytes(number, "big", signed=True))
