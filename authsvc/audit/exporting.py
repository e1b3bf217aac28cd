"""The audit trail given out: as JSON, one entry a line, or as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from authsvc.audit.chain import StoredEntry
from authsvc.audit.trail_query import Position, TrailQuery

if TYPE_CHECKING:
    from authsvc.audit.search_store import TrailSearch

# Entries read at a time; memory stays the same however long the trail is.
BATCH = 2_000
COLUMNS = (
    "tenant",
    "id",
    "at",
    "actor",
    "application",
    "site",
    "remoteAddress",
    "correlationId",
    "action",
    "subject",
    "changes",
    "redactedAt",
)
# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection).
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def entries(search: TrailSearch, tenant_id: int, wanted: TrailQuery) -> Iterator[StoredEntry]:
    """Yield what is wanted of a tenant's trail, the oldest first."""
    beyond: Position | None = None
    while True:
        found = search.page(tenant_id, wanted, BATCH, beyond, newest_first=False)
        yield from found
        if len(found) < BATCH:
            return
        beyond = Position(found[-1].at, found[-1].id)


def told(entry: StoredEntry) -> dict[str, Any]:
    """Return an entry by the names it is exported with."""
    values = (
        entry.tenant_id,
        entry.id,
        entry.at.isoformat(),
        entry.actor,
        entry.application,
        entry.site_id,
        entry.remote_address,
        entry.correlation_id,
        entry.action,
        entry.subject,
        orjson.loads(entry.changes),
        entry.redacted_at and entry.redacted_at.isoformat(),
    )
    return dict(zip(COLUMNS, values, strict=True))


def as_json_line(entry: Mapping[str, Any]) -> str:
    """Return an entry as one line of JSON, without its end."""
    return orjson.dumps(entry).decode()


def as_csv_line(entry: Mapping[str, Any]) -> str:
    """Return an entry as one line of CSV (RFC 4180), without its end; changes are JSON in one cell."""
    return _csv(
        [
            orjson.dumps(value).decode() if name == "changes" else value
            for name, value in entry.items()
        ]
    )


def csv_head() -> str:
    """Return the names of the columns."""
    return _csv(list(COLUMNS))


def _csv(values: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([_cell(value) for value in values])
    return line.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "jsonl": as_json_line,
    "csv": as_csv_line,
}
