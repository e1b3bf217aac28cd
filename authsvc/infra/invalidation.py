"""How an ended session is ended everywhere within a second, whatever Valkey is doing meanwhile.

The change writes a backlog row in its own transaction (what must no longer be believed) and, once committed,
bars the copies in Valkey and removes the row. If Valkey could not be told, the row stays, and every worker's
follower finds it: a worker believes Valkey only for a second after its follower has last seen the backlog
applied. So a change that is committed is either barred in Valkey or keeps all workers away from Valkey.

Every bar is also written into a list, which each follower reads to its end after each look at the backlog, dropping
what its process remembers by itself (`process_copies`). What was committed before a look is then either still in the
backlog, and applied, or in the list, and dropped: for one second more a process may go by what is left.

While PostgreSQL is down nothing new can be committed, so Valkey stays believed (checks go on) for as long as a
copy lives at all, `token_records.RECORD_SECONDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, insert, select, update

from authsvc.infra.barred_tokens import BarredTokens
from authsvc.infra.bounded_connection import answered_within
from authsvc.infra.clock import Clock, running_seconds
from authsvc.infra.database import Database, DatabaseUnavailable
from authsvc.infra.process_copies import AllCopies, ProcessCopies
from authsvc.infra.reaching import Reaching
from authsvc.infra.schema import directory_version, invalidation_backlog
from authsvc.infra.statements import Statement
from authsvc.infra.token_records import TokenRecords
from authsvc.infra.valkey import ValkeyUnavailable

# The promise of design §4: no worker believes Valkey for longer than this after its last look at the backlog.
TRUST_SECONDS = 1.0
# What does not answer a look for this long is as good as away: it takes a millisecond, and hundreds under heavy load.
LOOK_SECONDS = 5.0
# Rows applied in one look; the rest follows in the next, and until then nobody believes Valkey.
ROWS_AT_ONCE = 500

_BACKLOG = Statement(
    select(
        invalidation_backlog.c.id, invalidation_backlog.c.tenant_id, invalidation_backlog.c.digests
    )
    .order_by(invalidation_backlog.c.id)
    .limit(ROWS_AT_ONCE)
)
_VERSIONS = Statement(select(directory_version))

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Backlog:
    rows: list[tuple[int, int, list[bytes]]]
    structure_version: int
    pushed_version: int
    copies_generation: int


class Invalidation:
    """Ends belief in copies: for the changes made here, and for those made by every other worker."""

    def __init__(
        self,
        database: Database,
        line: Database,
        records: TokenRecords,
        clock: Clock,
        on_new_structure: Callable[[], None] = lambda: None,
        on_push: Callable[[], None] = lambda: None,
        copies: ProcessCopies[Any] | AllCopies | None = None,
        ticks: Callable[[], float] = running_seconds,
    ) -> None:
        """Follow `database`'s backlog; call `on_new_structure` when sites or sets of any tenant were changed.

        `on_push`: called when somebody does not want to wait until what was changed is noticed by itself. `copies`:
        what this process remembers of tokens.

        `line`: a connection to the same database for the follower alone. Would it have to wait for one of the
        requests', trust would run out under load, and turn every check into one more load on PostgreSQL.
        `ticks`: a clock in seconds that never jumps.
        """
        self._database = database
        self._line = line
        self.reaching = Reaching(line.ping)
        self._records = records
        self._clock = clock
        self._on_new_structure = on_new_structure
        self._on_push = on_push
        self._copies = copies if copies is not None else ProcessCopies(ticks)
        self.barred = BarredTokens(ticks)
        self._ticks = ticks
        self._true_at: datetime | None = None
        self._generation = 0
        self._trusted_until = float("-inf")
        self._all_applied = False
        self._structure_version: int | None = None
        self._pushed_version: int | None = None

    def trusted(self) -> bool:
        """Tell whether copies may be believed at this moment, Valkey's and this process's own."""
        return self._ticks() < self._trusted_until

    def true_at(self) -> datetime | None:
        """Return the moment that answers from copies are true for; None if none may be believed."""
        return self._true_at if self._ticks() < self._trusted_until else None

    def age(self) -> float:
        """Return how many seconds old the moment is that answers from copies are true for; infinite before any look."""
        return self._ticks() - (self._trusted_until - TRUST_SECONDS)

    def distrust(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Within the open transaction, note that copies of these tokens are void once it commits."""
        void = list(digests)
        if not void:
            return
        with self._database.connection() as connection:
            row_id = connection.execute(
                insert(invalidation_backlog)
                .values(tenant_id=tenant_id, digests=void, created_at=self._clock())
                .returning(invalidation_backlog.c.id)
            ).scalar_one()
        self._database.after_commit(lambda: self._apply_own([(row_id, tenant_id, void)]))

    def void_all_copies(self) -> None:
        """Within the open transaction, note that every copy made before it commits is void, of whatever token.

        For changes of more accounts than could be named, and of sessions that are opened while they last.
        """
        with self._database.connection() as connection:
            generation = connection.execute(
                update(directory_version)
                .values(copies_generation=directory_version.c.copies_generation + 1)
                .returning(directory_version.c.copies_generation)
            ).scalar_one()
        self._database.after_commit(lambda: self._void_before(generation))

    def structure_changed(self) -> None:
        """Within the open transaction, note that sites or sets have changed (see `on_new_structure`)."""
        with self._database.connection() as connection:
            connection.execute(
                update(directory_version).values(version=directory_version.c.version + 1)
            )
        self._database.after_commit(self._on_new_structure)

    def push_structure(self) -> None:
        """Within the open transaction, note that every worker shall go by sites and sets as they are (`on_push`)."""
        with self._database.connection() as connection:
            connection.execute(
                update(directory_version).values(
                    pushed_version=directory_version.c.pushed_version + 1
                )
            )
        self._database.after_commit(self._on_push)

    def follow(self) -> None:
        """Look at the backlog once, apply what others left there, and renew the trust in Valkey if all is applied."""
        looked_at, true_at = self._ticks(), self._clock()
        try:
            backlog = self.reaching.ask(self._look)
        except DatabaseUnavailable:
            # That took a while, maybe; whatever was ended meanwhile is in the list that is read next.
            looked_at, true_at = self._ticks(), self._clock()
            if self._all_applied and self._recognised_server() and self._dropped_barred():
                self._trust(looked_at, true_at)
                self.barred.all_heard(looked_at, true_at)
            return
        self._void_before(backlog.copies_generation)
        recognised, is_whole = self._recognised_server(), len(backlog.rows) < ROWS_AT_ONCE
        told = self._apply(backlog.rows, self._line)
        self._all_applied = recognised and is_whole and told
        # Where Valkey was not told, this process reads no copies (`TokenRecords.bar`); its own are dropped.
        if recognised and is_whole and self._dropped_barred():
            self._trust(looked_at, true_at)
            if told:
                self.barred.all_heard(looked_at, true_at)
        # The first look counts too: what was remembered before it may be of any age.
        if self._structure_version != backlog.structure_version:
            self._on_new_structure()
        self._structure_version = backlog.structure_version
        if self._pushed_version != backlog.pushed_version:
            self._on_push()
        self._pushed_version = backlog.pushed_version

    def await_change(self, seconds: float) -> bool:
        """Return when somebody bars a token, or after `seconds`; tell whether Valkey could be asked at all."""
        try:
            self._records.await_bar(seconds)
        except ValkeyUnavailable:
            return False
        return True

    def _trust(self, looked_at: float, true_at: datetime) -> None:
        self._true_at = true_at
        self._trusted_until = looked_at + TRUST_SECONDS

    def _void_before(self, generation: int) -> None:
        self._records.void_before(generation)
        if generation > self._generation:
            self._generation = generation
            self._copies.clear()

    def _dropped_barred(self) -> bool:
        """Drop what was barred by anybody since the last look; tell whether all of it is known."""
        try:
            heard = self._records.barred_since_last()
        except ValkeyUnavailable as failure:
            log.warning("valkey_away", error=type(failure).__name__)
            return False
        if heard.bars:
            self._copies.drop([digest for bar in heard.bars for digest in bar.digests])
        if not heard.complete:
            self._copies.clear()
        self.barred.note(heard)
        return True

    def _look(self) -> _Backlog:
        with answered_within(LOOK_SECONDS):
            rows = self._line.run(_BACKLOG)
            (state,) = self._line.run(_VERSIONS)
        self.barred.versions = (state.copies_generation, state.version, state.pushed_version)
        return _Backlog(
            [(row.id, row.tenant_id, list(row.digests)) for row in rows],
            state.version,
            state.pushed_version,
            state.copies_generation,
        )

    def _apply_own(self, rows: list[tuple[int, int, list[bytes]]]) -> None:
        """Apply what was just committed here; if that fails the followers will."""
        self._apply(rows, self._database)

    def _recognised_server(self) -> bool:
        try:
            self._records.recognise_server()
        except ValkeyUnavailable as failure:
            log.warning("valkey_away", error=type(failure).__name__)
            return False
        return True

    def _apply(self, rows: list[tuple[int, int, list[bytes]]], database: Database) -> bool:
        """Bar the copies and remove the rows; tell whether Valkey was told of all of them."""
        told: list[int] = []
        for row_id, tenant_id, digests in rows:
            self._copies.drop(digests)
            try:
                self._records.bar(tenant_id, digests)
            except ValkeyUnavailable as failure:
                log.warning("invalidation_waits", error=type(failure).__name__, row=row_id)
                # A copy of it may have been read in between.
                self._copies.drop(digests)
            else:
                told.append(row_id)
        if told:
            self._forget(told, database)
        return len(told) == len(rows)

    def _forget(self, row_ids: list[int], database: Database) -> None:
        try:
            with database.connection() as connection:
                connection.execute(
                    delete(invalidation_backlog).where(invalidation_backlog.c.id.in_(row_ids))
                )
        except DatabaseUnavailable:
            # Barred already; applying the rows once more later does no harm.
            log.warning("invalidation_rows_stay", rows=len(row_ids))
