"""The migrations and the tables the code works with are the same."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules

import pytest
from sqlalchemy import Dialect, MetaData, Table, inspect, text

from authsvc import infra
from authsvc.infra.database import SchemaOutdated
from authsvc.infra.schema import metadata
from authsvc.migrations import upgrade
from authsvc.settings import Settings
from tests.isolation.fresh_database import fresh_database

# The job queue's own tables begin so; they know no tenant, and jobs name things by tenant and id.
QUEUE = "procrastinate_"


def described() -> MetaData:
    """Return all tables the code describes, whichever feature's file does."""
    for module in iter_modules(infra.__path__, f"{infra.__name__}."):
        if module.name.endswith("schema"):
            import_module(module.name)
    return metadata


def columns(table: Table, dialect: Dialect) -> dict[str, tuple[str, bool]]:
    """Return name → (type, nullable)."""
    return {
        column.name: (column.type.compile(dialect), bool(column.nullable))
        for column in table.columns
    }


def test_the_tables_are_those_the_code_describes(settings: Settings) -> None:
    with fresh_database(settings, migrated=True) as database:
        real, dialect = MetaData(), database.engine.dialect
        real.reflect(database.engine)
        names = {name for name in real.tables if not name.startswith(QUEUE)} - {"alembic_version"}
        assert names == described().tables.keys()
        for name in names:
            code, stored = described().tables[name], real.tables[name]
            assert columns(code, dialect) == columns(stored, dialect), name
            assert [c.name for c in code.primary_key] == [c.name for c in stored.primary_key], name


def test_tenant_id_leads_every_key(settings: Settings) -> None:
    """Design §3: `tenant_id` leads every primary or unique key."""
    # A host is looked up before its tenant is known; the others belong to the whole installation.
    exceptions = {
        "tenants",
        "site_hosts",
        "directory_version",
        "signing_keys",
        "invalidation_backlog",
        "alembic_version",
    }
    with fresh_database(settings, migrated=True) as database:
        tables = inspect(database.engine)
        for name in set(tables.get_table_names()) - exceptions:
            if name.startswith(QUEUE):
                continue
            unique = [index for index in tables.get_indexes(name) if index["unique"]]
            first = {index["column_names"][0] for index in unique}
            first.add(tables.get_pk_constraint(name)["constrained_columns"][0])
            assert first == {"tenant_id"}, name


def test_migrating_again_changes_nothing(settings: Settings) -> None:
    with fresh_database(settings, migrated=False) as database:
        with pytest.raises(SchemaOutdated, match="authsvc migrate"):
            database.ensure_schema()
        upgrade(database.engine)
        database.ensure_schema()
        with database.connection() as connection:
            connection.execute(
                text("INSERT INTO directory_version VALUES (true, 7) ON CONFLICT DO NOTHING")
            )
            before = connection.execute(text("SELECT * FROM directory_version")).all()
        upgrade(database.engine)
        with database.connection() as connection:
            assert connection.execute(text("SELECT * FROM directory_version")).all() == before


def test_any_number_may_migrate_at_once(settings: Settings) -> None:
    with fresh_database(settings, migrated=False) as database:
        environment = os.environ | {
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "VALKEY_URL": settings.valkey_url.get_secret_value(),
            "AUTHSVC_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
        }
        command = [sys.executable, "-m", "authsvc", "migrate"]
        migrators = [subprocess.Popen(command, env=environment) for _ in range(3)]
        assert [migrator.wait(timeout=60) for migrator in migrators] == [0, 0, 0]
        database.ensure_schema()


def test_the_queues_tables_are_those_of_the_installed_release() -> None:
    """A newer one may bring changes of its own, which then need a revision of ours."""
    ours = files("authsvc.migrations") / "job_queue" / "procrastinate_3_10_0.sql"
    assert ours.read_text() == (files("procrastinate") / "sql" / "schema.sql").read_text()
