"""A PostgreSQL primary with a synchronous standby, and the part of whoever promotes it: Patroni's, in production."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from authsvc.embedded import binaries
from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import DATABASE, PORT, USER, EmbeddedPostgres
from authsvc.embedded.server import READY_SECONDS, ServerFailed, Setup

# What a primary that can be followed is started with beside the embedded settings.
REPLICATED = ("--wal_level=replica", "--max_wal_senders=4", "--hot_standby=on")
# A primary that was silent at so many looks in a row is taken for dead. Patroni's own patience is 30 s by default.
LOOK_EVERY_SECONDS = 0.25
LOOKS = 4


class Primary(EmbeddedPostgres):
    """A server that others can follow."""

    def command(self) -> Sequence[str | Path]:
        """Return the server's command line."""
        return [*super().command(), *REPLICATED]


class Standby(Primary):
    """A copy of a primary, made and kept by streaming."""

    def __init__(self, data_folder: DataFolder, primary: Primary) -> None:
        super().__init__(data_folder)
        self._primary = primary

    @property
    def connection_string(self) -> str:
        """Where it is; it has its primary's users and their passwords."""
        return make_conninfo(self._primary.connection_string, host=str(self.socket.parent))

    def create(self, setup: Setup) -> None:
        """Copy the primary as it is now, to follow it from there."""
        setup.make_folder(self.folder)
        setup.run(
            [
                binaries.postgres_programs() / "pg_basebackup",
                f"--pgdata={self.folder}",
                f"--dbname={self._primary.connection_string}",
                "--write-recovery-conf",
                "--checkpoint=fast",
            ],
            self.folder,
        )


class PostgresPair:
    """Both servers from `__enter__` to `__exit__`; every commit waits until the standby has it on disk."""

    def __init__(self, folder: Path) -> None:
        self._folders = [DataFolder(folder / f"postgres-{number}") for number in range(2)]
        self.primary = Primary(self._folders[0])
        self.standby = Standby(self._folders[1], self.primary)
        self.promoted_after: float | None = None
        self._running = ExitStack()

    @property
    def url(self) -> str:
        """The address that `DATABASE_URL` takes: whichever of the two is the primary."""
        password = conninfo_to_dict(self.primary.connection_string)["password"]
        hosts = "&".join(
            f"host={quote(str(each.socket.parent), safe='/')}:{PORT}"
            for each in (self.primary, self.standby)
        )
        return f"postgresql://{USER}:{password}@/{DATABASE}?{hosts}&target_session_attrs=read-write"

    def __enter__(self) -> PostgresPair:
        """Start the primary, copy it, and return when it waits for its standby at every commit."""
        with ExitStack() as starting:
            for folder, server in zip(self._folders, (self.primary, self.standby), strict=True):
                starting.enter_context(folder)
                starting.callback(server.stop)
                server.start()
            self._run(self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'")
            self._run(self.primary, "SELECT pg_reload_conf()")
            deadline = time.monotonic() + READY_SECONDS
            while not self._run(
                self.primary, "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'"
            ):
                if time.monotonic() > deadline:
                    raise ServerFailed("The standby does not follow.")
                time.sleep(LOOK_EVERY_SECONDS)
            self._running = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop both."""
        self._running.close()

    def promote_when_dead(self) -> threading.Thread:
        """Begin to look after the primary; the standby takes its place once it is silent."""

        def watch() -> None:
            silent = 0
            while silent < LOOKS:
                silent = 0 if self.primary.answers() else silent + 1
                time.sleep(LOOK_EVERY_SECONDS)
            began = time.monotonic()
            self._run(self.standby, "SELECT pg_promote()")
            self.promoted_after = time.monotonic() - began

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        return thread

    @staticmethod
    def _run(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(server.connection_string, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description is not None else []
