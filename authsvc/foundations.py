"""What all features stand on: connections to the stores, what a process remembers, and how it hears of changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from authsvc.applications.rules import TicketRecord
from authsvc.audit.store import AuditTrail
from authsvc.customer_sets.directory import Directory
from authsvc.customer_sets.propagation import Propagation
from authsvc.customer_sets.propagation_store import PropagationStore
from authsvc.customer_sets.store import StructureStore
from authsvc.infra.clock import Clock
from authsvc.infra.database import SILENCE_MS, Database
from authsvc.infra.follower import SILENCE_MS as FOLLOWER_SILENCE_MS
from authsvc.infra.invalidation import Invalidation
from authsvc.infra.line import Line
from authsvc.infra.process_copies import AllCopies, ProcessCopies
from authsvc.infra.token_records import TokenRecords
from authsvc.infra.valkey import Servers
from authsvc.infra.valkey_cluster import connect_valkey
from authsvc.sessions.rules import SessionRecord
from authsvc.settings import Propagation as PropagationSetting
from authsvc.settings import Settings


@dataclass(frozen=True)
class Foundations:
    """Connected to the stores that the settings name; nothing is asked of them yet."""

    settings: Settings
    clock: Clock
    database: Database
    follower_line: Database
    # What My Account's reads ask which state they are in.
    my_account_line: Line
    # What is asked and written beside a regrouping's transaction.
    beside: Database
    valkey: Servers
    records: TokenRecords
    session_copies: ProcessCopies[SessionRecord]
    application_copies: ProcessCopies[TicketRecord]
    structure: StructureStore
    directory: Directory
    invalidation: Invalidation
    trail: AuditTrail
    propagation: Propagation

    def disconnect(self) -> None:
        """Let go of all connections."""
        self.database.close()
        self.follower_line.close()
        self.my_account_line.close()
        self.beside.close()
        self.valkey.close()


def lay_foundations(settings: Settings, clock: Clock, ticks: Callable[[], float]) -> Foundations:
    """Connect to the stores; `ticks` counts seconds without ever jumping, for what is remembered."""
    url = settings.database_url.get_secret_value()
    database = Database(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=2 * settings.database_pool_size,
    )
    follower_line, for_my_account = (
        Database(url, pool_size=1, max_overflow=0, silence_ms=silence_ms)
        for silence_ms in (FOLLOWER_SILENCE_MS, SILENCE_MS)
    )
    # One regrouping of a tenant at a time; connections are opened when there is one.
    beside = Database(url, pool_size=1, max_overflow=9)
    valkey = connect_valkey(settings.valkey_url.get_secret_value())
    records = TokenRecords(valkey)
    structure = StructureStore(database)
    directory = Directory(structure, ticks, settings.directory_ttl_seconds)
    pushes = settings.propagation is PropagationSetting.PUSH
    session_copies: ProcessCopies[SessionRecord] = ProcessCopies(
        ticks, settings.remembered_sessions
    )
    application_copies: ProcessCopies[TicketRecord] = ProcessCopies(ticks)
    invalidation = Invalidation(
        database,
        follower_line,
        records,
        clock,
        on_new_structure=directory.forget if pushes else lambda: None,
        on_push=directory.forget,
        copies=AllCopies(session_copies, application_copies),
        ticks=ticks,
    )
    trail = AuditTrail(database, clock)
    propagation = Propagation(
        PropagationStore(database),
        trail,
        database.transaction,
        invalidation.structure_changed,
        invalidation.push_structure,
        clock,
        timedelta(seconds=0 if pushes else settings.directory_ttl_seconds),
    )
    return Foundations(
        settings,
        clock,
        database,
        follower_line,
        Line(for_my_account),
        beside,
        valkey,
        records,
        session_copies,
        application_copies,
        structure,
        directory,
        invalidation,
        trail,
        propagation,
    )
