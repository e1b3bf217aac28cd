"""Segments over their tables: whose they are, who is in them, and who wins a race."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from authsvc.errors import Conflict
from authsvc.listing.paging import Page
from authsvc.segments.rules import NotInSegment, SegmentCodeTaken, UnknownMembers, UnknownSegment
from authsvc.services import Services
from tests.merchants import Merchant
from tests.trail import actions, changes, entries

UNKNOWN = 999_999_999


def account(merchant: Merchant, site: str = "Mystic Sports") -> int:
    """Make a guest account."""
    return merchant.services.accounts.create(merchant.caller(), merchant.site(site), {}).id


def segment(merchant: Merchant, code: str = "vip") -> int:
    """Define a segment."""
    return merchant.services.segments.create(merchant.caller(), {"code": code}).id


def test_a_segment_is_the_tenants_and_holds_customers_of_every_set(merchant: Merchant) -> None:
    service, caller = merchant.services.segments, merchant.caller()
    vip, first = segment(merchant), segment(merchant, "a first")
    members = [account(merchant, site) for site in ("Mystic Sports", "Mystic Parts")]
    assert service.add_accounts(caller, vip, members) == tuple(members)
    assert service.add_accounts(caller, vip, [*members, account(merchant)]) != ()
    assert [each.id for each in service.all_of_tenant(merchant.tenant_id)] == [first, vip]
    for member in members:
        assert [each.code for each in service.of_account(merchant.tenant_id, member)] == ["vip"]
    assert service.of_account(merchant.tenant_id, UNKNOWN) == ()


def test_a_customer_who_moves_to_another_set_stays_in_the_segments(merchant: Merchant) -> None:
    service, member = merchant.services.segments, account(merchant)
    service.add_accounts(merchant.caller(), segment(merchant), [member])
    merchant.move(member, "b2b")
    assert [each.code for each in service.of_account(merchant.tenant_id, member)] == ["vip"]


def test_an_account_that_is_deleted_is_in_no_segment(merchant: Merchant) -> None:
    service, member, vip = merchant.services.segments, account(merchant), segment(merchant)
    service.add_accounts(merchant.caller(), vip, [member])
    merchant.services.accounts.delete(merchant.caller(), member)
    assert service.of_account(merchant.tenant_id, member) == ()
    with pytest.raises(NotInSegment):
        service.remove_account(merchant.caller(), vip, member)


def test_a_segment_that_is_deleted_is_gone_from_its_customers(merchant: Merchant) -> None:
    service, member, vip = merchant.services.segments, account(merchant), segment(merchant)
    service.add_accounts(merchant.caller(), vip, [member])
    service.delete(merchant.caller(), vip)
    assert service.of_account(merchant.tenant_id, member) == ()
    for refused in (
        lambda: service.delete(merchant.caller(), vip),
        lambda: service.segment(merchant.tenant_id, vip),
        lambda: service.update(merchant.caller(), vip, {"name": "x"}),
        lambda: service.add_accounts(merchant.caller(), vip, [member]),
    ):
        with pytest.raises(UnknownSegment):
            refused()


def test_adding_is_all_or_nothing(merchant: Merchant) -> None:
    service, member, vip = merchant.services.segments, account(merchant), segment(merchant)
    with pytest.raises(UnknownMembers, match=str(UNKNOWN)):
        service.add_accounts(merchant.caller(), vip, [member, UNKNOWN])
    assert service.of_account(merchant.tenant_id, member) == ()


def test_a_code_is_unique_in_the_tenant_without_regard_to_case(
    merchant: Merchant, other_merchant: Merchant
) -> None:
    service, caller = merchant.services.segments, merchant.caller()
    vip, other = segment(merchant, "Vip"), segment(merchant, "other")
    segment(other_merchant, "vip")
    with pytest.raises(SegmentCodeTaken):
        segment(merchant, "VIP")
    with pytest.raises(SegmentCodeTaken):
        service.update(caller, other, {"code": "vIP"})
    assert service.update(caller, vip, {"code": "VIP"}).code == "VIP"


def test_everything_is_written_down(merchant: Merchant) -> None:
    service, caller, tenant = merchant.services.segments, merchant.caller(), merchant.tenant_id
    vip, member = segment(merchant), account(merchant)
    service.update(caller, vip, {"name": "Dear"})
    service.update(caller, vip, {"name": "Dear"})
    service.add_accounts(caller, vip, [member])
    service.add_accounts(caller, vip, [member])
    service.remove_account(caller, vip, member)
    service.delete(caller, vip)
    assert actions(merchant.services, tenant, f"segment:{vip}") == [
        "segment.created",
        "segment.updated",
        "segment.deleted",
    ]
    _, added, removed = entries(merchant.services, tenant, f"account:{member}")
    assert (added["action"], changes(added)) == (
        "account.segment_added",
        {"segments": (None, "vip")},
    )
    assert (removed["action"], changes(removed)) == (
        "account.segment_removed",
        {"segments": ("vip", None)},
    )


def test_of_two_who_do_the_same_at_once_one_does_it(services: Services, merchant: Merchant) -> None:
    """Two workers define the same segment, and put the same customers into it: one row each, one entry each."""
    member = account(merchant)

    def define() -> int | None:
        try:
            return segment(merchant)
        except Conflict:
            return None

    with ThreadPoolExecutor(2) as threads:
        made = [run.result() for run in [threads.submit(define) for _ in range(2)]]
        (vip,) = [each for each in made if each is not None]
        adding = [
            threads.submit(services.segments.add_accounts, merchant.caller(), vip, [member])
            for _ in range(2)
        ]
        assert sorted(run.result() for run in adding) == [(), (member,)]
    assert (
        actions(services, merchant.tenant_id, f"account:{member}").count("account.segment_added")
        == 1
    )


def test_lists_are_filtered_sorted_and_paged(merchant: Merchant) -> None:
    service, tenant = merchant.services.segments, merchant.tenant_id
    vip, golf, _ = [segment(merchant, code) for code in ("vip", "golf", "gone")]
    member = account(merchant)
    for each in (vip, golf):
        service.add_accounts(merchant.caller(), each, [member])
    found, total = service.page(tenant, Page(0, 1), "code sw G", "code desc")
    assert ([each.code for each in found], total) == (["gone"], 2)
    found, total = service.page_of_account(tenant, member, Page(), "", "code")
    assert ([each.code for each in found], total) == (["golf", "vip"], 2)
