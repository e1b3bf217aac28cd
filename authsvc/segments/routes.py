"""Customer segments: list, define, change, delete; who is in them ([K] 3.1, 3.5).

The vendor names the permissions customer create, read, update and delete and none for segments ([K] 1.2): defining
one takes the same as making a customer, putting customers in and out the same as changing one.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel

from authsvc.callers import Behavior, Caller, Requires, ShopperRole
from authsvc.listing.paging import Page
from authsvc.listing.queries import FieldsQuery, ListQuery
from authsvc.segments.rules import (
    MOST_ACCOUNTS_AT_ONCE,
    IncompleteSegment,
    NotInSegment,
    Segment,
    SegmentCodeTaken,
    UnknownMembers,
    UnknownSegment,
)
from authsvc.segments.service import Segments
from authsvc.segments.wire import CustomerSegment, SegmentBody
from authsvc.web.collection import Collection
from authsvc.web.operations import Routes
from authsvc.web.wire import Id


class AccountIds(RootModel[list[Id]]):
    """The accounts to put into a segment."""

    root: Annotated[list[Id], Field(max_length=MOST_ACCOUNTS_AT_ONCE)]


def routes(service: Segments) -> list[Routes]:
    """Declare the operations over `service`."""
    part = Routes("segments", prefix="/api/commerce/customer/segments", tag="Customer segments")
    _defining(part, service)
    _filling(part, service)
    return [part, _of_accounts(service)]


def _defining(part: Routes, service: Segments) -> None:
    @part.get("", requires=Requires(Behavior.CUSTOMER_READ), answers=Collection[CustomerSegment])
    def list_segments(caller: Caller, query: ListQuery) -> Collection[CustomerSegment]:
        """List the tenant's customer segments."""
        page = query.page
        found = service.page(caller.tenant_id, page, query.filter or "", query.sort_by or "")
        return _collection(page, *found)

    @part.get(
        "/<int:segment_id>",
        requires=Requires(Behavior.CUSTOMER_READ),
        answers=CustomerSegment,
        refuses=(UnknownSegment,),
    )
    def get_segment(caller: Caller, segment_id: int, query: FieldsQuery) -> CustomerSegment:
        """Get a segment."""
        return CustomerSegment.of(service.segment(caller.tenant_id, segment_id))

    @part.post(
        "",
        requires=Requires(Behavior.CUSTOMER_CREATE),
        answers=CustomerSegment,
        status=201,
        refuses=(IncompleteSegment, SegmentCodeTaken),
        body_name="segment",
    )
    def add_segment(caller: Caller, body: SegmentBody, query: FieldsQuery) -> CustomerSegment:
        """Define a segment; its code is unique, without regard to case."""
        return CustomerSegment.of(service.create(caller, body.fields()))

    @part.put(
        "/<int:segment_id>",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        answers=CustomerSegment,
        refuses=(UnknownSegment, IncompleteSegment, SegmentCodeTaken),
        body_name="segment",
    )
    def update_segment(
        caller: Caller, segment_id: int, body: SegmentBody, query: FieldsQuery
    ) -> CustomerSegment:
        """Change a segment's code, name or description; what is left out stays as it is."""
        return CustomerSegment.of(service.update(caller, segment_id, body.fields()))

    @part.delete(
        "/<int:segment_id>",
        requires=Requires(Behavior.CUSTOMER_DELETE),
        refuses=(UnknownSegment,),
    )
    def delete_segment(caller: Caller, segment_id: int) -> None:
        """Delete a segment; its customers are in it no longer."""
        service.delete(caller, segment_id)


def _filling(part: Routes, service: Segments) -> None:
    @part.post(
        "/<int:segment_id>/accounts",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        status=201,
        refuses=(UnknownSegment, UnknownMembers),
        body_name="accountIds",
    )
    def add_segment_accounts(
        caller: Caller, segment_id: int, body: AccountIds, query: FieldsQuery
    ) -> None:
        """Put customer accounts into a segment: all of them or none; who is in it already stays in it."""
        service.add_accounts(caller, segment_id, body.root)

    @part.delete(
        "/<int:segment_id>/accounts/<int:account_id>",
        requires=Requires(Behavior.CUSTOMER_UPDATE),
        status=200,
        refuses=(NotInSegment,),
    )
    def remove_segment_account(caller: Caller, segment_id: int, account_id: int) -> None:
        """Take a customer account out of a segment."""
        service.remove_account(caller, segment_id, account_id)


def _of_accounts(service: Segments) -> Routes:
    part = Routes(
        "account_segments", prefix="/api/commerce/customer/accounts", tag="Customer segments"
    )

    @part.get(
        "/<int:account_id>/segments",
        requires=Requires(Behavior.CUSTOMER_READ, ShopperRole.OWN_ACCOUNT),
        answers=Collection[CustomerSegment],
    )
    def list_account_segments(
        caller: Caller, account_id: int, query: ListQuery
    ) -> Collection[CustomerSegment]:
        """List the segments a customer account is in; of an unknown account there are none."""
        caller.may_see_account(account_id)
        page = query.page
        found = service.page_of_account(
            caller.tenant_id, account_id, page, query.filter or "", query.sort_by or ""
        )
        return _collection(page, *found)

    return part


def _collection(page: Page, segments: list[Segment], total: int) -> Collection[CustomerSegment]:
    return Collection[CustomerSegment].page(
        [CustomerSegment.of(segment) for segment in segments],
        start_index=page.start_index,
        page_size=page.size,
        total_count=total,
    )
