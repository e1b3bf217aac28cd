"""What an audit entry says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authsvc.callers import Caller

# Values that must never be written down, not even as "changed from … to …".
SECRET_FIELDS = frozenset({"password", "passwordHash", "sharedSecret"})


@dataclass(frozen=True, slots=True)
class Change:
    """One field's change; for a secret only that it changed."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be told: that `caller` did `action` (`account.updated`) to `subject` (`account:1001`)."""

    caller: Caller
    action: str
    subject: str
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done to one subject: who did it, when, by which application or on which site, and what changed."""

    id: int
    at: datetime
    actor: str
    application: str | None
    site_id: int | None
    action: str
    changes: tuple[Change, ...]


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """List the fields of `new` whose value differs from `old`'s, in the order of `new`; secrets without values."""
    return [
        Change(field, *((None, None) if field in SECRET_FIELDS else (old.get(field), value)))
        for field, value in new.items()
        if old.get(field) != value
    ]
