"""How entries are chained, so that none can be changed, taken out or put in without it showing.

Each link is the digest of the link before it and of its entry. What a lawful erasure takes from an entry, its values
and the address it came from, is not in there itself, but by a digest of its own with a random salt: the link goes on
fitting when they are gone, and once the salt is gone too that digest says nothing of them.

Whoever may write to all tables can still make a whole new chain. It shows by the end of the old one, if that was kept
outside of the database: the worker logs each, and `authsvc audit head` prints them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

# Of the random salts: 128 bits, that nobody guesses.
SALT_BYTES = 16
# What stands at the beginning of each digest: a later form of it is another one.
_FORM = "authsvc audit 1"

# The fields that say nothing of a person and outlast an erasure; `without_personal_values` of migration 0015.
LASTING_FIELDS = frozenset(
    {"customerSet", "customer_set_code", "is_active", "is_locked", "session"}
)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it stands in the table; `changes`: the text of its JSON."""

    tenant_id: int
    id: int
    at: datetime
    actor: str
    application: str | None
    site_id: int | None
    remote_address: str | None
    correlation_id: str | None
    action: str
    subject: str
    changes: str
    redacted_at: datetime | None

    @property
    def is_redacted(self) -> bool:
        """Tell whether it has lost what was personal in it."""
        return self.redacted_at is not None


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in its tenant's chain; `salt`: None where there is nothing left to salt."""

    entry_id: int
    place: int
    salt: bytes | None
    values_digest: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the place of its last link, and what that is."""

    tenant_id: int
    place: int
    entry_id: int
    digest: bytes
    sealed_at: datetime

    def wire(self) -> dict[str, Any]:
        """Return it as it is printed and logged."""
        return {
            "tenant": self.tenant_id,
            "place": self.place,
            "entry": self.entry_id,
            "digest": self.digest.hex(),
            "sealedAt": self.sealed_at.isoformat(),
        }


def beginning(tenant_id: int) -> bytes:
    """Return what the first link of a tenant's chain follows on."""
    return hashlib.sha256(f"{_FORM} of {tenant_id}".encode()).digest()


def forged(entry: StoredEntry, place: int, before: bytes, salt: bytes) -> Link:
    """Return the link of an entry, after the one whose digest is `before`; `salt`: fresh random bytes."""
    values_digest = digest_of_values(entry, salt)
    return Link(
        entry.id,
        place,
        None if entry.is_redacted else salt,
        values_digest,
        digest_of(entry, before, values_digest),
    )


def digest_of_values(entry: StoredEntry, salt: bytes) -> bytes:
    """Return the digest of what an erasure may take from an entry."""
    address = (entry.remote_address or "").encode()
    return hashlib.sha256(b"\0".join((salt, address, entry.changes.encode()))).digest()


def digest_of(entry: StoredEntry, before: bytes, values_digest: bytes) -> bytes:
    """Return the digest of an entry's link, from what of the entry is there before and after an erasure."""
    kept = orjson.dumps(
        [
            _FORM,
            entry.tenant_id,
            entry.id,
            entry.at,
            entry.actor,
            entry.application,
            entry.site_id,
            entry.correlation_id,
            entry.action,
            entry.subject,
            [_lasting(change) for change in orjson.loads(entry.changes)],
        ],
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )
    return hashlib.sha256(before + values_digest + kept).digest()


def has_personal_values(entry: StoredEntry) -> bool:
    """Tell whether there is something in an entry that an erasure would have taken."""
    return entry.remote_address is not None or any(
        change != _lasting(change) for change in orjson.loads(entry.changes)
    )


def _lasting(change: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an erasure leaves of a change."""
    field = change.get("field")
    return change if field in LASTING_FIELDS else {"field": field, "old": None, "new": None}
