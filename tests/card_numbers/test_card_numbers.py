"""Whatever looks like a full card number is found, however it is written; what only resembles one is let be."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.card_numbers import (
    FEWEST_DIGITS,
    MOST_DIGITS,
    CardNumberRefused,
    has_card_number,
    refuse_anywhere,
    refuse_card_numbers,
    refuse_in_telephone_numbers,
    refuse_in_token,
)
from authsvc.errors import Invalid

# The numbers that card brands publish for tests.
PUBLISHED = (
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6304000000000000",
)
VISA = PUBLISHED[0]
SEPARATORS = ("", " ", "-", ".", " - ", "\u00a0", "\u2009", "_", "/", "\u2011")
FULL_WIDTH = str.maketrans(string.digits, "０１２３４５６７８９")
ARABIC = str.maketrans(string.digits, "٠١٢٣٤٥٦٧٨٩")


def check_digit(digits: str) -> str:
    """Return the digit that makes a number right, by Luhn's table instead of his arithmetic."""
    doubled = {digit: sum(map(int, str(2 * int(digit)))) for digit in string.digits}
    values = [
        doubled[digit] if place % 2 == 0 else int(digit)
        for place, digit in enumerate(reversed(digits))
    ]
    return str(-sum(values) % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Any number with a right check digit, as long as a card number may be."""
    length = draw(st.integers(FEWEST_DIGITS, MOST_DIGITS))
    first = draw(st.sampled_from("123456789"))
    rest = draw(st.text(string.digits, min_size=length - 2, max_size=length - 2))
    return first + rest + check_digit(first + rest)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A card number as somebody might write it down."""
    number = draw(card_numbers())
    signs = [draw(st.sampled_from(SEPARATORS)) for _ in number[1:]]
    text = number[0] + "".join(map("".join, zip(signs, number[1:], strict=True)))
    around = st.text(string.ascii_letters + " :,\n", max_size=20)
    return f"{draw(around)}{text}{draw(around)}"


@given(written())
def test_a_card_number_is_found_however_it_is_grouped_and_wherever_it_stands(text: str) -> None:
    assert has_card_number(text)
    assert has_card_number(text.translate(FULL_WIDTH))
    assert has_card_number(text.translate(ARABIC))


@given(card_numbers(), st.sampled_from(string.digits))
def test_a_number_with_a_wrong_check_digit_is_none(number: str, last: str) -> None:
    assert has_card_number(number[:-1] + last) is (last == number[-1])


@given(st.text(string.digits + " -", max_size=FEWEST_DIGITS - 1))
def test_a_short_number_is_none(text: str) -> None:
    assert not has_card_number(text)


@pytest.mark.parametrize("number", PUBLISHED)
def test_the_published_test_numbers_are_card_numbers(number: str) -> None:
    assert has_card_number(number)
    assert has_card_number(f"Card {number} exp 12/27, cvv 123")
    assert has_card_number(f"{number[:4]}\u200b{number[4:]}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "************1111",
        "411111******1111",
        "Call me on 0151 234567",
        "12/27",
        "0000 0000 0000 0000",
        f"+{PUBLISHED[5]}",
        f"x{'4' * 20}",
        "Order 20261122\n41111111",
    ],
)
def test_what_is_no_card_number_is_let_be(text: str) -> None:
    assert not has_card_number(text)


def test_a_telephone_number_is_told_by_its_prefix() -> None:
    """E.164 allows 15 digits; one in ten of those has a right check digit."""
    fields: dict[str, str | None] = {
        "home": "+4222222222222",
        "work": "00 4222222222222",
        "x": None,
    }
    refuse_in_telephone_numbers(fields)
    for number in ("4222222222222", f"+{VISA}", f"00{VISA}"):
        with pytest.raises(CardNumberRefused):
            refuse_in_telephone_numbers({"home": number})


def test_a_token_that_is_a_uuid_is_none_whatever_its_digits() -> None:
    refuse_in_token("id", "a0000000-0000-4111-1111-111111111111")
    refuse_in_token("id", f"abcdefabcdefabcd{VISA}")
    for number in (VISA, f"{VISA}{VISA}"[:19], "tok-" + VISA):
        if has_card_number(number):
            with pytest.raises(CardNumberRefused):
                refuse_in_token("id", number)


@pytest.mark.parametrize(
    "data",
    [
        {"cardNumber": VISA},
        {"cardNumber": int(VISA)},
        {"cardNumber": float(VISA)},
        {"unknown": [{"deep": [None, True, VISA]}]},
        {VISA: ""},
        {"id": VISA},
        [VISA],
        VISA,
    ],
)
def test_no_part_of_a_body_may_hold_one_whatever_it_is_called(data: Any) -> None:  # noqa: ANN401  JSON
    with pytest.raises(CardNumberRefused) as refused:
        refuse_anywhere(data, "card", token="id")
    assert VISA not in refused.value.message + repr(refused.value.data)
    refuse_anywhere({"id": f"abcdefabcdefabcd{VISA}"}, "card", token="id")


def test_more_text_than_a_card_has_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="characters in all"):
        refuse_anywhere({"nameOnCard": "1 " * 10_000}, "card", token="id")


def test_a_refusal_names_the_field_and_not_the_number() -> None:
    with pytest.raises(CardNumberRefused) as refused:
        refuse_card_numbers({"label": "Home", "firstName": VISA})
    assert refused.value.data == (("ParameterName", "firstName"),)
    assert VISA not in refused.value.message
