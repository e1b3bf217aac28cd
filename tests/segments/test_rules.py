"""What a segment may be called, and who can be put into it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from authsvc.errors import Invalid
from authsvc.segments.rules import (
    LONGEST_CODE,
    MOST_ACCOUNTS_AT_ONCE,
    IncompleteSegment,
    Segment,
    changes_to_apply,
    fields_of_new_segment,
    members_to_add,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
VIP = Segment(1, "vip", "Very important", "", NOW, "x", NOW, "x")


def test_a_segment_is_called_by_its_code_unless_it_has_a_name() -> None:
    assert fields_of_new_segment({"code": " vip "}) == {
        "code": "vip",
        "name": "vip",
        "description": "",
    }
    assert fields_of_new_segment({"code": "vip", "name": "V"})["name"] == "V"


@pytest.mark.parametrize("wanted", [{}, {"code": None}, {"code": " "}, {"name": "V"}])
def test_a_segment_without_a_code_is_none(wanted: dict[str, str | None]) -> None:
    with pytest.raises(IncompleteSegment):
        fields_of_new_segment(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        {"code": "v" * (LONGEST_CODE + 1)},
        {"code": "v\nip"},
        {"code": "vip", "name": "V\x1b[31m"},
        {"code": "vip", "description": "x" * 1001},
    ],
)
def test_what_no_list_can_show_is_refused(wanted: dict[str, str | None]) -> None:
    with pytest.raises(Invalid):
        fields_of_new_segment(wanted)


def test_a_change_keeps_what_is_left_out() -> None:
    assert changes_to_apply(VIP, {"name": "Dear", "code": "vip"}) == {"name": "Dear"}
    assert changes_to_apply(VIP, {"description": "Long since"}) == {"description": "Long since"}
    for emptied in ("code", "name"):
        with pytest.raises(Invalid):
            changes_to_apply(VIP, {emptied: None})
    with pytest.raises(IncompleteSegment):
        changes_to_apply(VIP, {})


def test_everybody_is_added_once_and_nobody_is_refused() -> None:
    assert members_to_add([3, 1, 3]) == (1, 3)
    for number in (0, MOST_ACCOUNTS_AT_ONCE + 1):
        with pytest.raises(Invalid):
            members_to_add(range(1, number + 1))
