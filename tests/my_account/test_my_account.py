"""[B] "Shopper My Account Behavior": one answer, the same on every site of the set, invisible elsewhere, never old."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authsvc.app import create_app
from authsvc.attributes.rules import DataType, Definition, ValueType
from authsvc.callers import Shopper
from authsvc.contacts.service import NEW, WantedContact
from authsvc.login.rules import Ticket
from authsvc.orders.rules import OrderKind, OrderState, SourceVersion
from authsvc.settings import Settings
from tests.clock import HeldClock
from tests.machines import NOWHERE, machine, on
from tests.merchants import Merchant

MINE = "accounts/current/my-account"


@pytest.fixture(name="john")
def _john(merchant: Merchant) -> Ticket:
    return merchant.sign_up("john@mail.com", "Mystic Sports", first_name="John")


def account_id(ticket: Ticket) -> int:
    """Return whose ticket it is."""
    assert ticket.account is not None
    return ticket.account.id


def order(
    merchant: Merchant, ticket: Ticket, number: int, site: str, later: timedelta = timedelta(0)
) -> OrderState:
    """Return an order of the ticket's account."""
    now = merchant.services.clock()
    return OrderState(
        f"M-{number}",
        OrderKind.ONLINE,
        merchant.site(site),
        account_id(ticket),
        "Accepted",
        Decimal("9.50"),
        "USD",
        now + later,
        SourceVersion(1, now),
    )


def read(merchant: Merchant, ticket: Ticket, site: str = "Mystic Sports") -> dict[str, Any]:
    """Read My Account over HTTP."""
    answer = merchant.call("GET", MINE, shopper=ticket.tokens.access_token, site=site)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.get_json()
    return seen


def test_john_sees_on_one_site_all_he_has_on_the_other(merchant: Merchant, john: Ticket) -> None:
    """[B]: his My Account page will also display all account information that he has for Mystic Kids."""
    data, caller = merchant.services.account_data, merchant.caller("Mystic Kids")
    data.contacts.save(caller, account_id(john), [WantedContact(NEW, {"email": "home@mail.com"})])
    data.cards.add(
        caller, account_id(john), "token-1", {"number_part": "1111", "card_type": "VISA"}
    )
    data.notes.add(caller, account_id(john), "Never for John's eyes.")
    for name, visible in (("tenant~size", True), ("tenant~score", False)):
        data.attributes.define(
            caller,
            Definition(name, DataType.STRING, ValueType.ADMIN_ENTERED, is_visible=visible),
        )
        data.attributes.add(caller, account_id(john), name, ["L"])
    segment = data.segments.create(caller, {"code": "vip"})
    data.segments.add_accounts(caller, segment.id, [account_id(john)])
    for number, site in enumerate(["Mystic Kids"] * 21 + ["Mystic Sports"]):
        later = timedelta(seconds=number)
        merchant.services.orders.put(caller, order(merchant, john, number, site, later))
    seen = read(merchant, john)
    assert seen == read(merchant, john, "Mystic Kids")
    profile = seen["customerAccount"]
    assert (profile["id"], profile["firstName"]) == (account_id(john), "John")
    assert [contact["email"] for contact in profile["contacts"]] == ["home@mail.com"]
    assert [each["fullyQualifiedName"] for each in profile["attributes"]] == ["tenant~size"]
    assert [each["code"] for each in profile["segments"]] == ["vip"]
    assert profile["notes"] is None
    assert profile["commerceSummary"]["orderCount"] == 22
    assert [(card["id"], card["cardNumberPart"]) for card in seen["cards"]] == [("token-1", "1111")]
    assert seen["orders"]["totalCount"] == 22
    assert [each["siteName"] for each in seen["orders"]["items"][:2]] == [
        "Mystic Sports",
        "Mystic Kids",
    ]
    rest = merchant.call("GET", seen["moreOrders"], shopper=john.tokens.access_token).get_json()
    assert [each["externalId"] for each in rest["items"]] == ["M-1", "M-0"]
    elsewhere = merchant.call("GET", MINE, shopper=john.tokens.access_token, site="Mystic Business")
    assert elsewhere.status_code == 401


def test_nobody_without_an_account_has_one(merchant: Merchant) -> None:
    assert merchant.call("GET", MINE).status_code == 401
    anonymous = merchant.services.login.anonymous(merchant.caller("Mystic Sports"))
    answer = merchant.call("GET", MINE, shopper=anonymous.tokens.access_token)
    assert answer.status_code == 401


def test_a_known_answer_is_not_sent_again(merchant: Merchant, john: Ticket) -> None:
    token = john.tokens.access_token

    def ask(etag: str) -> Any:  # noqa: ANN401  a test client's answer
        return merchant.call("GET", MINE, shopper=token, headers={"If-None-Match": etag})

    first = merchant.call("GET", MINE, shopper=token)
    assert first.headers["Age"].isdigit()
    assert first.headers["Cache-Control"] == "private, no-cache"
    for etag in (first.headers["ETag"], f'"other", W/{first.headers["ETag"]}', "*"):
        known = ask(etag)
        assert (known.status_code, known.data) == (304, b"")
        assert known.headers["ETag"] == first.headers["ETag"]
    assert ask('"other"').status_code == 200
    merchant.services.accounts.update(merchant.caller(), account_id(john), {"first_name": "Jon"})
    changed = ask(first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_age_counts_since_an_answer_was_written(
    settings: Settings, merchant: Merchant, john: Ticket
) -> None:
    clock = HeldClock()
    with machine(settings, clock) as services:
        there = replace(on(services, merchant), client=create_app(services).test_client())
        token = john.tokens.access_token
        assert there.call("GET", MINE, shopper=token).headers["Age"] == "0"
        clock.pass_time(seconds=42)
        services.invalidation.follow()
        assert there.call("GET", MINE, shopper=token).headers["Age"] == "42"


Edit = Callable[[Merchant, Ticket, int], None]


def edit_name(merchant: Merchant, ticket: Ticket, number: int) -> None:
    wanted = {"first_name": f"John {number}"}
    merchant.services.accounts.update(merchant.caller(), account_id(ticket), wanted)


def add_contact(merchant: Merchant, ticket: Ticket, number: int) -> None:
    contact = WantedContact(NEW, {"email": f"{number}@mail.com"})
    merchant.services.contacts.save(merchant.caller(), account_id(ticket), [contact])


def change_cards(merchant: Merchant, ticket: Ticket, number: int) -> None:
    cards = merchant.services.account_data.cards
    held = cards.of_account(merchant.tenant_id, account_id(ticket))
    if held:
        cards.delete(merchant.caller(), account_id(ticket), held[0].id)
    else:
        cards.add(merchant.caller(), account_id(ticket), f"token-x{number}", {"card_type": "VISA"})


def change_segments(merchant: Merchant, ticket: Ticket, number: int) -> None:
    segments = merchant.services.segments
    segment = segments.create(merchant.caller(), {"code": f"s{number}"})
    segments.add_accounts(merchant.caller(), segment.id, [account_id(ticket)])
    segments.update(merchant.caller(), segment.id, {"name": f"Name {number}"})


def say_attribute(merchant: Merchant, ticket: Ticket, number: int) -> None:
    attributes, name = merchant.services.account_data.attributes, f"tenant~a{number}"
    definition = Definition(name, DataType.STRING, ValueType.ADMIN_ENTERED)
    attributes.define(merchant.caller(), definition)
    attributes.add(merchant.caller(), account_id(ticket), name, ["x"])


def place_order(merchant: Merchant, ticket: Ticket, number: int) -> None:
    state = order(merchant, ticket, number, "Mystic Kids")
    merchant.services.orders.put(merchant.caller(), state)
    version = SourceVersion(2, state.version.updated_at)
    shipped = replace(state, status=f"Shipped {number}", version=version)
    merchant.services.orders.put(merchant.caller(), shipped)


EDITS: list[Edit] = [
    edit_name,
    add_contact,
    change_cards,
    change_segments,
    say_attribute,
    place_order,
]


@pytest.fixture(scope="module", name="app_pair")
def _app_pair(settings: Settings) -> Iterator[tuple[Any, Any]]:
    """Two machines; the second has lost Valkey."""
    with machine(settings) as one, machine(settings, valkey_url=NOWHERE) as other:
        yield one, other


def shown(merchant: Merchant, ticket: Ticket) -> bytes:
    """Return what a machine remembers of My Account, or reads."""
    shopper = Shopper(ticket.tokens.session_id, ticket.user_id, account_id(ticket), "b2c")
    caller = replace(merchant.caller("Mystic Sports"), shopper=shopper, carries_shopper=True)
    return merchant.services.my_account.answer(caller).body


def afresh(merchant: Merchant, ticket: Ticket) -> dict[str, Any]:
    """Return the same without anything remembered."""
    merchant.services.my_account._kept.clear()
    found: dict[str, Any] = orjson.loads(shown(merchant, ticket))
    return found


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(EDITS), st.booleans()), min_size=1, max_size=5))
def test_whatever_is_acknowledged_anywhere_is_in_the_next_read_everywhere(
    merchant: Merchant, app_pair: tuple[Any, Any], steps: list[tuple[Edit, bool]]
) -> None:
    """Design §4: a shopper's own edit and an order that arrives are seen by the next read on any worker."""
    sides = [on(services, merchant) for services in app_pair]
    ticket = merchant.sign_up(f"{next(NUMBERS)}@mail.com", "Mystic Sports")
    for edit, on_second in steps:
        before = [shown(side, ticket) for side in sides]
        assert before[0] == before[1]
        edit(sides[on_second], ticket, next(NUMBERS))
        after = [shown(side, ticket) for side in sides]
        assert after[0] == after[1] != before[0]
        assert orjson.loads(after[0]) == afresh(sides[0], ticket)


NUMBERS = iter(range(1, 1_000_000))


def test_readers_never_go_back_while_somebody_edits(
    merchant: Merchant, app_pair: tuple[Any, Any], john: Ticket
) -> None:
    """Readers on both machines, while one after another edit is acknowledged: none sees less than was acknowledged."""
    sides = [on(services, merchant) for services in app_pair]
    acknowledged = 0

    def watch(side: Merchant) -> int:
        seen = 0
        while seen < EDITED:
            at_least = acknowledged
            contacts = orjson.loads(shown(side, john))["customerAccount"]["contacts"]
            assert len(contacts) >= max(at_least, seen)
            seen = len(contacts)
        return seen

    with ThreadPoolExecutor(4) as threads:
        watching = [threads.submit(watch, side) for side in sides * 2]
        for number in range(EDITED):
            add_contact(sides[number % 2], john, number)
            acknowledged = number + 1
        assert [each.result(timeout=30) for each in watching] == [EDITED] * 4


EDITED = 15


def test_a_moved_account_and_a_deleted_one_are_not_remembered_as_they_were(
    merchant: Merchant, john: Ticket
) -> None:
    assert orjson.loads(shown(merchant, john))["customerAccount"]["customerSet"] == "b2c"
    merchant.move(account_id(john), "b2b")
    assert orjson.loads(shown(merchant, john))["customerAccount"]["customerSet"] == "b2b"
    merchant.services.accounts.delete(merchant.caller(), account_id(john))
    answer = merchant.call("GET", MINE, shopper=john.tokens.access_token, site="Mystic Business")
    assert answer.status_code == 401
