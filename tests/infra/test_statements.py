"""Statements that the driver itself runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from authsvc.embedded.servers import EmbeddedServers
from authsvc.infra.database import Database, DatabaseUnavailable
from authsvc.infra.statements import Statement
from authsvc.settings import Settings

PID = Statement(
    select(func.pg_backend_pid().label("pid"), bindparam("number", type_=Integer).label("number"))
)
MAKE = Statement(text("CREATE TEMPORARY TABLE once (number int PRIMARY KEY)"))
ADD = Statement(text("INSERT INTO once VALUES (:number)"))
COUNT = Statement(select(literal_column("(SELECT count(*) FROM once)").label("number")))
WRONG = Statement(text("SELECT nothing"))


@pytest.fixture(name="database")
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url.get_secret_value(), pool_size=1, max_overflow=0)
    yield database
    database.close()


def _add_and_think_better_of_it(database: Database) -> None:
    with database.transaction():
        database.run(ADD, number=2)
        raise ZeroDivisionError


def test_rows_have_the_statements_columns_by_name(database: Database) -> None:
    (row,) = database.run(PID, number=5)
    assert row.number == 5


def test_a_statement_alone_is_committed_and_one_in_a_transaction_with_it(
    database: Database,
) -> None:
    database.run(MAKE)
    database.run(ADD, number=1)
    with pytest.raises(ZeroDivisionError):
        _add_and_think_better_of_it(database)
    assert database.run(COUNT)[0].number == 1


def test_it_fails_as_every_statement_does(database: Database) -> None:
    database.run(MAKE)
    database.run(ADD, number=1)
    with pytest.raises(IntegrityError) as refused:
        database.run(ADD, number=1)
    assert getattr(refused.value.orig, "diag", None) is not None
    with pytest.raises(DBAPIError):
        database.run(WRONG)


def test_a_connection_is_as_before_after_a_statement_that_failed(database: Database) -> None:
    """The only connection of the pool: left committing by itself, it would keep what a transaction takes back."""
    database.run(MAKE)
    with pytest.raises(DBAPIError):
        database.run(WRONG)
    with pytest.raises(ZeroDivisionError):
        _add_and_think_better_of_it(database)
    assert database.run(COUNT)[0].number == 0


def test_a_restarted_postgresql_is_noticed_before_a_request_fails(data_dir: Path) -> None:
    with EmbeddedServers(data_dir) as servers:
        database = Database(servers.database_url)
        before = database.run(PID, number=0)[0].pid
        servers.postgres.stop()
        with pytest.raises(DatabaseUnavailable):
            database.run(PID, number=0)
        servers.postgres.launch()
        servers.postgres.await_ready()
        assert database.run(PID, number=0)[0].pid != before
        # And where nobody asked while it was away.
        servers.postgres.stop()
        servers.postgres.launch()
        servers.postgres.await_ready()
        with database.transaction():
            assert database.run(PID, number=0)
        database.close()
