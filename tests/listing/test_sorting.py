import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.accounts.list_fields import ACCOUNT_LIST
from authsvc.errors import Invalid
from authsvc.listing.sorting import SORT_MAX_KEYS, parse_sort


def keys(text: str) -> list[tuple[str, bool]]:
    return [(key.field.name, key.descending) for key in parse_sort(text, ACCOUNT_LIST)]


def refusal_of(text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        parse_sort(text, ACCOUNT_LIST)
    assert refusal.value.data == (("ParameterName", "sortBy"),)
    return refusal.value.message.removeprefix("Missing or invalid parameter: sortBy ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("id", False)]),
        ("  ", [("id", False)]),
        ("id", [("id", False)]),
        ("id desc", [("id", True)]),
        ("createdate asc", [("auditInfo.createDate", False), ("id", False)]),
        (
            "commercesummary.totalorderamount desc",
            [("commerceSummary.totalOrderAmount", True), ("id", True)],
        ),
        (
            " lastName ,FIRSTNAME  Desc ",
            [("lastName", False), ("firstName", True), ("id", True)],
        ),
        ("id desc,lastName", [("id", True), ("lastName", False)]),
    ],
)
def test_every_order_ends_in_one_that_is_unique(
    text: str, expected: list[tuple[str, bool]]
) -> None:
    """Pages neither repeat nor skip an account, because no two accounts stand at the same place."""
    assert keys(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("shoeSize", "Cannot sort by 'shoeSize'. Known fields: id, userId, userName"),
        ("contacts.email", "Cannot sort by 'contacts.email'. Known fields: id"),
        ("lastName upwards", "Expected field, field asc or field desc, not 'lastName upwards'."),
        ("lastName asc desc", "Expected field"),
        ("lastName,", "Expected field, field asc or field desc, not ''."),
        ("\ud800", "Cannot sort by '\\ud800'"),
        (",".join(["id"] * (SORT_MAX_KEYS + 1)), "must name at most 5 fields."),
    ],
)
def test_what_is_not_understood_is_refused_with_the_remedy(text: str, reason: str) -> None:
    message = refusal_of(text)
    assert reason in message
    assert message.isascii()


def test_fields_of_which_an_account_has_many_are_not_offered_for_sorting() -> None:
    assert "contacts" not in refusal_of("shoeSize")


def test_another_list_has_another_tiebreak() -> None:
    order = parse_sort("lastName", ACCOUNT_LIST, tiebreak="userId")
    assert [key.field.name for key in order] == ["lastName", "userId"]


@given(
    st.one_of(st.text(st.characters()), st.lists(st.sampled_from(["id", "asc", ","])).map(" ".join))
)
def test_any_text_is_an_order_or_refused(text: str) -> None:
    try:
        order = parse_sort(text, ACCOUNT_LIST)
    except Invalid:
        return
    assert "id" in [key.field.name for key in order]
