"""Plans in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, and_, delete, func, insert, select, update

from authsvc.infra.database import Database
from authsvc.infra.regrouping_schema import regrouping_plans, regrouping_progress
from authsvc.listing.paging import Page
from authsvc.regrouping.plan_conditions import plan_conditions
from authsvc.regrouping.plans import (
    ANY_PLAN,
    Findings,
    Plan,
    PlanFilter,
    PlanState,
    Progress,
    Refusal,
)
from authsvc.regrouping.rules import (
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
    StructureChange,
)

# Under which name a change is kept; never to be renamed, since stored plans bear it.
_KINDS: Mapping[str, type[StructureChange]] = {
    "createSet": CreateSet,
    "editSet": EditSet,
    "assignSites": AssignSites,
    "moveCustomers": MoveCustomers,
    "makeDefault": MakeDefault,
    "deleteSet": DeleteSet,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_READERS = {name: TypeAdapter(kind) for name, kind in _KINDS.items()}
_FINDINGS = TypeAdapter(Findings)
_NO_REFUSAL: Mapping[str, None] = dict.fromkeys(
    ("refused_action", "refused_at", "refused_by", "refusal")
)


class PlanStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def add(
        self,
        tenant_id: int,
        reason: str,
        changes: Sequence[StructureChange],
        findings: Findings,
        by: str,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> int:
        """Keep a plan that was asked for, until `expires_at` if it is a draft; returns its id."""
        values = {
            "tenant_id": tenant_id,
            "state": PlanState.ASKED.value,
            "reason": reason,
            "changes": [{"kind": _NAMES[type(change)], **asdict(change)} for change in changes],
            "findings": asdict(findings),
            "asked_at": now,
            "asked_by": by,
            "expires_at": expires_at,
        }
        with self._database.connection() as connection:
            plan_id: int = connection.execute(
                insert(regrouping_plans).values(**values).returning(regrouping_plans.c.id)
            ).scalar_one()
        return plan_id

    def plan(self, tenant_id: int, plan_id: int) -> Plan | None:
        """Return a plan with its progress, or None."""
        query = _plans(tenant_id).where(regrouping_plans.c.id == plan_id)
        with self._database.connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _plan(row)

    def plans(
        self, tenant_id: int, page: Page, wanted: PlanFilter = ANY_PLAN
    ) -> tuple[list[Plan], int]:
        """Return a page of the tenant's plans that are `wanted`, newest first, and how many there are; no drafts."""
        listed = and_(regrouping_plans.c.expires_at.is_(None), *plan_conditions(tenant_id, wanted))
        query = (
            _plans(tenant_id)
            .where(listed)
            .order_by(regrouping_plans.c.id.desc())
            .offset(page.start_index)
            .limit(page.size)
        )
        count = (
            select(func.count())
            .select_from(regrouping_plans)
            .where(regrouping_plans.c.tenant_id == tenant_id, listed)
        )
        with self._database.connection() as connection:
            total = connection.execute(count).scalar_one()
            return [_plan(row) for row in connection.execute(query)], total

    def note_commit(
        self,
        tenant_id: int,
        plan_id: int,
        by: str,
        now: datetime,
        outcome: Mapping[str, Any],
        rollback_until: datetime,
        reason: str,
    ) -> None:
        """Note that a plan is carried out, why, and what it changed."""
        self._update(
            tenant_id,
            plan_id,
            state=PlanState.COMMITTED.value,
            committed_at=now,
            committed_by=by,
            outcome=dict(outcome),
            rollback_until=rollback_until,
            reason=reason,
            expires_at=None,
            **_NO_REFUSAL,
        )

    def note_rollback(self, tenant_id: int, plan_id: int, by: str, now: datetime) -> None:
        """Note that a plan is rolled back."""
        self._update(
            tenant_id,
            plan_id,
            state=PlanState.ROLLED_BACK.value,
            rolled_back_at=now,
            rolled_back_by=by,
            **_NO_REFUSAL,
        )

    def note_refusal(self, tenant_id: int, plan_id: int, refusal: Refusal) -> None:
        """Note that an attempt came to nothing, and why."""
        self._update(
            tenant_id,
            plan_id,
            refused_action=refusal.action,
            refused_at=refusal.at,
            refused_by=refusal.by,
            refusal=list(refusal.texts),
        )

    def drop_drafts(self, tenant_id: int, before: datetime) -> int:
        """Forget the drafts that expired before that moment; returns how many."""
        with self._database.connection() as connection:
            return connection.execute(
                delete(regrouping_plans).where(
                    regrouping_plans.c.tenant_id == tenant_id,
                    regrouping_plans.c.expires_at < before,
                )
            ).rowcount

    def _update(self, tenant_id: int, plan_id: int, **values: object) -> None:
        with self._database.connection() as connection:
            connection.execute(
                update(regrouping_plans)
                .where(regrouping_plans.c.tenant_id == tenant_id, regrouping_plans.c.id == plan_id)
                .values(**values)
            )


def _plans(tenant_id: int) -> Select[Any]:
    together = regrouping_plans.outerjoin(
        regrouping_progress,
        and_(
            regrouping_progress.c.tenant_id == regrouping_plans.c.tenant_id,
            regrouping_progress.c.plan_id == regrouping_plans.c.id,
        ),
    )
    return (
        select(
            regrouping_plans,
            *(column for column in regrouping_progress.c if not column.primary_key),
        )
        .select_from(together)
        .where(regrouping_plans.c.tenant_id == tenant_id)
    )


def _plan(row: Row[Any]) -> Plan:
    return Plan(
        tenant_id=row.tenant_id,
        id=row.id,
        state=PlanState(row.state),
        reason=row.reason,
        changes=tuple(_change(change) for change in row.changes),
        findings=_FINDINGS.validate_python(row.findings),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        committed_at=row.committed_at,
        committed_by=row.committed_by,
        outcome=row.outcome,
        rollback_until=row.rollback_until,
        rolled_back_at=row.rolled_back_at,
        rolled_back_by=row.rolled_back_by,
        progress=(
            Progress(row.action, row.moved, row.expected, row.began_at, row.seen_at)
            if row.action
            else None
        ),
        expires_at=row.expires_at,
        refusal=(
            Refusal(row.refused_action, row.refused_at, row.refused_by, tuple(row.refusal))
            if row.refused_action
            else None
        ),
    )


def _change(kept: Mapping[str, Any]) -> StructureChange:
    values = dict(kept)
    reader: TypeAdapter[StructureChange] = _READERS[values.pop("kind")]
    return reader.validate_python(values)
