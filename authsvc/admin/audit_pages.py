"""System › Audit trail: who did what to whom, when, from where, and what it was before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import orjson
from flask import Response, request

from authsvc.admin.login_manager import Visitor
from authsvc.admin.pages import AdminPages, Answer, NavigationEntry
from authsvc.admin.typed_numbers import number
from authsvc.audit.chain import StoredEntry
from authsvc.audit.search_store import TrailSearch
from authsvc.audit.trail_query import LONGEST_TERM, Position, TrailQuery
from authsvc.callers import Behavior, Requires
from authsvc.errors import AuthsvcError, Invalid
from authsvc.regrouping.site_store import SiteStore

PATH = "/audit"
READS = Requires(Behavior.AUDIT_READ)
ROWS = 25
# Of a value, in characters; the export has all of it.
LONGEST_VALUE = 200
FIELDS = ("who", "whom", "what", "from", "since", "until")
# Whoever acts without being named so is of the staff.
_ACTORS = ("staff:", "shopper:", "application:")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page shows it; `changes`: field, before, after."""

    entry: StoredEntry
    site: str
    changes: tuple[tuple[str, str, str], ...]

    @property
    def account_id(self) -> int:
        """The customer's number, or 0: it is about something else."""
        kind, _, rest = self.entry.subject.partition(":")
        return number(rest) if kind == "account" else 0


class NoMoment(Invalid):
    """What was typed for a day and a time is none."""

    def __init__(self, field: str) -> None:
        """Name the field."""
        super().__init__(field, "Give a day and a time: 2026-11-22 14:30.")
        self.field = field


def add_audit_pages(pages: AdminPages, search: TrailSearch, sites: SiteStore) -> None:
    """Declare the search."""
    pages.navigation.append(
        NavigationEntry("System", "Audit trail", f"/admin{PATH}", Behavior.AUDIT_READ)
    )

    @pages.get(PATH, requires=READS)
    def show_audit_trail(visitor: Visitor) -> Answer:
        return _page(pages, search, sites, visitor)


def _page(pages: AdminPages, search: TrailSearch, sites: SiteStore, visitor: Visitor) -> Response:
    tenant_id = visitor.caller.tenant_id
    typed = {name: request.args.get(name, "").strip()[:LONGEST_TERM] for name in FIELDS}
    cursor = request.args.get("cursor", "")
    error: AuthsvcError | None = None
    found: list[StoredEntry] = []
    try:
        beyond = Position.of(cursor) if cursor else None
        found = search.page(tenant_id, wanted(typed), ROWS + 1, beyond)
    except Invalid as refusal:
        error = refusal
    shown = found[:ROWS]
    names = sites.names(tenant_id, {each.site_id for each in shown if each.site_id})
    return pages.show(
        "audit.html",
        visitor,
        error,
        error_field=error.field if isinstance(error, NoMoment) else "who",
        typed=typed,
        longest=LONGEST_TERM,
        kinds=search.actions(tenant_id),
        rows=[_row(entry, names) for entry in shown],
        is_first=not cursor,
        newest=_address(typed),
        older=_address(typed, str(Position(shown[-1].at, shown[-1].id)))
        if len(found) > ROWS
        else None,
    )


def wanted(typed: Mapping[str, str]) -> TrailQuery:
    """Return what was typed as a search; raises `NoMoment`."""
    who, whom = typed["who"], typed["whom"]
    if who and not who.startswith(_ACTORS) and who != "system":
        who = f"staff:{who.lower()}"
    return TrailQuery(
        who or None,
        f"account:{whom}" if number(whom) else whom or None,
        typed["what"] or None,
        typed["from"] or None,
        None,
        _moment("since", typed),
        _moment("until", typed),
    )


def _moment(name: str, typed: Mapping[str, str]) -> datetime | None:
    if not typed[name]:
        return None
    try:
        return datetime.fromisoformat(typed[name]).replace(tzinfo=UTC)
    except ValueError:
        raise NoMoment(name) from None


def _row(entry: StoredEntry, site_names: Mapping[int, str]) -> Row:
    changes = tuple(
        (str(change["field"]), _value(change["old"]), _value(change["new"]))
        for change in orjson.loads(entry.changes)
    )
    site = "" if entry.site_id is None else site_names.get(entry.site_id, f"site {entry.site_id}")
    return Row(entry, site, changes)


def _value(value: object) -> str:
    if value is None:
        return ""
    said = value if isinstance(value, str) else orjson.dumps(value).decode()
    return said if len(said) <= LONGEST_VALUE else f"{said[:LONGEST_VALUE]}…"


def _address(typed: Mapping[str, str], cursor: str = "") -> str:
    given = {name: value for name, value in (*typed.items(), ("cursor", cursor)) if value}
    return f"/admin{PATH}?{urlencode(given)}" if given else f"/admin{PATH}"
