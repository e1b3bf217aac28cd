"""The chains of the audit trail in PostgreSQL, and which entries may be sealed by now.

Entries are sealed in the order of their ids, behind whoever writes them. An id is given out while its writer holds a
lock on the table, and holds it until its transaction ends: once all who wrote at a moment are gone, no entry with an id
of before that moment can appear any more, and one that does was put in. Nobody waits for that but the sealer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, cast, exists, func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import BigInteger

from authsvc.audit.chain import Head, Link, StoredEntry
from authsvc.audit.entry_rows import ENTRY_COLUMNS, entry_of
from authsvc.infra.audit_schema import audit_chains, audit_entries, audit_links
from authsvc.infra.database import Database
from authsvc.infra.schema import accounts, tenants

# Whoever holds it is adding links; an erasure waits for that (migration 0026).
_SEALING_LOCK = 7_215_363

_LAST_ID = text("SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_entries', 'id'))")
_WRITERS = text("""
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'audit_entries'::regclass AND mode = 'RowExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND pid IS DISTINCT FROM pg_backend_pid()
""")

# An erasure empties or deletes the account first: one that is there still was not erased.
_IS_THERE_STILL = case(
    (
        audit_entries.c.redacted_at.is_not(None),
        exists().where(
            accounts.c.tenant_id == audit_entries.c.tenant_id,
            accounts.c.erased_at.is_(None),
            accounts.c.id
            == cast(func.substring(audit_entries.c.subject, "^account:([0-9]+)$"), BigInteger),
        ),
    ),
    else_=literal(False),
)


class ChainStore:
    """Every query about entries names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def last_id(self) -> int:
        """Return the highest id that an entry may have by now."""
        with self._database.connection() as connection:
            return connection.execute(_LAST_ID).scalar_one() or 0

    def writers(self) -> frozenset[str]:
        """Return the other transactions that may be writing entries."""
        with self._database.connection() as connection:
            return frozenset(connection.scalars(_WRITERS))

    def unsealed_tenants(self, through: int) -> list[int]:
        """Return the tenants that have entries up to that id which are not sealed."""
        behind = exists().where(
            audit_entries.c.tenant_id == tenants.c.id,
            audit_entries.c.id > func.coalesce(audit_chains.c.entry_id, 0),
            audit_entries.c.id <= through,
        )
        query = (
            select(tenants.c.id)
            .outerjoin(audit_chains, audit_chains.c.tenant_id == tenants.c.id)
            .where(behind)
            .order_by(tenants.c.id)
        )
        with self._database.connection() as connection:
            return list(connection.scalars(query))

    def hold(self) -> None:
        """Within a transaction, be the only one who adds links until it ends."""
        with self._database.connection() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_SEALING_LOCK)))

    def head(self, tenant_id: int) -> Head | None:
        """Return where a tenant's chain ends, or None before its first link."""
        query = select(audit_chains).where(audit_chains.c.tenant_id == tenant_id)
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Head(row.tenant_id, row.place, row.entry_id, bytes(row.digest), row.sealed_at)

    def entries(self, tenant_id: int, after: int, through: int, most: int) -> list[StoredEntry]:
        """Return a tenant's next entries in the order of their ids: after one id, up to another, so many at most."""
        query = (
            select(*ENTRY_COLUMNS)
            .where(
                audit_entries.c.tenant_id == tenant_id,
                audit_entries.c.id > after,
                audit_entries.c.id <= through,
            )
            .order_by(audit_entries.c.id)
            .limit(most)
        )
        with self._database.connection() as connection:
            return [entry_of(row) for row in connection.execute(query)]

    def add(self, tenant_id: int, links: Sequence[Link], head: Head) -> None:
        """Add links to the end of a tenant's chain, which is then `head`."""
        moved = insert(audit_chains).values(
            tenant_id=tenant_id,
            place=head.place,
            entry_id=head.entry_id,
            digest=head.digest,
            sealed_at=head.sealed_at,
        )
        moved = moved.on_conflict_do_update(
            index_elements=[audit_chains.c.tenant_id],
            set_={
                name: moved.excluded[name] for name in ("place", "entry_id", "digest", "sealed_at")
            },
        )
        with self._database.connection() as connection:
            # Through the driver: a link costs a tenth of what it costs by INSERT.
            driver: Any = connection.connection.driver_connection
            with (
                driver.cursor() as cursor,
                cursor.copy(
                    "COPY audit_links (tenant_id, entry_id, place, salt, values_digest, digest) FROM STDIN"
                ) as copy,
            ):
                for link in links:
                    copy.write_row(
                        (
                            tenant_id,
                            link.entry_id,
                            link.place,
                            link.salt,
                            link.values_digest,
                            link.digest,
                        )
                    )
            connection.execute(moved)

    def linked(
        self, tenant_id: int, after: int, most: int
    ) -> list[tuple[StoredEntry, Link | None, bool]]:
        """Return a tenant's next entries with their links, and whether one was redacted though its account is there."""
        query = (
            select(
                *ENTRY_COLUMNS,
                audit_links.c.place,
                audit_links.c.salt,
                audit_links.c.values_digest,
                audit_links.c.digest,
                _IS_THERE_STILL.label("is_there_still"),
            )
            .outerjoin(
                audit_links,
                and_(
                    audit_links.c.tenant_id == audit_entries.c.tenant_id,
                    audit_links.c.entry_id == audit_entries.c.id,
                    # Said of the links too, or each reading would begin at the first of them.
                    audit_links.c.tenant_id == tenant_id,
                    audit_links.c.entry_id > after,
                ),
            )
            .where(audit_entries.c.tenant_id == tenant_id, audit_entries.c.id > after)
            .order_by(audit_entries.c.id)
            .limit(most)
        )
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        return [(entry_of(row), _link(row), row.is_there_still) for row in rows]


def _link(row: Any) -> Link | None:  # noqa: ANN401  rows have no type
    if row.place is None:
        return None
    salt = None if row.salt is None else bytes(row.salt)
    return Link(row.id, row.place, salt, bytes(row.values_digest), bytes(row.digest))
