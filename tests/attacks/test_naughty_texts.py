"""Every text that the API takes, given texts that break software: no bug, and what is accepted comes back as sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from authsvc.services import Services
from tests.attacks.belongings import Belongings, belongings, sites_have_hosts
from tests.attacks.described import (
    OPERATIONS,
    DescribedOperation,
    Place,
    all_fields,
    name_of,
)
from tests.attacks.probing import Filled, examples_of, filled, none_of, send
from tests.machines import taken_back
from tests.merchants import Merchant

# After the Big List of Naughty Strings: what has broken databases, JSON, pages, terminals and comparisons.
NAUGHTY = (
    "'; DROP TABLE accounts; --",
    '"><script>alert(1)</script>',
    "{{7*7}}${7*7}<%= 7*7 %>%s%n%x",
    "../../etc/passwd\\..\\C:\\nul",
    "Zeile 1\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 200 OK",
    "\u2028\u2029\u0085\x1b[31mred\x1b[0m\x7f",
    "\u202eright to left\u202c \u200b\ufeff\u00ad",
    "Ｈｅｌｌｏ ﷺ Ⅷ ½ ﬁ ẞ ı İ",
    "e\u0301 \u00e9 👩‍👩‍👧‍👦 🏳️‍🌈 ทดสอบ 社會科學院",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "0x7fffffffffffffff NaN -Infinity 1e999 null undefined true",
    " ",
    "\t\n",
    "a" * 199,
    "\ud800",
    "\x00",
)  # fmt: skip

# What is kept in a form of its own, and compared in it.
NORMALISED = {
    "customerSet",
    "fullyQualifiedName",
    "emailAddress",
    "email",
    "userName",
    "username",
    "hosts",
    "origins",
    "accentColor",
    "code",
    "language",
}
EVERY = 16
# (operation, part of its body) that it takes and passes over, as other operations are for that.
PASSED_OVER = {
    ("applications.authenticate_oauth", "refresh_token"),
    ("customers.update_account", "contacts"),
    ("customers.update_account", "notes"),
    # What never changes once it is there.
    ("customers.update_account", "userId"),
    ("cards.update_card", "id"),
    ("attribute_definitions.update_definition", "attributeCode"),
    ("attribute_definitions.update_definition", "namespace"),
    ("plans.ask_for_plan", "changes"),
}


def texts_of(operation: DescribedOperation) -> Iterator[Place]:
    """Return where an operation takes text."""
    for place, schema in all_fields(operation):
        if place[0] != "header" and schema.get("type") == "string" and "enum" not in schema:
            yield place


def with_text(request: Filled, place: Place, value: str) -> Filled:
    """Return the request with a text at a place of its query or body."""
    where, name = place[0], str(place[-1])
    if where == "query":
        return Filled(request.method, request.path, {**request.query, name: value}, request.body)
    body = _put(request.body, place[1:], value)
    return Filled(request.method, request.path, request.query, body)


def _put(body: Any, place: Place, value: str) -> Any:  # noqa: ANN401  JSON
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(first, int):
        entries = body if isinstance(body, list) and body else [None]
        return [_put(entries[0], rest, value), *entries[1:]]
    fields = body if isinstance(body, dict) else {}
    return {**fields, first: _put(fields.get(first), rest, value)}


def shown_by(answer: Any, name: str) -> Iterator[object]:  # noqa: ANN401  JSON
    """Return what an answer has by a name, wherever it has it."""
    if isinstance(answer, dict):
        for key, part in answer.items():
            if key == name:
                yield part
            yield from shown_by(part, name)
    elif isinstance(answer, list):
        for part in answer:
            yield from shown_by(part, name)


def shown_as_sent(answer: Any, name: str, value: str) -> bool:  # noqa: ANN401  JSON
    """Tell whether an answer that has something by this name has what was sent; white space around it may be gone."""
    shown = list(shown_by(answer, name))
    return not shown or not value.strip() or value in shown or value.strip() in shown


def test_no_text_is_a_bug_and_what_is_accepted_comes_back_as_sent(
    merchant: Merchant, services: Services
) -> None:
    sites_have_hosts(merchant)
    own = belongings(merchant, "own", "Mystic Sports")
    found, tried = list[object](), 0
    for number, operation in enumerate(OPERATIONS.values()):
        example = next(examples_of(operation))
        request = filled(operation, example, own.things)
        for turn, place in enumerate(texts_of(operation)):
            if place[0] == "path":
                continue
            # Every place one of them, and every operation others: all at all would take minutes.
            for value in NAUGHTY[(number + turn) % EVERY :: EVERY]:
                found += _tried(own, services, operation, request, place, value)
                tried += 1
    none_of(found)
    assert tried > 150


def _tried(
    own: Belongings,
    services: Services,
    operation: DescribedOperation,
    request: Filled,
    place: Place,
    value: str,
) -> list[object]:
    with taken_back(services):
        answer = send(own, with_text(request, place, value), site="Mystic Sports")
    is_kept_as_sent = (
        answer.status_code >= 400
        or not answer.is_json
        or place[0] != "body"
        or (operation.id, next(each for each in place[1:] if isinstance(each, str))) in PASSED_OVER
        or name_of(place) in NORMALISED
        or shown_as_sent(answer.json, name_of(place), value)
    )
    if answer.status_code == 500 or not is_kept_as_sent:
        return [(operation.id, place, value, answer.status_code, answer.text)]
    return []
