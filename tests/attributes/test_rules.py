"""Which values an attribute takes, and who may say them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.attributes.rules import (
    DataType,
    Definition,
    EmptyAttribute,
    UnknownAttribute,
    ValueType,
    changed,
    checked,
    qualified_name,
    refuse_to_shopper,
    values_to_keep,
)
from authsvc.errors import Forbidden, Invalid

SHOE_SIZE = Definition("tenant~shoe-size", DataType.NUMBER, ValueType.SHOPPER_ENTERED)
TIER = Definition(
    "tenant~tier",
    DataType.STRING,
    ValueType.PREDEFINED,
    vocabulary=({"value": "gold"}, {"value": "silver"}),
)


@pytest.mark.parametrize(
    ("data_type", "good", "bad"),
    [
        (DataType.STRING, ["x", ""], [1, True, None, "x" * 2_001]),
        (DataType.NUMBER, [1, 1.5, -3], ["1", True, None]),
        (DataType.BOOL, [True, False], [0, "true", None]),
        (DataType.DATE_TIME, ["2026-11-22", "2026-11-22T10:00:00.000Z"], ["soon", 5, None]),
    ],
)
def test_a_value_is_of_the_attributes_data_type(
    data_type: DataType, good: list[Any], bad: list[Any]
) -> None:
    definition = Definition("tenant~x", data_type, ValueType.ADMIN_ENTERED)
    for value in good:
        assert values_to_keep(definition, [value]) == (value,)
    for value in bad:
        with pytest.raises(Invalid):
            values_to_keep(definition, [value])


def test_one_value_unless_several_are_meant_and_never_none() -> None:
    with pytest.raises(EmptyAttribute):
        values_to_keep(SHOE_SIZE, None)
    with pytest.raises(EmptyAttribute):
        values_to_keep(SHOE_SIZE, [])
    with pytest.raises(Invalid):
        values_to_keep(SHOE_SIZE, [1, 2])
    assert values_to_keep(changed(SHOE_SIZE, {"is_multi_valued": True}), [1, 2]) == (1, 2)


def test_a_predefined_value_is_one_of_the_vocabulary() -> None:
    assert values_to_keep(TIER, ["gold"]) == ("gold",)
    with pytest.raises(Invalid):
        values_to_keep(TIER, ["bronze"])
    with pytest.raises(Invalid):
        checked(changed(TIER, {"vocabulary": ()}))
    with pytest.raises(Invalid):
        changed(TIER, {"vocabulary": ({"value": 1},)})


@given(st.sampled_from(ValueType), st.booleans(), st.booleans(), st.booleans())
def test_a_shopper_says_only_what_is_for_shoppers_to_say(
    value_type: ValueType, is_visible: bool, is_read_only: bool, is_active: bool
) -> None:
    """Deny by default: entered by shoppers, visible, active and not read-only, all four."""
    definition = Definition(
        "tenant~x",
        DataType.STRING,
        ValueType.ADMIN_ENTERED if value_type is ValueType.PREDEFINED else value_type,
        is_visible=is_visible,
        is_read_only=is_read_only,
        is_active=is_active,
    )
    allowed = (
        value_type is ValueType.SHOPPER_ENTERED and is_visible and is_active and not is_read_only
    )
    if allowed:
        refuse_to_shopper(definition)
    else:
        # What is hidden is not even admitted to exist.
        hidden = not (is_visible and is_active)
        with pytest.raises(UnknownAttribute if hidden else Forbidden):
            refuse_to_shopper(definition)


def test_a_name_is_a_namespace_and_a_code() -> None:
    assert qualified_name(None, " tier ") == "tenant~tier"
    assert qualified_name("mystic", "tier") == "mystic~tier"
    for bad in (None, "", "a~b", "a/b", "x" * 101, "é"):
        with pytest.raises(Invalid):
            qualified_name(None, bad)


def test_name_and_data_type_never_change() -> None:
    same = {"fully_qualified_name": "TENANT~Tier", "data_type": DataType.STRING}
    assert changed(TIER, same) == TIER
    for other in ({"fully_qualified_name": "tenant~x"}, {"data_type": DataType.BOOL}):
        with pytest.raises(Invalid):
            changed(TIER, other)
