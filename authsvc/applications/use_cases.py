"""What applications are known by, connected; services.py takes it from here."""

from __future__ import annotations

from authsvc.applications.records import ApplicationRecords
from authsvc.applications.rules import TicketRecord
from authsvc.applications.service import Applications
from authsvc.applications.store import ApplicationStore
from authsvc.audit.store import AuditTrail
from authsvc.infra.clock import Clock
from authsvc.infra.database import Database
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.process_copies import ProcessCopies
from authsvc.infra.token_records import TokenRecords


def connect_applications(
    database: Database,
    records: TokenRecords,
    invalidation: Invalidation,
    copies: ProcessCopies[TicketRecord],
    trail: AuditTrail,
    clock: Clock,
) -> Applications:
    """Connect the use cases to their store."""
    store = ApplicationStore(database)
    known = ApplicationRecords(store, records, invalidation, copies, clock)
    return Applications(store, known, trail, database.transaction, clock)
