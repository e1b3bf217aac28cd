"""Filters as the list of accounts reads them, for tests."""

from __future__ import annotations

import pytest

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.errors import Invalid
from authsvc.listing.filters import parse_filter
from authsvc.listing.values import Value

Plain = tuple[str, str, Value]


def alternatives(text: str) -> list[list[Plain]]:
    """Parse, and show each clause as (field, operator, value)."""
    return [
        [(clause.field.name, clause.operator.value, clause.value) for clause in alternative]
        for alternative in parse_filter(text, ACCOUNT_LIST).alternatives
    ]


def only_clause(text: str) -> Plain:
    """Parse a filter of one clause."""
    ((clause,),) = alternatives(text)
    return clause


def refusal_of(text: str) -> str:
    """Return why a filter is refused."""
    with pytest.raises(Invalid) as refusal:
        parse_filter(text, ACCOUNT_LIST)
    assert refusal.value.data == (("ParameterName", "filter"),)
    return refusal.value.message.removeprefix("Missing or invalid parameter: filter ")
