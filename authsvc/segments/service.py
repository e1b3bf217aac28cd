"""Defining segments, and putting customers in and out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authsvc.audit.rules import Change, changes_between
from authsvc.callers import Caller
from authsvc.segments.rules import (
    NotInSegment,
    Segment,
    UnknownMembers,
    UnknownSegment,
    changes_to_apply,
    fields_of_new_segment,
    members_to_add,
)

if TYPE_CHECKING:
    from authsvc.audit.store import AuditTrail
    from authsvc.infra.clock import Clock
    from authsvc.infra.database import Transaction
    from authsvc.listing.paging import Page
    from authsvc.segments.store import SegmentStore


@dataclass(frozen=True, slots=True)
class Segments:
    """The use cases; each is one transaction."""

    store: SegmentStore
    trail: AuditTrail
    transaction: Transaction
    clock: Clock

    def all_of_tenant(self, tenant_id: int) -> list[Segment]:
        """Return all segments of the tenant, by name."""
        return self.store.everything(tenant_id)

    def page(
        self, tenant_id: int, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Segment], int]:
        """Return a page of the tenant's segments and how many match; raises `Invalid`."""
        return self.store.page(tenant_id, page, filter_text, sort_by)

    def page_of_account(
        self, tenant_id: int, account_id: int, page: Page, filter_text: str = "", sort_by: str = ""
    ) -> tuple[list[Segment], int]:
        """Return a page of the segments an account is in; of an unknown account none ([K] 3.5). Raises `Invalid`."""
        return self.store.page(tenant_id, page, filter_text, sort_by, account_id=account_id)

    def of_account(self, tenant_id: int, account_id: int) -> tuple[Segment, ...]:
        """Return everything of this feature that is held on an account: the segments it is in, by name."""
        return self.store.of_accounts(tenant_id, [account_id]).get(account_id, ())

    def segment(self, tenant_id: int, segment_id: int) -> Segment:
        """Return a segment; raises `UnknownSegment`."""
        segment = self.store.segment(tenant_id, segment_id)
        if segment is None:
            raise UnknownSegment(segment_id)
        return segment

    def create(self, caller: Caller, wanted: Mapping[str, str | None]) -> Segment:
        """Define a segment by `code`, `name`, `description`.

        Raises `IncompleteSegment`, `Invalid` or `SegmentCodeTaken`.
        """
        fields = fields_of_new_segment(wanted)
        with self.transaction():
            segment = self.store.add(caller.tenant_id, fields, caller.name, self.clock())
            changes = changes_between({}, fields)
            self.trail.note(caller, "segment.created", _subject(segment.id), changes)
        return segment

    def update(self, caller: Caller, segment_id: int, wanted: Mapping[str, str | None]) -> Segment:
        """Change code, name or description; what is absent stays.

        Raises `UnknownSegment`, `IncompleteSegment`, `Invalid` or `SegmentCodeTaken`.
        """
        with self.transaction():
            segment = self._held(caller.tenant_id, segment_id)
            changed = changes_to_apply(segment, wanted)
            if changed:
                self.store.update(caller.tenant_id, segment_id, changed, caller.name, self.clock())
                old = {field: getattr(segment, field) for field in changed}
                self.trail.note(
                    caller, "segment.updated", _subject(segment_id), changes_between(old, changed)
                )
            return self.segment(caller.tenant_id, segment_id)

    def delete(self, caller: Caller, segment_id: int) -> None:
        """Delete a segment; the customers in it stay, in it no longer. Raises `UnknownSegment`."""
        with self.transaction():
            segment = self._held(caller.tenant_id, segment_id)
            self.store.remove(caller.tenant_id, segment_id)
            self.trail.note(
                caller,
                "segment.deleted",
                _subject(segment_id),
                [Change("code", segment.code, None), Change("name", segment.name, None)],
            )

    def add_accounts(
        self, caller: Caller, segment_id: int, account_ids: Sequence[int]
    ) -> tuple[int, ...]:
        """Put accounts into a segment, all of them or none; returns those that were not in it yet.

        Raises `UnknownSegment`, `UnknownMembers`, `Invalid`.
        """
        wanted = members_to_add(account_ids)
        with self.transaction():
            segment = self._held(caller.tenant_id, segment_id)
            unknown = set(wanted).difference(self.store.known_accounts(caller.tenant_id, wanted))
            if unknown:
                raise UnknownMembers(unknown)
            added = self.store.add_members(
                caller.tenant_id, segment_id, wanted, caller.name, self.clock()
            )
            for account_id in added:
                self.trail.note(
                    caller,
                    "account.segment_added",
                    f"account:{account_id}",
                    [Change("segments", None, segment.code)],
                )
        return tuple(added)

    def remove_account(self, caller: Caller, segment_id: int, account_id: int) -> None:
        """Take an account out of a segment; raises `NotInSegment`."""
        with self.transaction():
            segment = self.store.segment(caller.tenant_id, segment_id, for_update=True)
            if segment is None or not self.store.remove_member(
                caller.tenant_id, segment_id, account_id
            ):
                raise NotInSegment
            self.trail.note(
                caller,
                "account.segment_removed",
                f"account:{account_id}",
                [Change("segments", segment.code, None)],
            )

    def _held(self, tenant_id: int, segment_id: int) -> Segment:
        segment = self.store.segment(tenant_id, segment_id, for_update=True)
        if segment is None:
            raise UnknownSegment(segment_id)
        return segment


def _subject(segment_id: int) -> str:
    return f"segment:{segment_id}"
