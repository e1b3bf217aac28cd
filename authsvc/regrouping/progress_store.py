"""How far a commit is, written beside its transaction so that others see it; and what is asked beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from authsvc.infra.database import Database
from authsvc.infra.regrouping_schema import regrouping_progress
from authsvc.infra.schema import sites


class ProgressStore:
    """Every query names the tenant it asks for, and commits by itself."""

    def __init__(self, beside: Database) -> None:
        """Write to `beside`: connections to the same database that no open transaction is bound to."""
        self._beside = beside

    def begin(
        self, tenant_id: int, plan_id: int, action: str, expected: int, now: datetime
    ) -> None:
        """Note that a plan's `action` begins, and how many customers it expects to move."""
        values = {
            "action": action,
            "moved": 0,
            "expected": expected,
            "began_at": now,
            "seen_at": now,
        }
        with self._beside.connection() as connection:
            connection.execute(
                insert(regrouping_progress)
                .values(tenant_id=tenant_id, plan_id=plan_id, **values)
                # What a process that was killed left there.
                .on_conflict_do_update(
                    index_elements=[regrouping_progress.c.tenant_id, regrouping_progress.c.plan_id],
                    set_=values,
                )
            )

    def note(self, tenant_id: int, plan_id: int, moved: int, now: datetime) -> None:
        """Note how many customers are moved at `now`."""
        with self._beside.connection() as connection:
            connection.execute(
                update(regrouping_progress)
                .where(
                    regrouping_progress.c.tenant_id == tenant_id,
                    regrouping_progress.c.plan_id == plan_id,
                )
                .values(moved=moved, seen_at=now)
            )

    def end(self, tenant_id: int, plan_id: int) -> None:
        """Note that nothing is under way any more."""
        with self._beside.connection() as connection:
            connection.execute(
                delete(regrouping_progress).where(
                    regrouping_progress.c.tenant_id == tenant_id,
                    regrouping_progress.c.plan_id == plan_id,
                )
            )

    def last_account_begun(self, tenant_id: int, of_sets: list[str]) -> int:
        """Wait for the sign-ups under way in these sets; whoever signs up there later has a larger id than this."""
        with self._beside.transaction(), self._beside.connection() as connection:
            connection.execute(
                select(func.count()).select_from(
                    select(sites.c.id)
                    .where(
                        sites.c.tenant_id == tenant_id,
                        sites.c.customer_set_code.in_(of_sets),
                    )
                    .order_by(sites.c.id)
                    .with_for_update(key_share=True)
                    .subquery()
                )
            )
            last: int = connection.execute(
                text("SELECT last_value FROM accounts_id_seq")
            ).scalar_one()
        return last
