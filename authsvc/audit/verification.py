"""Verifying: each entry is looked at once, in order, and what does not fit its link is told, the first place first.

Memory stays the same however long the trail is, and a trail that is written and sealed meanwhile is verified as far as
it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from authsvc.audit.chain import (
    Link,
    StoredEntry,
    beginning,
    digest_of,
    digest_of_values,
    has_personal_values,
)

if TYPE_CHECKING:
    from authsvc.audit.chain_store import ChainStore
    from authsvc.infra.clock import Clock

# Entries read at a time.
BATCH = 2_000
# Ids begin at 1, but what was put in may have any.
BEFORE_ALL = -(2**63)
# The worker seals each minute, and waits for who writes; this late nobody seals any more.
LATEST_SEAL = timedelta(hours=1)


class Fault(StrEnum):
    """What can be wrong with a place in a chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REDACTED = "redacted"
    UNSEALED = "unsealed"
    CUT_OFF = "cut off"
    NOT_AS_KEPT = "not as kept"


_SAID: Mapping[Fault, str] = {
    Fault.CHANGED: "The entry, or its link, is not what it was when it was sealed.",
    Fault.REMOVED: "Entries are missing before this one.",
    Fault.INSERTED: "The entry was put in after those behind it were sealed, or its link was taken away.",
    Fault.REDACTED: "The entry has lost its values though its account has not been erased.",
    Fault.UNSEALED: "The entry has waited for its seal for too long: is a worker running?",
    Fault.CUT_OFF: "The chain ends before the place it had come to: the last entries are missing.",
    Fault.NOT_AS_KEPT: "The link at this place is not the one that was kept outside: the chain was made anew.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at an entry, or at a place in the chain."""

    tenant_id: int
    fault: Fault
    entry_id: int | None
    place: int | None
    missing: int | None = None

    def wire(self) -> dict[str, Any]:
        """Return it as it is printed."""
        told = {
            "tenant": self.tenant_id,
            "fault": self.fault.value,
            "entry": self.entry_id,
            "place": self.place,
            "missing": self.missing,
            "message": _SAID[self.fault],
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(slots=True)
class Verdict:
    """What is known of one tenant's chain after it was gone through."""

    tenant_id: int
    sealed: int = 0
    unsealed: int = 0
    redacted: int = 0
    faults: int = 0
    # The last link that was seen.
    place: int = 0
    digest: bytes = b""

    def wire(self) -> dict[str, Any]:
        """Return it as it is printed."""
        return {
            "tenant": self.tenant_id,
            "verified": self.faults == 0,
            "faults": self.faults,
            "sealed": self.sealed,
            "unsealed": self.unsealed,
            "redacted": self.redacted,
            "place": self.place,
            "digest": self.digest.hex(),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """Goes through chains; changes nothing."""

    store: ChainStore
    clock: Clock

    def run(
        self, tenant_id: int, kept: Mapping[int, AbstractSet[bytes]] | None = None
    ) -> Iterator[Finding | Verdict]:
        """Yield what is wrong with a tenant's chain, in order, and the verdict at the end.

        `kept`: places and their digests as they were written down outside of the database; a place that was written
        down with two has had another link at one of the times.
        """
        head = self.store.head(tenant_id)
        expected = dict(kept or {})
        if head is not None:
            expected.setdefault(head.place, {head.digest})
        walk = _Walk(
            Verdict(tenant_id, digest=beginning(tenant_id)),
            head.entry_id if head else 0,
            expected,
        )
        after = BEFORE_ALL
        while True:
            rows = self.store.linked(tenant_id, after, BATCH)
            for entry, link, is_there_still in rows:
                yield from self._look(walk, entry, link)
                if is_there_still:
                    yield walk.found(Fault.REDACTED, entry.id)
            if len(rows) < BATCH:
                break
            after = rows[-1][0].id
        beyond = [place for place in expected if place > walk.verdict.place]
        if beyond:
            yield walk.found(Fault.CUT_OFF, None, missing=max(beyond) - walk.verdict.place)
        yield walk.verdict

    def _look(self, walk: _Walk, entry: StoredEntry, link: Link | None) -> Iterator[Finding]:
        verdict = walk.verdict
        verdict.redacted += entry.is_redacted
        if link is None:
            verdict.unsealed += 1
            if entry.id <= walk.sealed_through:
                yield walk.found(Fault.INSERTED, entry.id)
            elif entry.at < self.clock() - LATEST_SEAL and not walk.is_late:
                walk.is_late = True
                yield walk.found(Fault.UNSEALED, entry.id)
            return
        verdict.sealed += 1
        missing = link.place - verdict.place - 1
        if missing > 0:
            yield walk.found(Fault.REMOVED, entry.id, link.place, missing)
        # After a gap the link before is not there; what it was is for the gap to be blamed for.
        if not _is_as_sealed(entry, link) or (
            missing <= 0 and digest_of(entry, verdict.digest, link.values_digest) != link.digest
        ):
            yield walk.found(Fault.CHANGED, entry.id, link.place)
        verdict.place, verdict.digest = link.place, link.digest
        if walk.expected.get(link.place, {link.digest}) != {link.digest}:
            yield walk.found(Fault.NOT_AS_KEPT, entry.id, link.place)


@dataclass(slots=True)
class _Walk:
    """How far a chain has been gone through."""

    verdict: Verdict
    sealed_through: int
    expected: Mapping[int, AbstractSet[bytes]] = field(default_factory=dict)
    # Told once: all that is behind is late as well.
    is_late: bool = False

    def found(
        self,
        fault: Fault,
        entry_id: int | None,
        place: int | None = None,
        missing: int | None = None,
    ) -> Finding:
        """Count something that is wrong, and return it."""
        self.verdict.faults += 1
        return Finding(self.verdict.tenant_id, fault, entry_id, place, missing)


def _is_as_sealed(entry: StoredEntry, link: Link) -> bool:
    """Tell whether the values are those that were sealed; of a redacted entry, that none are there."""
    if entry.is_redacted:
        return link.salt is None and not has_personal_values(entry)
    return link.salt is not None and digest_of_values(entry, link.salt) == link.values_digest
