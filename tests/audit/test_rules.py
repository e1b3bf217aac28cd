"""What of a change is written down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from authsvc.audit.rules import SECRET_FIELDS, Change, changes_between

FIELDS = st.sampled_from(["first_name", "password", "passwordHash", "sharedSecret", "tax_id"])
VALUES = st.dictionaries(FIELDS, st.text(max_size=3) | st.none())


def test_only_what_changed_is_told_old_and_new() -> None:
    old = {"first_name": "John", "last_name": "D.", "tax_id": None}
    new = {"first_name": "John", "last_name": "Doe", "tax_id": "7", "external_id": "e"}
    assert changes_between(old, new) == [
        Change("last_name", "D.", "Doe"),
        Change("tax_id", None, "7"),
        Change("external_id", None, "e"),
    ]


@given(VALUES, VALUES)
def test_of_a_secret_only_that_it_changed(old: dict[str, str], new: dict[str, str]) -> None:
    for change in changes_between(old, new):
        assert old.get(change.field) != new[change.field]
        if change.field in SECRET_FIELDS:
            assert (change.old, change.new) == (None, None)
        else:
            assert (change.old, change.new) == (old.get(change.field), new[change.field])
