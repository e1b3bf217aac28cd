"""Questions about customer segments and who is in them."""

from __future__ import annotations

from authsvc.listing.paging import Page
from tests.isolation.world import Case

CASES: dict[str, Case] = {
    "SegmentStore.add": lambda w, tenant, _: (
        w.services.segments.store.add(
            tenant, {"code": "new", "name": "New", "description": ""}, "x", w.now
        ).description
        or None
    ),
    "SegmentStore.segment": lambda w, tenant, _: w.services.segments.store.segment(
        tenant, w.segment_id, for_update=True
    ),
    "SegmentStore.page": lambda w, tenant, _: w.services.segments.store.page(
        tenant, Page(), account_id=w.account.id
    )[0],
    "SegmentStore.everything": lambda w, tenant, _: w.services.segments.store.everything(tenant),
    "SegmentStore.of_accounts": lambda w, tenant, _: w.services.segments.store.of_accounts(
        tenant, [w.account.id]
    ),
    "SegmentStore.update": lambda w, tenant, _: w.services.segments.store.update(
        tenant, w.segment_id, {"name": "Mallory's"}, "x", w.now
    ),
    "SegmentStore.remove": lambda w, tenant, _: w.services.segments.store.remove(
        tenant, w.segment_id
    ),
    "SegmentStore.known_accounts": lambda w, tenant, _: w.services.segments.store.known_accounts(
        tenant, [w.account.id]
    ),
    "SegmentStore.add_members": lambda w, tenant, _: w.services.segments.store.add_members(
        tenant, w.segment_id, [w.guest_id], "x", w.now
    ),
    "SegmentStore.remove_member": lambda w, tenant, _: w.services.segments.store.remove_member(
        tenant, w.segment_id, w.account.id
    ),
}
