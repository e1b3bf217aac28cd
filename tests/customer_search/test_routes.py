"""The search over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.customer_search.customers import Person, keep
from tests.merchants import Merchant

SEARCH = "accounts/search"


@pytest.fixture(name="shop")
def _shop(merchant: Merchant) -> Merchant:
    keep(merchant, Person("John", "Doe", email="john@mail.com"))
    keep(merchant, Person("Jane", "Doe", customer_set="b2b", has_login=False))
    keep(merchant, Person("Stacy", "Moore", is_locked=True))
    return merchant


def search(shop: Merchant, query: str) -> Any:  # noqa: ANN401  whatever JSON says
    """Return the answer to a search."""
    answer = shop.call("GET", f"{SEARCH}?{query}")
    assert answer.status_code == 200
    return answer.json


def first_names(shop: Merchant, query: str) -> list[str]:
    """Return whom the search finds."""
    return [item["firstName"] for item in search(shop, query)["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=doe", ["Jane", "John"]),
        ("q=DOE%20j", ["Jane", "John"]),
        ("q=", ["Jane", "John", "Stacy"]),
        ("q=doe&customerSet=B2C", ["John"]),
        ("isLocked=true", ["Stacy"]),
        ("isAnonymous=true", ["Jane"]),
        ("q=doe&segmentId=1", []),
        ("q=%25", []),
    ],
)
def test_words_and_filters_find_customers(shop: Merchant, query: str, found: list[str]) -> None:
    assert first_names(shop, query) == found


def test_cursors_lead_from_page_to_page_and_back(shop: Merchant) -> None:
    first = search(shop, "q=doe&pageSize=1")
    assert first["previousCursor"] is None
    second = search(shop, f"q=doe&pageSize=1&cursor={first['nextCursor']}")
    assert second["nextCursor"] is None
    back = search(shop, f"q=doe&pageSize=1&cursor={second['previousCursor']}")
    assert [one["items"][0]["firstName"] for one in (first, second, back)] == [
        "Jane",
        "John",
        "Jane",
    ]


@pytest.mark.parametrize(
    "query", ["cursor=x", "q=j&cursor=AAAA", "q=a+b+c+d+e+f+g+h+i", "pageSize=0"]
)
def test_what_makes_no_sense_is_400_and_says_which_parameter(shop: Merchant, query: str) -> None:
    answer = shop.call("GET", f"{SEARCH}?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["errorCode"] == "MISSING_OR_INVALID_PARAMETER"


def test_a_shopper_searches_nobody(shop: Merchant) -> None:
    ticket = shop.sign_up("pat@mail.com", "Mystic Sports")
    answer = shop.call("GET", SEARCH, shopper=ticket.tokens.access_token)
    assert answer.status_code == 403


def test_another_tenant_finds_nobody(shop: Merchant, other_merchant: Merchant) -> None:
    assert first_names(shop, "q=doe")
    assert first_names(other_merchant, "q=doe") == first_names(other_merchant, "q=") == []
