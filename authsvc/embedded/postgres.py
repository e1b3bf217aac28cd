"""The embedded PostgreSQL: made with a password of its own, reached by a Unix socket only, every write on disk."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from authsvc.embedded import binaries
from authsvc.embedded.data_folder import PRIVATE_FILE, DataFolder, DataFolderUnusable
from authsvc.embedded.server import EmbeddedServer, Setup

USER = "authsvc"
DATABASE = "postgres"
"""The database that every PostgreSQL is made with; on a server of our own another would add nothing."""
PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"

SETTINGS = {
    "listen_addresses": "",  # no TCP at all
    "port": PORT,  # part of the socket's name
    "unix_socket_permissions": "0700",
    "fsync": "on",  # an acknowledged write survives a power cut
    "synchronous_commit": "on",
    "max_connections": 200,  # several worker processes with a pool each, and the tests' own
    "shared_buffers": "64MB",  # a developer's machine has other work
    "max_wal_size": "256MB",  # bounds the replay after a crash to seconds
    "wal_level": "minimal",  # nobody replicates from here
    "max_wal_senders": 0,  # the same
    "max_logical_replication_workers": 0,  # the same, one process fewer
    "io_method": "sync",  # three processes fewer; reads come from the page cache
    "log_checkpoints": "off",  # a log that a person can read
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL 18 on `<data folder>/postgres`, its password beside it in `postgres.password`."""

    name = "postgres"
    socket_name = SOCKET
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: roll back, disconnect, checkpoint

    def __init__(self, data_folder: DataFolder) -> None:
        super().__init__(data_folder)
        self._password_file = data_folder.path / "postgres.password"

    @property
    def url(self) -> str:
        """SQLAlchemy's URL, with the password."""
        password = self._password_file.read_text().strip()
        # The port is named because PGPORT would change it, although it is only a part of the socket's name.
        where = urlencode({"host": self.socket.parent, "port": PORT})
        return f"postgresql+psycopg://{USER}:{password}@/{DATABASE}?{where}"

    @property
    def connection_string(self) -> str:
        """The same for libpq, `psql` and psycopg."""
        password = self._password_file.read_text().strip()
        return make_conninfo(
            host=str(self.socket.parent), port=PORT, user=USER, dbname=DATABASE, password=password
        )

    def create(self, setup: Setup) -> None:
        """Make the cluster in a folder beside, then rename: a kill meanwhile leaves nothing half made."""
        unfinished = self.folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        setup.make_folder(unfinished)
        self._password_file.unlink(missing_ok=True)
        file = os.open(self._password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(file, "w") as password:
            password.write(secrets.token_urlsafe(32))
            password.flush()
            os.fsync(file)
        setup.run(
            [
                binaries.postgres_programs() / "initdb",
                f"--pgdata={unfinished}",
                f"--username={USER}",
                f"--pwfile={self._password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # The same order and case rules on every machine, whatever its C library.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ],
            unfinished,
        )
        unfinished.rename(self.folder)

    def command(self) -> Sequence[str | Path]:
        """Return the server's command line; the files of a dead server are removed first.

        Raises DataFolderUnusable when a server that somebody else started by hand runs on the folder.
        """
        self._refuse_a_stranger()
        sockets = self.socket.parent
        for left in (self.folder / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)
        settings = {**SETTINGS, "unix_socket_directories": _in_list(sockets)}
        return [
            binaries.postgres_programs() / "postgres",
            "-D",
            self.folder,
            *(f"--{name}={value}" for name, value in settings.items()),
        ]

    def answers(self) -> bool:
        """Say whether the server takes connections: not yet while it replays its log."""
        where = make_conninfo(host=str(self.socket.parent), port=PORT, connect_timeout=2)
        return PGconn.ping(where.encode()) == Ping.OK

    def _refuse_a_stranger(self) -> None:
        # Every server of ours is gone, since we hold its lock. One started by hand holds none, but works in the folder.
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split(maxsplit=1)[0])
            works_in = Path(f"/proc/{pid}/cwd").readlink()
        except (OSError, ValueError, IndexError):
            return
        if works_in == self.folder:
            raise DataFolderUnusable(
                self.folder, f"is used by a PostgreSQL started by hand (process {pid}): stop it"
            )


def _in_list(folder: Path) -> str:
    """Quote a folder for a PostgreSQL setting that holds a list."""
    return '"' + str(folder).replace('"', '""') + '"'
