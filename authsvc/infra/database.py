"""PostgreSQL: the pool, and transactions that a use case opens in words.

`transaction()` binds one connection to the running context; every store method inside it uses that connection.
Outside a transaction each store call is a short one of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.resources import files
from select import POLLIN, poll
from typing import Any, cast

import psycopg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event, exc, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import PoolProxiedConnection

from authsvc.errors import Conflict, Unavailable
from authsvc.infra.bounded_connection import BoundedConnection
from authsvc.infra.patient_pool import PATIENCE_SECONDS, PatientPool
from authsvc.infra.statements import Statement

Transaction = Callable[[], AbstractContextManager[None]]

CONNECT_TIMEOUT_SECONDS = 2
# A machine that vanishes says nothing, and without these the kernel waits for its answer for a quarter of an hour.
# Longer than a busy network's worst pause (milliseconds, seconds).
SILENCE_MS = 10_000
KEEPALIVE_SECONDS = 5
# A request that waits longer than this for a connection is better told to come back.
POOL_WAIT_SECONDS = 5
# Bounds on the server's side, so that one stuck statement cannot hold a worker's connections (milliseconds).
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 8_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 20_000

RETRY_AFTER_SECONDS = 2


class DatabaseUnavailable(Unavailable):
    """PostgreSQL cannot be asked just now; whatever was under way was rolled back."""

    def __init__(self) -> None:
        """Say what the caller can do; the cause goes to the log only."""
        super().__init__(
            "The service cannot reach its database. Nothing was changed; try again shortly.",
            retry_after_seconds=RETRY_AFTER_SECONDS,
        )


def reason(failure: DatabaseUnavailable) -> str:
    """Return the driver's own words for why, which name host and user but no password: for whoever runs the service."""
    cause = failure.__cause__
    words = getattr(cause, "orig", None) or cause
    return " ".join(str(words).split())


class SchemaOutdated(Conflict):
    """The tables are not those this release works with."""

    def __init__(self, current: str | None, newest: str | None) -> None:
        """Name both revisions and the remedy."""
        super().__init__(
            f"The database is at revision {current or 'none'}, this release needs {newest}. "
            "Run: authsvc migrate"
        )


@dataclass(slots=True)
class _Open:
    """The transaction bound to the running context."""

    connection: Connection
    after_commit: list[Callable[[], None]] = field(default_factory=list)


class Database:
    """A pool of connections to one PostgreSQL, for one process."""

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        max_overflow: int = 20,
        silence_ms: int = SILENCE_MS,
    ) -> None:
        """Prepare the pool; nothing connects until the first statement.

        `url`: SQLAlchemy form, `postgresql+psycopg://…`. `pool_size` connections are kept, `max_overflow` more
        are opened while those are held for long (see `PatientPool`), and closed afterwards. `silence_ms`: how long a
        machine may leave unacknowledged what was sent to it before it is given up.
        """
        options = (
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} "
            f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS} -c timezone=UTC"
        )
        self.engine = create_engine(
            url,
            poolclass=PatientPool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_timeout=POOL_WAIT_SECONDS - PATIENCE_SECONDS,
            # The connection used last is the one whose server process and prepared statements are warm.
            pool_use_lifo=True,
            # A statement's values may be secrets, and a traceback goes to the log.
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "options": options,
                "tcp_user_timeout": silence_ms,
                "keepalives_idle": KEEPALIVE_SECONDS,
                "keepalives_interval": KEEPALIVE_SECONDS,
            },
        )
        event.listen(self.engine, "do_connect", _connect)
        event.listen(self.engine, "checkout", self._replace_if_gone)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._open: ContextVar[_Open | None] = ContextVar("authsvc_transaction", default=None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction; an inner block joins the outer one.

        Raises `DatabaseUnavailable` when PostgreSQL cannot be asked; then nothing of the block was kept, unless
        the connection broke during the commit itself, when the outcome is the server's to say.
        """
        if self._open.get() is not None:
            yield
            return
        with translated(), self.engine.begin() as connection:
            opened = _Open(connection)
            token = self._open.set(opened)
            try:
                yield
            finally:
                self._open.reset(token)
        for action in opened.after_commit:
            action()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give the open transaction's connection, or one whose statements each commit by themselves."""
        opened = self._open.get()
        if opened is not None:
            yield opened.connection
            return
        with translated(), self._autocommit.connect() as connection:
            yield connection

    def run(self, statement: Statement, **values: object) -> list[Any]:
        """Run a statement in the open transaction, or by itself; returns its rows. Fails as `connection` does."""
        opened = self._open.get()
        if opened is not None:
            return run_on(opened.connection.connection, statement, values)
        with translated():
            pooled = self.engine.raw_connection()
            driver: Any = pooled.driver_connection
            try:
                driver.autocommit = True
                return run_on(pooled, statement, values)
            finally:
                if pooled.is_valid:
                    driver.autocommit = False
                pooled.close()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the open transaction is committed (at once, if there is none); never if it rolls back."""
        opened = self._open.get()
        if opened is None:
            action()
        else:
            opened.after_commit.append(action)

    def ping(self) -> None:
        """Raise `DatabaseUnavailable` unless PostgreSQL answers."""
        with self.connection() as connection:
            connection.execute(text("SELECT 1"))

    def ensure_schema(self) -> None:
        """Raise `SchemaOutdated` unless the database has the newest revision of the tables."""
        newest = ScriptDirectory(str(files("authsvc.migrations"))).get_current_head()
        with self.connection() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current != newest:
            raise SchemaOutdated(current, newest)

    def connections(self) -> tuple[int, int]:
        """Return how many pooled connections are in use, and how many are open and idle."""
        pool: Any = self.engine.pool
        return pool.checkedout(), pool.checkedin()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def _replace_if_gone(self, connection: DBAPIConnection, *_: object) -> None:
        """Notice a restarted PostgreSQL before the request's own work starts, not by failing it."""
        cast("BoundedConnection", connection).take()
        if not is_silent(connection):
            try:
                self.engine.dialect.do_ping(connection)
            except self.engine.dialect.loaded_dbapi.Error as failure:
                # The pool opens another, and lets go of all that are as old.
                raise exc.InvalidatePoolError from failure


def _connect(
    _dialect: object, _record: object, args: tuple[Any, ...], options: dict[str, Any]
) -> BoundedConnection:
    return BoundedConnection.connect(*args, **options)


def is_silent(connection: Any) -> bool:  # noqa: ANN401  the driver's connection, by whatever name the pool gives it
    """Tell whether the server has said nothing, as it should while it is asked nothing.

    A server that goes says so, or its kernel does, and then there is something to read where a connection that waits
    for its next statement has nothing. Looking costs a microsecond, asking (`pool_pre_ping`) 70.
    """
    looking = poll()
    looking.register(connection.fileno(), POLLIN)
    return not looking.poll(0)


def run_on(
    pooled: PoolProxiedConnection, statement: Statement, values: dict[str, object]
) -> list[Any]:
    """Run a statement on a connection of a pool, which gets to know of it if that breaks it; returns its rows."""
    driver: Any = pooled.driver_connection
    try:
        return statement.run(driver, values)
    except psycopg.Error as failure:
        if driver.closed:
            # The pool would otherwise keep it until somebody trips over it.
            pooled.invalidate(failure)
        raise exc.DBAPIError.instance(None, None, failure, psycopg.Error) from failure


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's ways of saying "no server" into one refusal; constraint violations pass through."""
    try:
        yield
    except (
        exc.OperationalError,
        exc.InterfaceError,
        exc.TimeoutError,
        exc.InternalError,
        # As they come from where SQLAlchemy hands out the driver's own connection.
        psycopg.OperationalError,
        psycopg.InterfaceError,
    ) as failure:
        raise DatabaseUnavailable from failure
