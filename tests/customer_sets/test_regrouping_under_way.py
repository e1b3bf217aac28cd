"""Whoever changes a tenant's structure does so alone, and the others are told to come back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from authsvc.customer_sets.rules import RegroupingUnderWay
from tests.merchants import Merchant


def assign(merchant: Merchant) -> object:
    kids = merchant.site("Mystic Kids")
    return merchant.services.customer_sets.assign_site(merchant.caller(), kids, "b2b")


def create(merchant: Merchant) -> object:
    return merchant.services.customer_sets.create_customer_set(merchant.caller(), "r", "R")


@pytest.mark.parametrize("change", [assign, create])
def test_a_second_change_of_the_structure_is_refused_while_one_is_under_way(
    merchant: Merchant, other_merchant: Merchant, change: Callable[[Merchant], object]
) -> None:
    services = merchant.services
    with ThreadPoolExecutor(1) as threads:
        with services.database.transaction():
            services.customer_sets.structure.hold(merchant.tenant_id)
            assert threads.submit(change, other_merchant).result(timeout=10)
            with pytest.raises(RegroupingUnderWay, match="Ask again when it is done"):
                threads.submit(change, merchant).result(timeout=10)
        assert threads.submit(change, merchant).result(timeout=10)
