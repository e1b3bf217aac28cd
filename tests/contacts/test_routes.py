"""Contacts over HTTP: the vendor's shapes and statuses, and whose they are ([K] 3.2, 3.5)."""

from __future__ import annotations

from typing import Any

import pytest

from authsvc.login.rules import Ticket
from tests.merchants import Merchant

UNKNOWN = 999_999_999
HOME = {
    "email": "stacy@mail.com",
    "firstName": "Stacy",
    "phoneNumbers": {"home": "+1 512 5550100", "work": "5550101"},
    "address": {"address1": "1 Main St", "address2": "Attic", "cityOrTown": "Austin"},
    "types": [{"name": "Billing", "isPrimary": True}, {"name": "Shipping", "isPrimary": False}],
}


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def path(ticket: Ticket) -> str:
    """Return where the contacts of a ticket's account are."""
    assert ticket.account is not None
    return f"accounts/{ticket.account.id}/contacts"


def add(merchant: Merchant, ticket: Ticket, **fields: object) -> dict[str, Any]:
    """Add a contact over HTTP, as its shopper."""
    body = HOME | fields
    answer = merchant.call("POST", path(ticket), body, shopper=ticket.tokens.access_token)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def test_a_contact_has_the_vendors_fields_and_is_the_same_everywhere(
    merchant: Merchant, stacy: Ticket
) -> None:
    """Rule 15: on all sites of the set."""
    made = add(merchant, stacy, id=0, accountId=7, auditInfo={"createBy": "me"})
    assert stacy.account is not None
    assert made["accountId"] == stacy.account.id
    assert made["auditInfo"]["createBy"] == f"shopper:{stacy.user_id}"
    assert made["phoneNumbers"] == {"home": "+1 512 5550100", "mobile": None, "work": "5550101"}
    assert made["types"] == HOME["types"]
    for site in ("Mystic Sports", "Mystic Kids"):
        seen = merchant.call(
            "GET", "accounts/current", shopper=stacy.tokens.access_token, site=site
        )
        assert seen.get_json()["contacts"] == [made]
    one = f"{path(stacy)}/{made['id']}"
    assert merchant.call("GET", one).get_json() == made
    listed = merchant.call("GET", f"{path(stacy)}?startIndex=&filter=&userId=").get_json()
    assert (listed["items"], listed["totalCount"], listed["pageSize"]) == ([made], 1, 20)
    assert merchant.call("DELETE", one).status_code == 200
    assert merchant.call("DELETE", one).status_code == 404
    assert merchant.call("GET", one).status_code == 404


def test_what_an_update_leaves_out_stays_but_an_address_is_sent_whole(
    merchant: Merchant, stacy: Ticket
) -> None:
    one = f"{path(stacy)}/{add(merchant, stacy)['id']}"
    changed = merchant.call(
        "PUT", one, {"label": "Home", "address": {"address1": "2 High St"}, "firstName": None}
    )
    assert changed.status_code == 200
    got = changed.get_json()
    assert (got["label"], got["email"], got["firstName"]) == ("Home", "stacy@mail.com", None)
    assert (got["address"]["address1"], got["address"]["address2"]) == ("2 High St", None)
    assert got["phoneNumbers"]["work"] == "5550101"
    assert got["types"] == HOME["types"]
    none = merchant.call("PUT", one, {"types": [{"name": "shipping"}, {"name": "SHIPPING"}]})
    assert none.get_json()["types"] == [{"name": "Shipping", "isPrimary": False}]


def test_statuses_are_the_vendors(merchant: Merchant, stacy: Ticket) -> None:
    contacts = path(stacy)
    kept = add(merchant, stacy)["id"]
    for method, where, body, status in (
        ("POST", contacts, {}, 400),
        ("POST", contacts, None, 400),
        ("PUT", contacts, [], 400),
        ("PUT", contacts, [HOME, {"id": kept, "label": "x"}], 201),
        ("PUT", contacts, [{"id": UNKNOWN, "email": "x@mail.com"}], 404),
        ("PUT", f"{contacts}/{kept}", {"email": None}, 400),
        ("PUT", f"{contacts}/{UNKNOWN}", HOME, 404),
        ("PUT", f"{contacts}/0", HOME, 404),
        ("POST", contacts, HOME | {"types": [{"name": "Holiday"}]}, 400),
        ("POST", f"accounts/{UNKNOWN}/contacts", HOME, 404),
        ("GET", f"accounts/{UNKNOWN}/contacts", None, 404),
        ("GET", f"{contacts}?userId=somebody", None, 404),
        ("GET", f"{contacts}?filter=shoeSize eq 7", None, 400),
        ("POST", contacts, HOME | {"label": "4111 1111 1111 1111"}, 400),
    ):
        answer = merchant.call(method, where, body)
        assert answer.status_code == status, (method, where, answer.text)
    assert merchant.call("GET", contacts).get_json()["totalCount"] == 2


def test_a_shopper_reaches_their_own_contacts_only(merchant: Merchant, stacy: Ticket) -> None:
    """Rule 15: invisible outside it."""
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    theirs = add(merchant, john)["id"]
    token = stacy.tokens.access_token
    for method, where, status in (
        ("GET", path(john), 403),
        ("POST", path(john), 403),
        ("GET", f"{path(john)}/{theirs}", 403),
        ("PUT", f"{path(john)}/{theirs}", 403),
        ("DELETE", f"{path(john)}/{theirs}", 403),
        ("PUT", f"{path(stacy)}/{theirs}", 404),
        ("DELETE", f"{path(stacy)}/{theirs}", 404),
        ("GET", f"{path(stacy)}/{theirs}", 404),
    ):
        answer = merchant.call(method, where, HOME, shopper=token)
        assert answer.status_code == status, (method, where)
    # An id that is sent along in a new contact or in a list takes nothing from anybody.
    assert add(merchant, stacy, id=theirs)["id"] != theirs
    listed = merchant.call("PUT", path(stacy), [HOME | {"id": theirs}], shopper=token)
    assert listed.status_code == 404
    assert [each["id"] for each in merchant.call("GET", path(john)).get_json()["items"]] == [theirs]
    assert merchant.call("GET", path(stacy), shopper=token, site="Mystic Parts").status_code == 401
