from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.errors import Invalid
from authsvc.web.response_fields import LONGEST_EXPRESSION, selection, trimmed

ACCOUNTS = {
    "items": [
        {"id": 1, "emailAddress": "a@b.c", "contacts": [{"email": "x", "id": 5}]},
        {"id": 2, "emailAddress": None, "contacts": []},
    ],
    "totalCount": 2,
    "pageCount": 1,
}


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("totalCount", {"totalCount": 2}),
        ("TOTALCOUNT , pageCount", {"totalCount": 2, "pageCount": 1}),
        ("items(id),totalCount", {"items": [{"id": 1}, {"id": 2}], "totalCount": 2}),
        (
            "items(emailAddress,contacts(email))",
            {
                "items": [
                    {"emailAddress": "a@b.c", "contacts": [{"email": "x"}]},
                    {"emailAddress": None, "contacts": []},
                ]
            },
        ),
        ("items(id),items(emailAddress,shoeSize)", None),
        ("shoeSize", {}),
        ("items()", {"items": [{}, {}]}),
        ("items(shoeSize(left))", {"items": [{}, {}]}),
        ("totalCount(x)", {"totalCount": 2}),
        (",, totalCount,", {"totalCount": 2}),
    ],
)
def test_an_answer_is_trimmed_to_the_names_asked_for(
    expression: str, kept: dict[str, Any] | None
) -> None:
    """Seen in use: `id` on one, `items(id,emailAddress,…),totalCount,pageCount` on lists ([K] 3.4)."""
    both = {"items": [{"id": 1, "emailAddress": "a@b.c"}, {"id": 2, "emailAddress": None}]}

    assert trimmed(ACCOUNTS, selection(expression)) == (both if kept is None else kept)


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        ")",
        "items(",
        "items(id",
        "items(id))",
        "(id)",
        "a" * (LONGEST_EXPRESSION + 1),
        "a(" * 99,
    ],
)
def test_an_expression_that_does_not_match_up_is_refused(expression: str) -> None:
    with pytest.raises(Invalid) as refusal:
        selection(expression)

    assert refusal.value.data == (("ParameterName", "responseFields"),)


@given(st.text("ab(), "))
def test_any_expression_is_read_or_refused_and_never_adds_anything(expression: str) -> None:
    value = {"a": {"a": 1, "b": [{"a": 2}]}, "b": 3}
    try:
        wanted = selection(expression)
    except Invalid:
        return

    kept = trimmed(value, wanted)

    assert kept.items() <= value.items() or kept["a"] != value["a"]
    assert trimmed(kept, wanted) == kept
