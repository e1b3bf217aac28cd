"""The grammar of filters: what is understood, and what is refused with the remedy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.listing.filters import (
    EVERYTHING,
    FILTER_MAX_CHARACTERS,
    FILTER_MAX_CLAUSES,
    parse_filter,
)
from authsvc.listing.values import FILTER_VALUE_MAX_CHARACTERS
from tests.listing.readings import Plain, alternatives, only_clause, refusal_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "firstname eq Stacy and lastname eq M.",
            [[("firstName", "eq", "Stacy"), ("lastName", "eq", "M.")]],
        ),
        (
            "firstName sw Sta or lastName sw Sta or emailAddress cont Sta",
            [
                [("firstName", "sw", "Sta")],
                [("lastName", "sw", "Sta")],
                [("emailAddress", "cont", "Sta")],
            ],
        ),
        (
            "emailAddress eq 'a@b.c' and isActive eq true",
            [[("emailAddress", "eq", "a@b.c"), ("isActive", "eq", True)]],
        ),
        ("userId eq 0123456789abcdef", [[("userId", "eq", "0123456789abcdef")]]),
        ("companyOrOrganization ne null", [[("companyOrOrganization", "ne", None)]]),
        ("customerSet eq b2c", [[("customerSet", "eq", "b2c")]]),
        ("contacts.lastnameorsurname eq M.", [[("contacts.lastNameOrSurname", "eq", "M.")]]),
        ("acceptsmarketing ne false", [[("acceptsMarketing", "ne", False)]]),
        ("commercesummary.wishlistcount gt 0", [[("commerceSummary.wishlistCount", "gt", 0)]]),
        (
            "commercesummary.totalorderamount ge 99.95",
            [[("commerceSummary.totalOrderAmount", "ge", Decimal("99.95"))]],
        ),
    ],
)
def test_filters_that_the_vendors_clients_send_are_understood(
    text: str, expected: list[list[Plain]]
) -> None:
    assert alternatives(text) == expected


def test_and_joins_more_tightly_than_or() -> None:
    assert alternatives("id eq 1 and id eq 2 or id eq 3 AND id eq 4 Or id eq 5") == [
        [("id", "eq", 1), ("id", "eq", 2)],
        [("id", "eq", 3), ("id", "eq", 4)],
        [("id", "eq", 5)],
    ]


@pytest.mark.parametrize("text", ["", "  \t "])
def test_no_filter_asks_for_everything(text: str) -> None:
    assert parse_filter(text, ACCOUNT_LIST) == EVERYTHING


def test_names_and_operators_are_understood_in_any_case() -> None:
    assert only_clause("FIRSTNAME EQ Stacy") == ("firstName", "eq", "Stacy")
    assert only_clause("createdate gt 2024-01-01")[0] == "auditInfo.createDate"
    assert only_clause("contacts.lastName SW m")[0] == "contacts.lastNameOrSurname"
    assert only_clause("commerceSummary.totalOrderAmount.amount gt 1")[0] == (
        "commerceSummary.totalOrderAmount"
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("Total Parts  Supply", "Total Parts  Supply"),
        ("  Big Sports Ltd  ", "Big Sports Ltd"),
        ("Bed and Breakfast", "Bed and Breakfast"),
        ("Bed and", "Bed and"),
        ("and", "and"),
        ("Sons or Daughters or Both", "Sons or Daughters or Both"),
        ("O'Brien's", "O'Brien's"),
        ('3" pipes', '3" pipes'),
        ("(Big) 100% _\\", "(Big) 100% _\\"),
        ("'O''Brien'", "O'Brien"),
        ('"O\'Brien"', "O'Brien"),
        ('"say ""hi"""', 'say "hi"'),
        ("'id eq 1 and id eq 2'", "id eq 1 and id eq 2"),
        ("'  spaced  '", "  spaced  "),
        ("''", ""),
        ("''''", "'"),
        ("'null'", "null"),
        ("null and void", "null and void"),
        ("2024", "2024"),
    ],
)
def test_a_text_may_hold_spaces_joining_words_and_quotes(written: str, value: str) -> None:
    text = f"companyOrOrganization eq {written}"
    assert only_clause(text) == ("companyOrOrganization", "eq", value)
    assert alternatives(f"{text} and id eq 1")[0][1] == ("id", "eq", 1)


def test_a_misspelt_field_after_a_joining_word_is_refused_rather_than_searched_for() -> None:
    message = refusal_of("firstName eq Stacy and lastnam eq M.")
    assert message.startswith("Unknown field 'lastnam'. If it belongs to the value before it, use")
    assert only_clause("firstName eq 'Stacy and lastnam eq M.'")[2] == "Stacy and lastnam eq M."


@pytest.mark.parametrize("literal", ["null", "NULL", " null "])
def test_null_means_no_value(literal: str) -> None:
    assert only_clause(f"taxId eq {literal}") == ("taxId", "eq", None)
    assert only_clause(f"last2FaDate ne {literal}") == ("last2FaDate", "ne", None)
    assert alternatives(f"id eq 1 or taxId eq {literal} and id eq 2")[1][0][2] is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shoeSize eq 9", "Unknown field 'shoeSize'. Known fields: id, userId, userName, "),
        ("(id eq 1)", "Unknown field '(id'"),
        ("password sw a", "Unknown field 'password'"),
        ("id", "ends where more was expected: field operator value."),
        ("id eq", "id eq needs a value; null and '' are values too."),
        ("firstName eq and lastName eq M.", "firstName eq needs a value"),
        ("firstName like S", "firstName is compared by eq, ne, gt, ge, lt, le, cont, sw, not"),
        ("id in [1,2]", "id is compared by eq, ne, gt, ge, lt, le, not 'in'"),
        ("id sw 1", "id is compared by eq, ne, gt, ge, lt, le, not 'sw'"),
        ("createDate cont 2024", "auditInfo.createDate is compared by eq, ne, gt, ge, lt, le,"),
        ("isLocked gt true", "isLocked is compared by eq, ne, not 'gt'"),
        ("id gt null", "null goes with eq and ne, not with gt."),
        ("firstName sw null", "null goes with eq and ne, not with sw."),
        ("firstName cont ''", "firstName cont needs a text that is not empty."),
        ("firstName eq 'Stacy", "A ' is not closed; a ' inside is written twice."),
        ("lastName eq 't Hooft", "A ' is not closed"),
        ("lastName eq 'It''s", "A ' is not closed"),
        ("firstName eq 'Sta'cy", "Expected a space after ', not 'c'."),
        ("firstName eq 'Stacy' lastName eq M.", "Expected 'and' or 'or', not 'lastName'."),
        ("firstName eq 'Stacy' and", "ends where more was expected"),
        ("firstName eq 'Stacy' or lastName", "ends where more was expected"),
        ("id eq one", "'one' is not a whole number such as 1001."),
        ("id eq 1.5", "'1.5' is not a whole number"),
        ("id eq 9223372036854775808", "is not a whole number"),
        ("id eq '٣'", "is not a whole number"),
        ("commerceSummary.totalOrderAmount gt 1e9", "'1e9' is not a number such as 99.95."),
        ("commerceSummary.totalOrderAmount gt NaN", "'NaN' is not a number"),
        ("isLocked eq 1", "'1' is not true or false."),
        ("firstName eq Sta\x00cy", "is not text"),
        ("firstName eq 'Sta\ud800cy'", "'Sta\\ud800cy' is not text"),
        ("createDate gt yesterday", "'yesterday' is not an ISO 8601 date such as 2024-05-31 or"),
        ("\ud800 eq 1", "Unknown field '\\ud800'"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_remedy(text: str, reason: str) -> None:
    message = refusal_of(text)
    assert reason in message
    assert message.isascii()


def test_lengths_and_clauses_are_bounded() -> None:
    longest = "x" * FILTER_VALUE_MAX_CHARACTERS
    assert only_clause(f"firstName eq {longest}")[2] == longest
    assert "at most 256 characters" in refusal_of(f"firstName eq {longest}x")
    most = " or ".join(["id eq 1"] * FILTER_MAX_CLAUSES)
    assert len(alternatives(most)) == FILTER_MAX_CLAUSES
    assert "at most 20 clauses" in refusal_of(f"{most} and id eq 2")
    assert "at most 8192 characters" in refusal_of("x" * (FILTER_MAX_CHARACTERS + 1))
