"""Cards over HTTP and over their table: the vendor's shapes and statuses, whose they are, and what is never kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import MetaData

from authsvc.errors import Conflict
from authsvc.login.rules import Ticket
from authsvc.services import Services
from tests.isolation.world import everything_of
from tests.merchants import Merchant
from tests.trail import changes, entries

UNKNOWN = 999_999_999
TOKEN = "c4d5e6f708192a3b4c5d6e7f80910a1b"
CARD = {
    "id": TOKEN,
    "cardNumberPart": "************1111",
    "cardType": "VISA",
    "nameOnCard": "Stacy M.",
    "expireMonth": 12,
    "expireYear": 2030,
    "contactId": 0,
    "isDefaultPayMethod": True,
}
VISA = "4111111111111111"


@pytest.fixture(name="stacy")
def _stacy(merchant: Merchant) -> Ticket:
    return merchant.sign_up("stacy@mail.com", "Mystic Sports")


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def path(ticket: Ticket) -> str:
    """Return where the cards of a ticket's account are."""
    return f"accounts/{account_id(ticket)}/cards"


def add(merchant: Merchant, ticket: Ticket, **fields: object) -> dict[str, Any]:
    """Add a card over HTTP, as its shopper."""
    token = ticket.tokens.access_token
    answer = merchant.call("POST", path(ticket), CARD | fields, shopper=token)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def test_a_card_has_the_vendors_fields_on_every_site_of_the_set(
    merchant: Merchant, stacy: Ticket
) -> None:
    """[B]: addresses and stored cards are shown on all sites of the set."""
    assert add(merchant, stacy) == CARD
    token = stacy.tokens.access_token
    for site in ("Mystic Sports", "Mystic Kids"):
        seen = merchant.call("GET", path(stacy), shopper=token, site=site).get_json()
        assert seen == {"items": [CARD], "totalCount": 1}
    assert merchant.call("GET", path(stacy), shopper=token, site="Mystic Parts").status_code == 401
    one = f"{path(stacy)}/{TOKEN}"
    assert merchant.call("GET", one).get_json() == CARD
    changed = merchant.call("PUT", one, {"expireYear": 2031, "id": "other"})
    assert (changed.status_code, changed.get_json()) == (200, CARD | {"expireYear": 2031})
    assert merchant.call("DELETE", one).status_code == 204
    assert merchant.call("DELETE", one).status_code == 409
    assert merchant.call("GET", one).status_code == 404


def test_statuses_are_the_vendors(merchant: Merchant, stacy: Ticket) -> None:
    cards = path(stacy)
    add(merchant, stacy)
    for method, where, body, status in (
        ("POST", cards, None, 400),
        ("POST", cards, {}, 400),
        ("POST", cards, CARD, 409),
        ("POST", cards, CARD | {"id": "t", "expireMonth": 13}, 400),
        ("POST", cards, CARD | {"id": "t", "contactId": UNKNOWN}, 400),
        ("POST", f"accounts/{UNKNOWN}/cards", CARD, 404),
        ("GET", f"accounts/{UNKNOWN}/cards", None, 404),
        ("PUT", f"{cards}/unknown", CARD, 404),
        ("GET", f"{cards}/unknown", None, 404),
        ("DELETE", f"{cards}/unknown", None, 409),
    ):
        answer = merchant.call(method, where, body)
        assert answer.status_code == status, (method, where, answer.text)


def test_a_card_names_a_contact_of_its_own_account_only(merchant: Merchant, stacy: Ticket) -> None:
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    made = [
        merchant.call(
            "POST", f"accounts/{account_id(each)}/contacts", {"email": "x@mail.com"}
        ).get_json()["id"]
        for each in (stacy, john)
    ]
    refused = merchant.call("POST", path(stacy), CARD | {"contactId": made[1]})
    assert refused.status_code == 400
    assert add(merchant, stacy, contactId=made[0])["contactId"] == made[0]
    contact = f"accounts/{account_id(stacy)}/contacts/{made[0]}"
    assert merchant.call("DELETE", contact).status_code == 200
    # The card stays, and names none.
    assert merchant.call("GET", f"{path(stacy)}/{TOKEN}").get_json()["contactId"] == 0


def test_a_new_default_card_takes_that_from_the_old_one(merchant: Merchant, stacy: Ticket) -> None:
    add(merchant, stacy)
    add(merchant, stacy, id="second")
    listed = merchant.call("GET", path(stacy)).get_json()["items"]
    assert [card["isDefaultPayMethod"] for card in listed] == [False, True]
    merchant.call("PUT", f"{path(stacy)}/{TOKEN}", {"isDefaultPayMethod": True})
    listed = merchant.call("GET", path(stacy)).get_json()["items"]
    assert [card["isDefaultPayMethod"] for card in listed] == [True, False]


def test_a_shopper_reaches_their_own_cards_only(merchant: Merchant, stacy: Ticket) -> None:
    """Rule 15: invisible outside it; the same token may be another account's card too."""
    john = merchant.sign_up("john@mail.com", "Mystic Sports")
    add(merchant, john)
    add(merchant, stacy)
    for method, where in (
        ("GET", path(john)),
        ("POST", path(john)),
        ("GET", f"{path(john)}/{TOKEN}"),
        ("PUT", f"{path(john)}/{TOKEN}"),
        ("DELETE", f"{path(john)}/{TOKEN}"),
    ):
        answer = merchant.call(method, where, CARD, shopper=stacy.tokens.access_token)
        assert answer.status_code == 403, (method, where)
    merchant.call("DELETE", f"{path(stacy)}/{TOKEN}", shopper=stacy.tokens.access_token)
    assert merchant.call("GET", path(john)).get_json()["totalCount"] == 1


@pytest.mark.parametrize(
    "field",
    [
        {"id": VISA},
        {"cardNumberPart": VISA},
        {"cardNumberPart": "4111-1111-1111-1111"},
        {"cardType": VISA},
        {"nameOnCard": f"Stacy {VISA}"},
        {"cardNumber": VISA},
        {"contactId": int(VISA)},
        {"expireYear": int(VISA)},
        {"unknown": {"deep": [VISA]}},
    ],
    ids=str,
)
def test_a_card_number_is_refused_and_left_nowhere(
    field: dict[str, object],
    merchant: Merchant,
    stacy: Ticket,
    services: Services,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Issue: anything that looks like a full card number is refused and never stored or logged."""
    add(merchant, stacy, id="kept")
    caplog.set_level("DEBUG")
    for method, where in (("POST", path(stacy)), ("PUT", f"{path(stacy)}/kept")):
        answer = merchant.call(method, where, CARD | field)
        assert answer.status_code == 400
        assert "full card number" in answer.get_json()["message"]
        assert VISA not in answer.text
    # Nor in an address, whose route stands in the log.
    for method in ("GET", "PUT", "DELETE"):
        answer = merchant.call(method, f"{path(stacy)}/{VISA}", {"cardType": "VISA"})
        assert answer.status_code in (404, 409)
        assert VISA not in answer.text
    tables = MetaData()
    tables.reflect(services.database.engine)
    kept = repr(everything_of(services, merchant.tenant_id, tables))
    logged = "".join(capfd.readouterr()) + caplog.text
    for text in (kept, logged):
        assert VISA not in text
        assert "4111-1111" not in text


def test_the_trail_tells_who_changed_cards_and_nothing_of_them(
    merchant: Merchant, stacy: Ticket, services: Services
) -> None:
    add(merchant, stacy)
    one = f"{path(stacy)}/{TOKEN}"
    merchant.call("PUT", one, {"expireYear": 2031})
    merchant.call("PUT", one, {"expireYear": 2031})
    merchant.call("DELETE", one)
    told = [
        entry
        for entry in entries(services, merchant.tenant_id, f"account:{account_id(stacy)}")
        if "card" in entry["action"]
    ]
    assert [entry["action"] for entry in told] == [
        "account.card_added",
        "account.card_updated",
        "account.card_deleted",
    ]
    assert told[0]["actor"] == f"shopper:{stacy.user_id}"
    assert list(changes(told[1]).values()) == [(None, None)]
    for secret in (TOKEN, "1111", "Stacy M.", "2030", "2031"):
        assert secret not in repr([entry["changes"] for entry in told])


def test_of_two_workers_who_add_the_same_card_one_does(
    merchant: Merchant, stacy: Ticket, services: Services
) -> None:
    cards, caller, account = services.account_data.cards, merchant.caller(), account_id(stacy)

    def put_in(token: str) -> bool:
        try:
            cards.add(caller, account, token, {"is_default": True})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(put_in, token) for token in ["one", "one", "two", "three"] * 2]
        assert sum(run.result() for run in runs) == 3
    kept = cards.of_account(merchant.tenant_id, account)
    assert sorted(card.id for card in kept) == ["one", "three", "two"]
    assert sum(card.is_default for card in kept) == 1


def test_an_account_that_is_deleted_takes_its_cards_along(
    merchant: Merchant, stacy: Ticket, services: Services
) -> None:
    add(merchant, stacy)
    services.accounts.delete(merchant.caller(), account_id(stacy))
    assert services.account_data.cards.of_account(merchant.tenant_id, account_id(stacy)) == []
    assert merchant.call("POST", path(stacy), CARD).status_code == 404
