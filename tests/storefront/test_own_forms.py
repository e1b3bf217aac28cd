"""[B]: their My Account page; what shoppers change on it themselves, by plain forms, for each site of the set."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.storefront.conftest import Shops
from tests.storefront.john import John, sign_john_in
from tests.storefront.shopper import ShopperBrowser
from tests.trail import entries

CARD_NUMBER = "4111 1111 1111 1111"


@pytest.fixture(name="john")
def _john(shops: Shops, browser: ShopperBrowser) -> John:
    return sign_john_in(shops, browser)


def field(page: str, name: str) -> str:
    """Return what stands in a field of the shown page."""
    (tag,) = re.findall(rf'<input [^>]*name="{name}"[^>]*>', page)
    found = re.search(r'value="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def test_the_profile_is_changed_and_seen_on_the_other_site(john: John) -> None:
    page = john.browser.get(f"{john.sports}/profile").text
    assert (field(page, "first_name"), field(page, "email")) == ("John", "john@mail.com")
    assert re.search(r'name="email"[^>]* readonly', page)
    assert '<a href="/my-account/email">' in page
    page = john.send(
        "/profile",
        first_name="John <b>",
        last_name="Doe",
        email="john@mail.com",
        company="Doe Ltd",
        accepts_marketing="1",
    )
    assert "Your profile is saved." in page
    page = john.browser.get(f"{john.shops.kids}/my-account").text
    assert "John &lt;b&gt; Doe" in page
    assert "Doe Ltd" in page
    account = john.account
    assert account.email_address == "john@mail.com"
    assert account.accepts_marketing
    last = entries(john.shops.merchant.services, account.tenant_id, f"account:{john.id}")[-1]
    assert last["actor"] == f"shopper:{account.user_id}"
    # What is emptied is taken away, and a box that is not ticked is not.
    john.send("/profile", first_name="John", last_name="Doe", email="john@mail.com")
    assert john.account.company_or_organization is None
    assert not john.account.accepts_marketing


@pytest.mark.parametrize(
    ("typed", "wrong", "words"),
    [
        ({"email": "jd@mail.com"}, "email", "choose “Change your e-mail address”"),
        ({"first_name": ""}, "first_name", "This cannot be cleared"),
        ({"company": f"Visa {CARD_NUMBER}"}, "company", "This looks like a card number"),
        ({"first_name": "J" * 201}, "first_name", "Must have at most 200 characters"),
        ({"last_name": "J\0n"}, "last_name", "Must not contain the character"),
        ({"company": "1+" * 240_000}, "company", "Must have at most 200 characters"),
    ],
)
def test_a_refused_profile_says_why_beside_the_field_and_keeps_what_was_typed(
    john: John, typed: dict[str, str], wrong: str, words: str
) -> None:
    form = {"first_name": "Johnny", "last_name": "Doe", "email": "john@mail.com", "company": "Doe"}
    page = john.send("/profile", **form | typed)
    (tag,) = re.findall(rf'<p class="wrong" id="error">([^<]*)</p>\s*<input id="{wrong}"', page)
    assert words in unescape(tag)
    assert f'<a href="#{wrong}">' in page
    assert len(re.findall('aria-invalid="true"', page)) == 1
    for name, text in (form | typed).items():
        # A card number is not shown again, not even to who typed it; the address is the one that stays.
        shown = "john@mail.com" if name == "email" else text
        assert field(page, name) == ("" if CARD_NUMBER in text else shown)
    assert CARD_NUMBER not in page
    assert (john.account.first_name, john.account.email_address) == ("John", "john@mail.com")


def test_where_no_mail_is_sent_the_address_is_changed_with_the_profile(
    shops: Shops, browser_without_mail: ShopperBrowser
) -> None:
    john = sign_john_in(shops, browser_without_mail)
    shops.merchant.sign_up("stacy@mail.com", "Mystic Sports")
    page = john.browser.get(f"{john.sports}/profile").text
    assert "You go on signing in as john@mail.com." in page
    for email, words in (
        ("nobody", "e-mail address"),
        ("stacy@mail.com", "This e-mail address cannot be used"),
    ):
        page = john.send("/profile", first_name="John", email=email)
        (wrong,) = re.findall(r'<p class="wrong" id="error">([^<]*)</p>\s*<input id="email"', page)
        assert words in unescape(wrong)
        assert field(page, "email") == email
    assert "Your profile is saved." in john.send("/profile", first_name="J", email="jd@mail.com")
    account = john.account
    assert (account.email_address, account.username) == ("jd@mail.com", "john@mail.com")


def test_addresses_are_added_changed_and_deleted(john: John) -> None:
    first = john.add(address1="221B <Baker> Street", city="London", country="gb", phone_home="1")
    assert (first.address["countryCode"], first.phone_home) == ("GB", "1")
    assert first.primary_billing is first.primary_shipping is None
    page = john.browser.get(f"{john.shops.kids}/my-account").text
    assert "221B &lt;Baker&gt; Street, London, GB" in page
    # What the form does not show stays as it is.
    data, merchant = john.data, john.shops.merchant
    answer = merchant.call(
        "PUT",
        f"accounts/{john.id}/contacts/{first.id}",
        {
            "label": "Home",
            "phoneNumbers": {"home": "1", "work": "9"},
            "address": {
                "address1": "221B <Baker> Street",
                "address3": "Yard",
                "isValidated": True,
            },
        },
    )
    assert answer.status_code == 200
    page = john.browser.get(f"{john.sports}/addresses/{first.id}").text
    assert field(page, "address1") == "221B <Baker> Street"
    john.send(f"/addresses/{first.id}", email="j@mail.com", address1="10 Downing Street")
    changed = data.contacts.contact(merchant.tenant_id, john.id, first.id)
    assert (changed.label, changed.phone_work, changed.phone_home) == ("Home", "9", None)
    # It was another address that was found valid.
    assert changed.address == {"address1": "10 Downing Street", "address3": "Yard"}
    asked = john.browser.get(f"{john.sports}/addresses/{first.id}/delete").text
    assert "Delete this address?" in asked
    assert len(john.account.contacts) == 1
    assert "The address is deleted." in john.send(f"/addresses/{first.id}/delete")
    assert not john.account.contacts


def test_one_address_is_the_first_choice_for_bills_and_one_for_deliveries(john: John) -> None:
    one = john.add(primary_billing="1", primary_shipping="1")
    two = john.add(primary_shipping="1")

    def ranks() -> dict[int, tuple[bool | None, bool | None]]:
        held = john.account.contacts
        return {each.id: (each.primary_billing, each.primary_shipping) for each in held}

    assert ranks() == {one.id: (True, False), two.id: (None, True)}
    page = john.browser.get(f"{john.sports}/addresses/{one.id}").text
    assert re.search(r'name="primary_billing" value="1" checked', page)
    assert not re.search(r'name="primary_shipping" value="1" checked', page)
    john.send(f"/addresses/{two.id}", email="j@mail.com", primary_billing="1")
    assert ranks() == {one.id: (False, False), two.id: (True, False)}
    page = john.browser.get(john.sports).text
    assert page.count("first choice") == 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"email": ""}, "email"),
        ({"country": "England"}, "country"),
        ({"city": "x" * 201}, "city"),
        ({"address2": CARD_NUMBER}, "address2"),
        ({"phone_mobile": CARD_NUMBER}, "phone_mobile"),
        ({"last_name": CARD_NUMBER}, "last_name"),
    ],
)
def test_a_refused_address_says_why_beside_the_field_and_keeps_what_was_typed(
    john: John, typed: dict[str, str], wrong: str
) -> None:
    form = {"email": "j@mail.com", "address1": "1 Main Street", "primary_billing": "1"}
    page = john.send("/addresses/new", **form | typed)
    assert re.search(rf'id="error">[^<]+</p>\s*<input id="{wrong}"', page)
    assert field(page, "address1") == "1 Main Street"
    assert 'name="primary_billing" value="1" checked' in page
    assert CARD_NUMBER not in page
    assert not john.account.contacts


def test_cards_are_listed_preferred_and_deleted_and_never_by_their_token(john: John) -> None:
    merchant, cards = john.shops.merchant, john.data.cards
    one, two = (
        cards.add(
            merchant.caller(),
            john.id,
            f"secret-{number}",
            {"card_type": "VISA", "number_part": number, "is_default": number == "1111"},
        )
        for number in ("1111", "2222")
    )
    page = john.browser.get(john.sports).text
    assert "VISA 1111" in page
    assert "secret-" not in page
    assert "This card is your first choice now." in john.send(f"/cards/{two.serial}/default")
    held = cards.of_account(merchant.tenant_id, john.id)
    assert [each.is_default for each in held] == [False, True]
    assert "VISA 1111" in john.browser.get(f"{john.sports}/cards/{one.serial}/delete").text
    assert "The card is deleted here." in john.send(f"/cards/{one.serial}/delete")
    held = cards.of_account(merchant.tenant_id, john.id)
    assert [each.id for each in held] == ["secret-2222"]
    assert "There is no such card" in john.send(f"/cards/{one.serial}/delete")


def test_what_is_another_shoppers_is_not_there(john: John) -> None:
    merchant = john.shops.merchant
    other = merchant.sign_up("stacy@mail.com", "Mystic Sports").account
    assert other is not None
    caller = merchant.caller()
    made = merchant.call("POST", f"accounts/{other.id}/contacts", {"email": "s@mail.com"})
    contact = made.get_json()["id"]
    card = john.data.cards.add(caller, other.id, "secret", {})
    for path in (f"/addresses/{contact}", f"/addresses/{contact}/delete"):
        assert john.browser.get(f"{john.sports}{path}").status_code == 404
        assert john.browser.post(f"{john.sports}{path}", email="x@mail.com").status_code == 404
    assert john.browser.get(f"{john.sports}/cards/{card.serial}/delete").status_code == 404
    for what in ("delete", "default"):
        assert john.browser.post(f"{john.sports}/cards/{card.serial}/{what}").status_code == 404
