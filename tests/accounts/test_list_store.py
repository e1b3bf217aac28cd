"""The list of accounts over the real store ([K] 3.4); its grammar is tested in tests/listing."""

from __future__ import annotations

from typing import Any

import pytest

from authsvc.contacts.rules import Contact
from authsvc.errors import Invalid
from authsvc.listing.paging import Page
from tests.merchants import Merchant

PEOPLE = (
    ("Usha", "Cheruku", "usha_cheruku@mozu.com", "Mystic Sports"),
    ("John", "Doe", "john@mail.com", "Mystic Kids"),
    ("Stacy", "Moore", "stacy@mail.com", "Mystic Parts"),
    ("50%", "Off", "off@mail.com", "Mystic Outlet"),
)


@pytest.fixture(name="shop")
def _shop(merchant: Merchant) -> Merchant:
    for first_name, last_name, email, site in PEOPLE:
        merchant.sign_up(email, site, first_name=first_name, last_name=last_name)
    merchant.services.accounts.create(
        merchant.caller(),
        merchant.site("Mystic Sports"),
        {"first_name": "Guest", "email_address": "stacy@mail.com"},
        [Contact(id=0, email="home@mail.com", address={"cityOrTown": "Austin"})],
    )
    return merchant


def names(shop: Merchant, page: Page | None = None, /, **asked: Any) -> list[str | None]:  # noqa: ANN401  as the list takes them
    """Return the first names that the list finds."""
    found, total = shop.services.account_list.page(shop.tenant_id, page or Page(), **asked)
    assert page is not None or total == len(found)
    return [account.first_name for account in found]


def test_the_list_has_the_tenants_accounts_oldest_first(shop: Merchant) -> None:
    assert names(shop) == ["Usha", "John", "Stacy", "50%", "Guest"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("customerSet eq B2C", ["Usha", "John", "Guest"]),
        ("emailAddress eq STACY@mail.com", ["Stacy", "Guest"]),
        ("firstname sw u or lastName eq doe", ["Usha", "John"]),
        ("userName ne null", ["Usha", "John", "Stacy", "50%"]),
        ("contacts.email eq home@mail.com", ["Guest"]),
        ("contacts.address.cityOrTown eq austin", ["Guest"]),
        ("isAnonymous eq true", ["Guest"]),
        ("hasExternalPassword eq false and isLocked eq false and firstName cont %", ["50%"]),
        ("last2FaDate ne null", []),
        ("commerceSummary.orderCount gt 0", []),
    ],
)
def test_the_filter_finds(shop: Merchant, text: str, found: list[str]) -> None:
    assert names(shop, filter_text=text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["Usha", "John", "Stacy", "50%", "Guest"]),
        ("  ", ["Usha", "John", "Stacy", "50%", "Guest"]),
        ("us", ["Usha"]),
        ("STACY", ["Stacy", "Guest"]),
        ("john doe", ["John"]),
        ("doe stacy", []),
        ("usha_", ["Usha"]),
        ("john_", []),
        ("50%", ["50%"]),
        ("5_", []),
        ("\\", []),
        ("9" * 30, []),
    ],
)
def test_the_quick_search_finds_words_that_begin_a_name_or_address(
    shop: Merchant, text: str, found: list[str]
) -> None:
    """[K] 3.4: text matches first or last name."""
    assert names(shop, quick_search=text) == found


def test_the_quick_search_finds_a_customer_number(shop: Merchant) -> None:
    """[K] 3.4: a number matches the customer number."""
    found, _ = shop.services.account_list.page(shop.tenant_id, Page(), quick_search="john")
    assert names(shop, quick_search=str(found[0].id)) == ["John"]


def test_guests_and_registered_customers_can_be_told_apart(shop: Merchant) -> None:
    assert names(shop, is_anonymous=True) == ["Guest"]
    assert names(shop, is_anonymous=False) == ["Usha", "John", "Stacy", "50%"]


def test_the_list_is_sorted_and_paged(shop: Merchant) -> None:
    page = Page(1, 2)
    found, total = shop.services.account_list.page(shop.tenant_id, page, sort_by="firstName desc")
    assert ([account.first_name for account in found], total) == (["Stacy", "John"], 5)
    assert names(shop, Page(10, 2)) == []


@pytest.mark.parametrize(
    "asked", [{"filter_text": "shoeSize eq 7"}, {"sort_by": "shoeSize"}, {"filter_text": "id"}]
)
def test_what_makes_no_sense_is_refused(shop: Merchant, asked: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        names(shop, **asked)
