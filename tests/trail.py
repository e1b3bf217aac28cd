"""What the audit trail says, for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from authsvc.infra.audit_schema import audit_entries
from authsvc.services import Services

Changes = dict[str, tuple[Any, Any]]


def actions(services: Services, tenant_id: int, subject: str) -> list[str]:
    """Return what was done to `subject`, oldest first."""
    return [entry["action"] for entry in entries(services, tenant_id, subject)]


def entries(services: Services, tenant_id: int, subject: str | None = None) -> list[dict[str, Any]]:
    """Return the tenant's entries, oldest first, all or those about `subject`."""
    query = select(audit_entries).where(audit_entries.c.tenant_id == tenant_id)
    if subject is not None:
        query = query.where(audit_entries.c.subject == subject)
    with services.database.connection() as connection:
        rows = connection.execute(query.order_by(audit_entries.c.id)).mappings().all()
    return [dict(row) for row in rows]


def changes(entry: dict[str, Any]) -> Changes:
    """Return an entry's changes: field → (old, new)."""
    return {change["field"]: (change["old"], change["new"]) for change in entry["changes"]}
