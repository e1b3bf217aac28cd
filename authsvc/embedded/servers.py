"""Both embedded servers on one data folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from authsvc.embedded.data_folder import DataFolder
from authsvc.embedded.postgres import EmbeddedPostgres
from authsvc.embedded.valkey import EmbeddedValkey


class EmbeddedServers:
    """PostgreSQL and Valkey, running from `__enter__` to `__exit__`.

    >>> with EmbeddedServers(Path("var/demo")) as servers:
    ...     create_engine(servers.database_url)

    Enter it in a thread that lives as long as the servers shall. `postgres` and `valkey` can be stopped, killed and
    started again one by one.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_folder = DataFolder(data_dir)
        self.postgres = EmbeddedPostgres(self.data_folder)
        self.valkey = EmbeddedValkey(self.data_folder)
        self._running = ExitStack()

    def __enter__(self) -> EmbeddedServers:
        """Start both side by side and return when both take connections.

        Raises DataFolderInUse, DataFolderUnusable, ServersNotInstalled and ServerFailed; nothing runs then.
        """
        with ExitStack() as starting:
            starting.enter_context(self.data_folder)
            starting.callback(self.postgres.stop)
            starting.callback(self.valkey.stop)
            self.valkey.launch()
            self.postgres.launch()
            self.valkey.await_ready()
            self.postgres.await_ready()
            self._running = starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop Valkey, then PostgreSQL, and let the data folder go."""
        self._running.close()

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the PostgreSQL, with its password."""
        return self.postgres.url

    @property
    def valkey_url(self) -> str:
        """redis-py's URL of the Valkey."""
        return self.valkey.url
