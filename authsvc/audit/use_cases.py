"""What is done with the audit trail beside adding to it, connected."""

from __future__ import annotations

from dataclasses import dataclass

from authsvc.audit.chain_store import ChainStore
from authsvc.audit.sealing import Sealing
from authsvc.audit.search_store import TrailSearch
from authsvc.audit.verification import Verification
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database


@dataclass(frozen=True, slots=True)
class Audit:
    """Sealing, verifying and searching."""

    store: ChainStore
    sealing: Sealing
    verification: Verification
    search: TrailSearch


def connect_audit(database: Database, clock: Clock) -> Audit:
    """Connect what works on the trail."""
    store = ChainStore(database)
    return Audit(
        store,
        Sealing(store, database.transaction, clock),
        Verification(store, clock),
        TrailSearch(database),
    )
