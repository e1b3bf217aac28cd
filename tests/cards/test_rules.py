"""What is kept of a card, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.card_numbers import CardNumberRefused
from authsvc.cards.rules import (
    CARD_FIELDS,
    SHOWN_IN_TRAIL,
    Card,
    changed,
    changes_for_trail,
    checked,
    demoted,
)
from authsvc.errors import Invalid

VISA = "4111111111111111"
CARD = Card(
    "a" * 32, "************1111", "VISA", "Stacy M.", 12, 2030, 7, is_default=True, serial=3
)


def test_a_card_is_a_token_and_what_a_person_knows_it_by() -> None:
    assert checked(CARD) == CARD
    for part in ("1111", "xxxx-xxxx-xxxx-1111", "411111******1111", "•••• 1111", None, ""):
        checked(Card("t", part))


@pytest.mark.parametrize(
    "card",
    [
        Card(VISA),
        Card("t", VISA),
        Card("t", "4111 1111 1111 1111"),
        Card("t", card_type=VISA),
        Card("t", name_on_card=f"Stacy {VISA}"),
        Card("t", contact_id=int(VISA)),
    ],
)
def test_no_field_of_a_card_holds_its_number(card: Card) -> None:
    with pytest.raises(CardNumberRefused) as refused:
        checked(card)
    assert VISA not in refused.value.message


@pytest.mark.parametrize(
    "card",
    [
        Card(""),
        Card("with space"),
        Card("with/slash"),
        Card("t" * 101),
        Card("tökén"),
        Card("t", "41111111*1111111"),
        Card("t", "last four 1111"),
        Card("t", "*" * 31),
        Card("t", name_on_card="x" * 201),
        Card("t", name_on_card="1" * 11),
        Card("t", expire_month=13),
        Card("t", expire_month=0),
        Card("t", expire_year=30),
    ],
)
def test_what_is_no_card_is_refused(card: Card) -> None:
    with pytest.raises(Invalid):
        checked(card)


@given(st.lists(st.booleans(), max_size=6), st.booleans())
def test_an_account_has_one_default_card_at_most(held: list[bool], newest: bool) -> None:
    cards: list[Card] = []
    for is_default in [*held, newest]:
        card = Card("t", is_default=is_default)
        cards = [*demoted(cards, card), card]
    assert sum(card.is_default for card in cards) == any([*held, newest])


def test_the_trail_says_that_a_card_changed_and_not_what_it_says() -> None:
    renamed = changed(CARD, {"name_on_card": "S. M.", "is_default": False, "id": "other"})
    assert (renamed.id, renamed.name_on_card) == (CARD.id, "S. M.")
    assert changes_for_trail(CARD, renamed) == {
        "name_on_card": (None, None),
        "is_default": (True, False),
    }
    told = changes_for_trail(None, CARD)
    assert told.keys() == set(CARD_FIELDS)
    assert {name for name, values in told.items() if values != (None, None)} == SHOWN_IN_TRAIL
