"""What made the facts of an explanation so, in two questions to PostgreSQL: to the audit trail and to the plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, any_, func, literal, or_, select

from authsvc.explanations.changes import ChangeKind, ChangeMade, History, PlanDone, last_move
from authsvc.explanations.rules import Facts
from authsvc.infra.audit_schema import audit_entries
from authsvc.infra.database import Database
from authsvc.infra.regrouping_schema import regrouping_moves, regrouping_plans

# What the audit trail calls what is looked for.
_SITE_KINDS = {
    "site.created": ChangeKind.SITE_CREATED,
    "site.assigned": ChangeKind.SITE_ASSIGNED,
}
_ACCOUNT_KINDS = {
    "account.created": ChangeKind.ACCOUNT_CREATED,
    "account.locked": ChangeKind.LOCKED,
    "account.disabled": ChangeKind.DISABLED,
    "account.password_change_required": ChangeKind.PASSWORD_CHANGE_REQUIRED,
}


class HistoryStore:
    """Every query names the tenant it asks for."""

    def __init__(self, database: Database) -> None:
        """Ask `database`."""
        self._database = database

    def of(self, tenant_id: int, facts: Facts, remembered_since: datetime) -> History:
        """Return what made these facts so; of the site's sets all that it was in since `remembered_since`, too."""
        account_id, site_id = facts.account.id, facts.site.id
        with self._database.connection() as connection:
            entries = connection.execute(
                _entries(tenant_id, account_id, site_id, remembered_since)
            ).all()
            plan_ids = [plan for entry in entries if (plan := _value(entry, "plan")[1])]
            rows = connection.execute(_plans(tenant_id, account_id, site_id, plan_ids)).all()
        plans = {row.id: row for row in rows}
        site_sets = [_site_change(entry, plans) for entry in entries if entry.action in _SITE_KINDS]
        told = {
            _ACCOUNT_KINDS[entry.action]: _account_change(entry)
            for entry in entries
            if entry.action in _ACCOUNT_KINDS
        }
        created = told.get(ChangeKind.ACCOUNT_CREATED)
        planned = [(_plan(row), row.from_set, row.to_set) for row in rows if row.from_set]
        return History(
            # Somebody may have moved the site on between the questions.
            tuple(site_sets) if site_sets and site_sets[-1].new == facts.site.customer_set else (),
            last_move(created, planned, facts.account.customer_set),
            told.get(ChangeKind.LOCKED),
            told.get(ChangeKind.DISABLED),
            told.get(ChangeKind.PASSWORD_CHANGE_REQUIRED),
            created,
        )


def _entries(
    tenant_id: int, account_id: int, site_id: int, remembered_since: datetime
) -> Select[Any]:
    """Ask for the site's sets since then and the one before, and for the last entry of each kind on the account."""
    of_site = and_(
        audit_entries.c.tenant_id == tenant_id,
        audit_entries.c.subject == f"site:{site_id}",
        audit_entries.c.action.in_(_SITE_KINDS),
    )
    last_before = (
        select(func.max(audit_entries.c.id))
        .where(of_site, audit_entries.c.at <= remembered_since)
        .scalar_subquery()
    )
    changes = audit_entries.c.changes
    last_of_account = (
        select(func.max(audit_entries.c.id))
        .where(
            audit_entries.c.tenant_id == tenant_id,
            audit_entries.c.subject == f"account:{account_id}",
            audit_entries.c.action.in_(_ACCOUNT_KINDS),
            or_(
                audit_entries.c.action != "account.password_change_required",
                changes.contains([{"new": True}]),
            ),
        )
        .group_by(audit_entries.c.action)
    )
    return (
        select(audit_entries)
        .where(
            audit_entries.c.tenant_id == tenant_id,
            or_(
                and_(of_site, audit_entries.c.id >= func.coalesce(last_before, 0)),
                audit_entries.c.id.in_(last_of_account),
            ),
        )
        .order_by(audit_entries.c.id)
    )


def _plans(tenant_id: int, account_id: int, site_id: int, plan_ids: Sequence[int]) -> Select[Any]:
    """Ask for these committed plans, and for those that moved the account, each move a row."""
    moved = (
        select(
            regrouping_moves.c.plan_id,
            regrouping_moves.c.part,
            regrouping_moves.c.from_set,
            regrouping_moves.c.to_set,
        )
        .where(
            regrouping_moves.c.tenant_id == tenant_id,
            regrouping_moves.c.first_account_id <= account_id,
            regrouping_moves.c.last_account_id >= account_id,
            literal(account_id) == any_(regrouping_moves.c.account_ids),
        )
        .subquery("moved")
    )
    plans = regrouping_plans.c
    return (
        select(
            *(plans.id, plans.reason, plans.committed_at, plans.committed_by),
            *(plans.rollback_until, plans.rolled_back_at, plans.rolled_back_by),
            plans.findings["facts"][f"site:{site_id}"].label("site_fact"),
            *(moved.c.from_set, moved.c.to_set),
        )
        .select_from(regrouping_plans.outerjoin(moved, moved.c.plan_id == plans.id))
        .where(
            plans.tenant_id == tenant_id,
            plans.committed_at.is_not(None),
            or_(plans.id.in_(plan_ids), moved.c.part.is_not(None)),
        )
        .order_by(plans.id, moved.c.part)
    )


def _plan(row: Row[Any]) -> PlanDone:
    return PlanDone(
        row.id,
        row.reason,
        row.committed_at,
        row.committed_by,
        row.rollback_until,
        row.rolled_back_at,
        row.rolled_back_by,
    )


def _value(entry: Row[Any], field: str) -> tuple[Any, Any]:
    """Return old and new of a field; twice None where an entry does not have it."""
    found = [(c["old"], c["new"]) for c in entry.changes if c["field"] == field]
    return found[0] if found else (None, None)


def _site_change(entry: Row[Any], plans: Mapping[int, Row[Any]]) -> ChangeMade:
    old, new = _value(entry, "customerSet")
    plan_id = _value(entry, "plan")[1]
    change = ChangeMade(_SITE_KINDS[entry.action], entry.at, entry.actor, old, new, plan_id)
    row = plans.get(plan_id)
    if row is None:
        return change
    return replace(
        change,
        reason=row.reason,
        # The trail names the plan for its commit and for its rolling back alike.
        is_rollback=row.site_fact == [new, old],
        rollback_until=None if row.rolled_back_at else row.rollback_until,
    )


def _account_change(entry: Row[Any]) -> ChangeMade:
    old, new = _value(entry, "customerSet")
    return ChangeMade(_ACCOUNT_KINDS[entry.action], entry.at, entry.actor, old, new)
