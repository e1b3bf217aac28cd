"""When a tenant's sites or sets were last changed, and when that was last pushed, in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.schema import structure_changes

# The least that PostgreSQL's clock tells apart.
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of a tenant's sites or sets; `pushed_at`: when all there was till then was last pushed."""

    changed_at: datetime
    pushed_at: datetime | None


class PropagationStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def note_change(self, tenant_id: int, now: datetime) -> None:
        """Note within the transaction of a change that it is made; a push meanwhile waits for that to end."""
        row = insert(structure_changes).values(tenant_id=tenant_id, changed_at=now)
        later = row.on_conflict_do_update(
            index_elements=[structure_changes.c.tenant_id],
            # A push that was waited for here came before this change, whatever the clocks of two machines say.
            set_={
                "changed_at": func.greatest(
                    row.excluded.changed_at, structure_changes.c.pushed_at + _LEAST
                )
            },
        )
        with self._database.connection() as connection:
            connection.execute(later)

    def note_push(self, tenant_id: int, now: datetime) -> None:
        """Note that all that was changed till now is pushed."""
        with self._database.connection() as connection:
            connection.execute(
                update(structure_changes)
                .where(structure_changes.c.tenant_id == tenant_id)
                .values(pushed_at=func.greatest(now, structure_changes.c.changed_at))
            )

    def last(self, tenant_id: int) -> LastChange | None:
        """Return the last change; None if there never was one."""
        with self._database.connection() as connection:
            row = connection.execute(
                select(structure_changes).where(structure_changes.c.tenant_id == tenant_id)
            ).one_or_none()
        return None if row is None else LastChange(row.changed_at, row.pushed_at)
