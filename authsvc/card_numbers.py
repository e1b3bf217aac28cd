"""Finding what looks like a full card number, so that none is ever kept.

A card number has 12 to 19 digits, the last of which is a check digit (ISO/IEC 7812-1, annex B: Luhn's formula).
People write them in groups, so signs between digits are looked past. What is found is refused, never repeated.

One in ten other numbers of that length has a right check digit too. Where such numbers are at home they are told
apart: a telephone number by the `+` before it, a token by its shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from authsvc.errors import Invalid

FEWEST_DIGITS = 12
MOST_DIGITS = 19
# ITU-T E.164: country code and all.
MOST_TELEPHONE_DIGITS = 15
# Signs in a row that still hold the groups of one number together: " - ".
_MOST_SIGNS = 3

# Groups of digits and the signs between them; a letter ends a number, and so does the end of a line.
_NUMBER = re.compile(rf"\d+(?:[^\w\n]{{1,{_MOST_SIGNS}}}\d+|_{{1,{_MOST_SIGNS}}}\d+)*")
_GROUP = re.compile(r"\d+")
# A UUID or its 32 digits, as payment services name the cards they keep; with a letter among them, so no card number.
_TOKEN = re.compile(
    r"(?=.*[a-f])[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.IGNORECASE
)
_TELEPHONE_PREFIXES = ("+", "00")
# What is looked through of one JSON value; a card with every field at its longest has a tenth.
_MOST_CHARACTERS = 10_000


class CardNumberRefused(Invalid):
    """Something looks like a full card number; it is neither kept nor repeated anywhere."""

    def __init__(self, parameter: str) -> None:
        """Say where it stood, and what to send instead."""
        super().__init__(
            parameter,
            "looks like a full card number, which is never kept here. Send the payment service's token "
            "and at most the last digits.",
        )


def has_card_number(text: str) -> bool:
    """Tell whether `text` holds 12 to 19 digits with a right check digit, however they are grouped."""
    plain = _plain_digits(text)
    return any(_is_suspect(found, plain) for found in _NUMBER.finditer(plain))


def refuse_card_numbers(fields: Mapping[str, str | None]) -> None:
    """Raise `CardNumberRefused` for the first field (name on the wire → text) that holds a card number."""
    for name, text in fields.items():
        if text and has_card_number(text):
            raise CardNumberRefused(name)


def refuse_in_telephone_numbers(fields: Mapping[str, str | None]) -> None:
    """The same for fields that hold telephone numbers: with `+` or `00` before it, up to 15 digits are one."""
    refuse_card_numbers(
        {name: text for name, text in fields.items() if text and not _is_telephone_number(text)}
    )


def refuse_in_token(name: str, token: str) -> None:
    """The same for the name that a payment service has given a card; a UUID is none, whatever its digits."""
    if not _TOKEN.fullmatch(token):
        refuse_card_numbers({name: token})


def refuse_anywhere(data: Any, whole: str, *, token: str) -> None:  # noqa: ANN401  JSON
    """Raise `CardNumberRefused` if any text or number of a JSON value, known to us or not, is a card number.

    `whole`: what to call the value. `token`: the key, in lower case, under which a payment service's token may stand.
    Raises `Invalid` for more text than anything that is sent here has.
    """
    characters = 0
    for name, text in _texts("", data):
        characters += len(text)
        if characters > _MOST_CHARACTERS:
            raise Invalid(whole, f"must have at most {_MOST_CHARACTERS} characters in all")
        if name == token:
            refuse_in_token(whole, text)
        elif has_card_number(text):
            raise CardNumberRefused(whole)


def _plain_digits(text: str) -> str:
    """Write digits of every script as ours, one for one, and drop what is invisible."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
        if unicodedata.category(character) != "Cf"
    )


def _is_suspect(found: re.Match[str], text: str) -> bool:
    groups = _GROUP.findall(found[0])
    digits = sum(map(len, groups))
    if digits < FEWEST_DIGITS:
        return False
    if digits <= MOST_TELEPHONE_DIGITS and text[: found.start()].endswith("+"):
        return False
    return any(_luhn(number) for number in _numbers(groups))


def _numbers(groups: list[str]) -> Iterator[str]:
    """Give every row of whole groups that has as many digits as a card number."""
    for first in range(len(groups)):
        number = ""
        for group in groups[first:]:
            number += group
            if len(number) > MOST_DIGITS:
                break
            if len(number) >= FEWEST_DIGITS:
                yield number


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    # A row of zeros passes too and is nobody's card.
    return total % 10 == 0 and total > 0


def _is_telephone_number(text: str) -> bool:
    return (
        text.strip().startswith(_TELEPHONE_PREFIXES)
        and sum(character.isdecimal() for character in text) <= MOST_TELEPHONE_DIGITS
    )


def _texts(name: str, data: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  JSON
    """Give every text and number below `data` as text, each with the key it stands under, and every key."""
    if isinstance(data, str):
        yield name, data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield "", key
            yield from _texts(key.lower(), value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts("", value)
    elif isinstance(data, float):
        yield "", f"{data:f}"
    elif isinstance(data, int):
        yield "", str(data)
