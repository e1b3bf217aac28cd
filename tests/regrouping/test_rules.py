"""What changes make of a structure, without any store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.customer_sets.rules import CodeTaken, UnknownCustomerSet, UnknownSite
from authsvc.errors import AuthsvcError, Invalid
from authsvc.regrouping.refusals import DefaultSetStays
from authsvc.regrouping.rules import (
    LONGEST_DESCRIPTION,
    MOST_CHANGES,
    MOST_LISTED,
    AssignSites,
    CreateSet,
    DeleteSet,
    EditSet,
    MakeDefault,
    MoveCustomers,
    SetLabels,
    Structure,
    StructureChange,
    effect_of,
)

MYSTIC = Structure(
    {code: SetLabels(code.upper(), "") for code in ("default", "b2c", "b2b")},
    "default",
    {1: "b2c", 2: "b2c", 3: "b2b", 4: "b2b", 5: "default"},
)

codes = st.sampled_from(["default", "b2c", "b2b", "regional", "vip"])
changes = st.one_of(
    st.builds(CreateSet, codes, st.just("Name")),
    st.builds(EditSet, codes, st.just("Other")),
    st.builds(AssignSites, codes, st.lists(st.integers(1, 6), max_size=3).map(tuple)),
    st.builds(MoveCustomers, codes, from_set=codes),
    st.builds(MakeDefault, codes),
    st.builds(DeleteSet, codes, st.none() | codes),
)


@given(st.lists(changes, min_size=1, max_size=8))
def test_whatever_is_asked_every_site_is_in_one_set_and_one_set_is_the_default(
    wanted: list[StructureChange],
) -> None:
    """Rules 1 and 3; and no customer is left in, or sent to, a set that is gone."""
    try:
        effect = effect_of(MYSTIC, wanted)
    except AuthsvcError:
        return
    after = effect.after
    assert after.sites.keys() == MYSTIC.sites.keys()
    assert set(after.sites.values()) <= after.sets.keys()
    assert after.default in after.sets
    for code in [*MYSTIC.sets, *effect.created]:
        held = code
        for move in effect.moves:
            held = move.customer_set if move.from_set == held else held
        assert held in after.sets


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (CreateSet("B2C", "Again"), CodeTaken),
        (CreateSet("b 2", "X"), Invalid),
        (CreateSet("new", "X", "d" * (LONGEST_DESCRIPTION + 1)), Invalid),
        (EditSet("nowhere"), UnknownCustomerSet),
        (EditSet("b2c", " "), Invalid),
        (AssignSites("b2c", (9,)), UnknownSite),
        (AssignSites("nowhere", (1,)), UnknownCustomerSet),
        (MakeDefault("nowhere"), UnknownCustomerSet),
        (DeleteSet("default", "b2c"), DefaultSetStays),
        (DeleteSet("b2c", "b2c"), Invalid),
        (MoveCustomers("b2c"), Invalid),
        (MoveCustomers("b2c", from_set="b2b", filter="id eq 1"), Invalid),
        (MoveCustomers("b2c", accounts=()), Invalid),
        (MoveCustomers("b2c", accounts=tuple(range(MOST_LISTED + 1))), Invalid),
        (MoveCustomers("b2c", filter="  "), Invalid),
        (MoveCustomers("b2c", filter="", quick_search=" "), Invalid),
        (MoveCustomers("b2c", accounts=(1,), quick_search="john"), Invalid),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: StructureChange, refusal: type[AuthsvcError]
) -> None:
    with pytest.raises(refusal):
        effect_of(MYSTIC, [change])


def test_a_plan_has_some_changes_and_not_too_many() -> None:
    for wanted in ([], [MakeDefault("b2c")] * (MOST_CHANGES + 1)):
        with pytest.raises(Invalid):
            effect_of(MYSTIC, wanted)


def test_a_set_is_not_made_and_deleted_by_one_plan_nor_its_code_used_again() -> None:
    with pytest.raises(Invalid, match="leave both out"):
        effect_of(MYSTIC, [CreateSet("vip", "VIP"), DeleteSet("vip")])
    with pytest.raises(CodeTaken):
        effect_of(MYSTIC, [DeleteSet("b2c"), CreateSet("b2c", "Again")])


def test_a_customer_loses_the_sites_of_their_set_that_do_not_go_where_they_go() -> None:
    """[B]: the customers will no longer be able to use their login credentials on the reassigned site."""
    effect = effect_of(MYSTIC, [AssignSites("b2b", (2,))])
    assert effect.lost_sites("b2c", "b2c") == [2]
    assert effect.lost_sites("b2c", "b2b") == [1]
    assert effect.lost_sites("b2b", "b2b") == []
