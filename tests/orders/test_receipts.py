"""Eligibility receipts: what they prove, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from authsvc.orders.receipts import CLOCK_DIFFERENCE, LIFETIME, BadReceipt, EligibilityReceipts
from tests.merchants import Merchant

ACCOUNT = 1001


def test_a_receipt_is_for_one_customer_on_one_site_and_for_its_time(merchant: Merchant) -> None:
    site = merchant.sites["Mystic Sports"]
    receipts = merchant.services.orders.receipts
    receipt, text = receipts.issue(site, ACCOUNT)
    assert receipts.read(text, merchant.tenant_id) == receipt
    placed = receipt.issued_at
    ask = (text, merchant.tenant_id, site.id, ACCOUNT)
    assert receipts.proven_set(*ask, placed) == "b2c"
    assert receipts.proven_set(*ask, placed + LIFETIME + CLOCK_DIFFERENCE) == "b2c"
    for moment in (
        placed - CLOCK_DIFFERENCE - timedelta(seconds=1),
        placed + LIFETIME + CLOCK_DIFFERENCE + timedelta(seconds=1),
    ):
        with pytest.raises(BadReceipt, match="not placed within its time"):
            receipts.proven_set(*ask, moment)
    for site_id, account_id in ((site.id + 1, ACCOUNT), (site.id, ACCOUNT + 1)):
        with pytest.raises(BadReceipt, match="for another customer or site"):
            receipts.proven_set(text, merchant.tenant_id, site_id, account_id, placed)


def test_a_receipt_that_has_run_out_is_read_all_the_same(merchant: Merchant) -> None:
    """It is kept with its order, and proves for years what was so when the order was placed."""
    services = merchant.services
    years = timedelta(days=1000)
    then = EligibilityReceipts(services.signing_keys, lambda: services.clock() - years)
    receipt, text = then.issue(merchant.sites["Mystic Sports"], ACCOUNT)
    assert services.orders.receipts.read(text, merchant.tenant_id) == receipt


def test_nothing_else_passes_for_a_receipt(merchant: Merchant, other_merchant: Merchant) -> None:
    receipts = merchant.services.orders.receipts
    ticket = merchant.sign_up("john@mail.com", "Mystic Sports")
    _, text = receipts.issue(merchant.sites["Mystic Sports"], ACCOUNT)
    forged = text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB")
    theirs = replace(merchant.sites["Mystic Sports"], tenant_id=other_merchant.tenant_id)
    for wrong in (ticket.jwt, forged, receipts.issue(theirs, ACCOUNT)[1], "a.b.c", "", "\ud800"):
        with pytest.raises(BadReceipt, match="not a receipt of ours"):
            receipts.read(wrong, merchant.tenant_id)


def test_a_receipt_is_no_ticket(merchant: Merchant) -> None:
    _, text = merchant.services.orders.receipts.issue(merchant.sites["Mystic Sports"], ACCOUNT)
    assert merchant.check(text, "Mystic Sports").status_code == 401
