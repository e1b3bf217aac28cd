"""A database that no other test uses, on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from authsvc.infra.database import Database
from authsvc.migrations import upgrade
from authsvc.settings import Settings


@contextmanager
def fresh_database(settings: Settings, *, migrated: bool) -> Iterator[Database]:
    """Give an empty database, or a migrated one, and drop it afterwards."""
    url = make_url(settings.database_url.get_secret_value())
    name = f"fresh_{uuid4().hex}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    database = Database(url.set(database=name).render_as_string(hide_password=False))
    try:
        if migrated:
            upgrade(database.engine)
        yield database
    finally:
        database.close()
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
