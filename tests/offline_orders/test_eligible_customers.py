"""The offline-order tool: whom it offers, by what they are found, and what it refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from authsvc.callers import Behavior
from authsvc.contacts.rules import Contact
from authsvc.offline_orders.rules import typed_phone
from tests.merchants import PASSWORD, Merchant
from tests.regrouping.answers import customer, ok, refused


def path(merchant: Merchant, rest: str = "", site: str = "Mystic Sports") -> str:
    """Return the address of a site's eligible customers."""
    return f"sites/{merchant.site(site)}/eligibleCustomers{rest}"


def found(merchant: Merchant, text: str, site: str = "Mystic Sports") -> list[int]:
    """Return whom the tool offers for what is typed."""
    answer = merchant.call("GET", f"{path(merchant, '', site)}?{urlencode({'q': text})}")
    return [item["id"] for item in ok(answer)["items"]]


def guest(merchant: Merchant, site: str, phone: str | None = None, **fields: str) -> int:
    """Make a guest on a site, perhaps with a telephone number."""
    services = merchant.services
    contacts = [Contact(0, "g@mail.com", phone_mobile=phone)] if phone else []
    caller = merchant.caller()
    return services.accounts.create(caller, merchant.site(site), fields, contacts).id


def test_guests_and_registered_customers_of_the_set_and_nobody_else(merchant: Merchant) -> None:
    registered = customer(merchant, "anna@mail.com", "Mystic Sports")
    unregistered = guest(merchant, "Mystic Kids", first_name="Anna")
    elsewhere = guest(merchant, "Mystic Parts", first_name="Anna")
    assert sorted(found(merchant, "anna")) == sorted([registered, unregistered])
    assert found(merchant, "anna", "Mystic Business") == [elsewhere]
    assert found(merchant, str(elsewhere)) == []
    shown = ok(merchant.call("GET", path(merchant)))["items"]
    assert {item["id"]: item["isAnonymous"] for item in shown} == {
        registered: False,
        unregistered: True,
    }


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("+49 170 1234567", "+49 170 12"),
        ("+49 170 1234567", "0170 1234567"),
        ("0170/1234567", "+491701234567"),
        ("0170/1234567", "0170-1234"),
        ("(512) 555-0142", "555 0142"),
    ],
)
def test_a_telephone_number_is_found_however_it_is_written(
    merchant: Merchant, written: str, typed: str
) -> None:
    one = guest(merchant, "Mystic Sports", written)
    guest(merchant, "Mystic Sports", "+49 171 7654321")
    guest(merchant, "Mystic Parts", written)
    assert found(merchant, typed) == [one]


def test_zeros_do_not_make_a_number_of_a_few_digits(merchant: Merchant) -> None:
    """Six digits are asked for, since fewer tell nobody: leading zeros tell nobody either."""
    guest(merchant, "Mystic Sports", "+49 170 9990123")
    zeros = guest(merchant, "Mystic Sports", "000123 4")
    assert found(merchant, "000000") == []
    assert found(merchant, "000123") == [zeros]
    assert found(merchant, "0990123") != []


def test_a_changed_or_removed_number_is_not_found_any_more(merchant: Merchant) -> None:
    one = guest(merchant, "Mystic Sports", "512 555 0142")
    contact = ok(merchant.call("GET", f"accounts/{one}"))["contacts"][0]
    address = f"accounts/{one}/contacts/{contact['id']}"
    contact["phoneNumbers"] = {"work": "512 555 0199"}
    ok(merchant.call("PUT", address, contact))
    assert (found(merchant, "512 555 0142"), found(merchant, "512 555 0199")) == ([], [one])
    ok(merchant.call("DELETE", f"accounts/{one}"), 204)
    assert found(merchant, "512 555 0199") == []


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+1 (512) 555-0142", "15125550142"),
        ("12345", None),
        ("123456", "123456"),
        ("anna 123456", None),
        ("١٢٣٤٥٦٧", None),
        ("", None),
    ],
)
def test_only_what_looks_like_a_telephone_number_is_one(typed: str, digits: str | None) -> None:
    assert typed_phone(typed) == digits


def test_a_new_customer_joins_the_sites_set_and_may_have_a_password(merchant: Merchant) -> None:
    body: dict[str, Any] = {"account": {"emailAddress": "eve@mail.com"}, "password": PASSWORD}
    made = ok(merchant.call("POST", path(merchant, site="Mystic Parts"), body), 201)
    assert (made["customerSet"], made["isAnonymous"]) == ("b2b", False)
    assert merchant.sign_in("eve@mail.com", "Mystic Business").user_id == made["userId"]
    refused(merchant.call("POST", path(merchant, site="Mystic Business"), body), 400)
    refused(merchant.call("POST", path(merchant), {"account": {"firstName": "Eve"}}), 400)
    # A link in a mail leads to a host of the site, and this one has none; tests/recovery tells of one that has.
    invited = {"account": {"emailAddress": "adam@mail.com"}, "sendInvitation": True}
    assert "no host" in refused(merchant.call("POST", path(merchant), invited), 409)["message"]
    ok(merchant.call("POST", path(merchant), {"account": {"emailAddress": "adam@mail.com"}}), 201)


def test_what_there_is_not_is_not_found(merchant: Merchant, other_merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    theirs = customer(other_merchant, "john@mail.com", "Mystic Sports")
    foreign = f"sites/{other_merchant.site('Mystic Sports')}/eligibleCustomers"
    for method, address in (
        ("GET", foreign),
        ("GET", f"{foreign}/{john}"),
        ("POST", f"{foreign}/{john}/receipts"),
        ("GET", path(merchant, f"/{theirs}")),
        ("POST", path(merchant, f"/{theirs}/receipts")),
    ):
        refused(merchant.call(method, address), 404)


def test_each_call_takes_its_behavior(merchant: Merchant) -> None:
    john = customer(merchant, "john@mail.com", "Mystic Sports")
    services = merchant.services
    needs = {
        ("GET", path(merchant)): Behavior.CUSTOMER_READ,
        ("GET", path(merchant, f"/{john}")): Behavior.CUSTOMER_READ,
        ("POST", path(merchant)): Behavior.CUSTOMER_CREATE,
        ("POST", path(merchant, f"/{john}/receipts")): Behavior.ORDER_UPDATE,
    }
    for (method, address), behavior in needs.items():
        others = frozenset(Behavior) - {behavior}
        application, secret = services.applications.create(merchant.caller(), "Tool", others)
        token = services.applications.authenticate(application.client_id, secret).access_token
        headers = {"Authorization": f"Bearer {token}"}
        answer = merchant.call(method, address, {"account": {}}, headers=headers)
        assert f"lacks the behavior {behavior}" in refused(answer, 403)["message"]
