"""Rows of the audit trail, read as they stand in the table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast

from authsvc.audit.chain import StoredEntry
from authsvc.infra.audit_schema import audit_entries

# Changes as the text that PostgreSQL keeps of them.
ENTRY_COLUMNS = (
    *(each for each in audit_entries.c if each is not audit_entries.c.changes),
    cast(audit_entries.c.changes, Text).label("changes"),
)


def entry_of(row: Any) -> StoredEntry:  # noqa: ANN401  rows have no type
    """Return the entry that a row tells of, which was asked for by `ENTRY_COLUMNS`."""
    return StoredEntry(
        row.tenant_id,
        row.id,
        row.at,
        row.actor,
        row.application,
        row.site_id,
        row.remote_address,
        row.correlation_id,
        row.action,
        row.subject,
        row.changes,
        row.redacted_at,
    )
