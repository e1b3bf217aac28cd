"""Alembic's way in: one connection, one transaction, one migrator at a time."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

from authsvc.infra.bounded_connection import lift_bound
from authsvc.infra.schema import metadata

# Any fixed number of our own: whoever holds this advisory lock is migrating.
MIGRATION_LOCK = 7_215_361

engine = context.config.attributes["engine"]
with engine.begin() as connection:
    # A large table may take longer to change than any request is allowed to last.
    lift_bound(connection)
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
