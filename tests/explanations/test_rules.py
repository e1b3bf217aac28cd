"""The three answers follow from the rules of sign-in, session check and orders, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authsvc.customer_sets.rules import Site
from authsvc.explanations.answers import explained
from authsvc.explanations.changes import ChangeKind, ChangeMade, History
from authsvc.explanations.rules import Cause, Facts, Question, verdicts
from tests.customers import customer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FIFTEEN_MINUTES = timedelta(minutes=15)
# [B]: Stephanie, and the Mystic Sports site, which belongs to a B2C customer set.
FACTS = Facts(
    account=customer(),
    site=Site(1001, 101, "Mystic Sports", "b2c"),
    site_set_name="B2C",
    account_set_name="B2C",
    must_change_password=False,
    open_sessions=0,
    namesake_id=None,
    refused_for=None,
    pushed_at=None,
    now=NOW,
)
OTHER_SET = replace(FACTS, site=Site(1001, 103, "Mystic Parts", "b2b"), site_set_name="B2B")
# Parts was a site of hers until ten minutes ago.
MOVED = ChangeMade(
    ChangeKind.SITE_ASSIGNED, NOW - timedelta(minutes=10), "staff:dana", "b2c", "b2b"
)
# Whom each cause alone keeps from signing in.
BECAUSE = {
    Cause.OTHER_CUSTOMER_SET: OTHER_SET,
    Cause.NO_LOGIN: replace(FACTS, account=customer(has_login=False)),
    Cause.LOCKED: replace(FACTS, account=customer(is_locked=True)),
    Cause.DISABLED: replace(FACTS, account=customer(is_active=False)),
    Cause.PASSWORD_CHANGE: replace(FACTS, must_change_password=True),
    Cause.EMAIL_NOT_VERIFIED: replace(FACTS, awaits_verification=True),
    Cause.TOO_MANY_FAILURES: replace(FACTS, refused_for=60),
}

booleans = st.booleans()
facts_of_any_kind = st.builds(
    lambda site_set, is_locked, is_active, has_login, must_change, sessions, wait: replace(
        FACTS,
        account=customer(is_locked=is_locked, is_active=is_active, has_login=has_login),
        site=replace(FACTS.site, customer_set=site_set),
        must_change_password=must_change,
        open_sessions=sessions,
        refused_for=wait,
    ),
    st.sampled_from(["b2c", "b2b"]),
    *(booleans, booleans, booleans, booleans),
    st.integers(0, 2),
    st.none() | st.integers(1, 900),
)


def causes(facts: Facts) -> dict[Question, tuple[Cause, ...]]:
    """Return what stands against each."""
    return {each.question: each.causes for each in verdicts(facts, (), FIFTEEN_MINUTES)}


def test_a_customer_of_the_sites_set_may_do_all_three() -> None:
    """[B]: they can use the same account to access the sites you've assigned to the same customer set."""
    assert causes(FACTS) == dict.fromkeys(Question, ())


def test_a_customer_of_another_set_may_do_none() -> None:
    assert causes(OTHER_SET) == dict.fromkeys(Question, (Cause.OTHER_CUSTOMER_SET,))


@given(facts_of_any_kind)
def test_an_order_asks_for_the_set_alone(facts: Facts) -> None:
    """Rule 16: a locked customer, and a guest, may still be put on an order by telephone."""
    ordering = causes(facts)[Question.OFFLINE_ORDER]
    assert ordering == (() if facts.shares_the_set else (Cause.OTHER_CUSTOMER_SET,))


@given(facts_of_any_kind)
def test_whoever_can_sign_in_sees_my_account(facts: Facts) -> None:
    found = causes(facts)
    if not found[Question.SIGN_IN]:
        assert not found[Question.MY_ACCOUNT]
    assert set(found[Question.MY_ACCOUNT]) <= set(found[Question.SIGN_IN])


def test_an_open_session_outlives_what_is_only_asked_at_sign_in() -> None:
    waiting = replace(FACTS, must_change_password=True, refused_for=60)
    both = (Cause.PASSWORD_CHANGE, Cause.TOO_MANY_FAILURES)
    assert causes(waiting)[Question.MY_ACCOUNT] == both
    in_session = causes(replace(waiting, open_sessions=1))
    assert in_session[Question.SIGN_IN] == both
    assert in_session[Question.MY_ACCOUNT] == ()


def test_all_that_stands_against_it_is_told_and_first_what_is_refused_for() -> None:
    facts = replace(OTHER_SET, account=customer(is_locked=True), must_change_password=True)
    expected = (Cause.OTHER_CUSTOMER_SET, Cause.LOCKED, Cause.PASSWORD_CHANGE)
    assert causes(facts)[Question.SIGN_IN] == expected


def test_failures_in_another_set_than_theirs_are_somebody_elses() -> None:
    assert causes(replace(OTHER_SET, refused_for=60))[Question.SIGN_IN] == (
        Cause.OTHER_CUSTOMER_SET,
    )


def test_a_remembered_set_may_let_a_session_in_for_fifteen_minutes() -> None:
    """[B]: It may take up to 15 minutes for updates to be reflected in the system while the cache refreshes."""
    given = {each.question: each for each in verdicts(OTHER_SET, (MOVED,), FIFTEEN_MINUTES)}
    assert given[Question.MY_ACCOUNT].old_answer_until == NOW + timedelta(minutes=5)
    # Both look at the set of the moment.
    assert given[Question.SIGN_IN].old_answer_until is None
    assert given[Question.OFFLINE_ORDER].old_answer_until is None


def test_nobody_remembers_longer_or_what_was_pushed_or_another_set() -> None:
    later = replace(OTHER_SET, now=MOVED.at + FIFTEEN_MINUTES)
    pushed = replace(OTHER_SET, pushed_at=MOVED.at + timedelta(minutes=1))
    for facts, change in (
        (later, MOVED),
        (pushed, MOVED),
        (OTHER_SET, replace(MOVED, old="default")),
    ):
        given = verdicts(facts, (change,), FIFTEEN_MINUTES)
        assert [each.old_answer_until for each in given] == [None, None, None]


def test_a_site_that_was_moved_twice_may_still_be_remembered_in_its_first_set() -> None:
    on = replace(MOVED, at=NOW - timedelta(minutes=1), old="default", new="b2b")
    first = replace(MOVED, new="default")
    given = verdicts(OTHER_SET, (first, on), FIFTEEN_MINUTES)
    assert given[1].old_answer_until == first.at + FIFTEEN_MINUTES


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_told_with_its_rule_what_is_so_and_what_to_do(cause: Cause) -> None:
    signing_in = explained(BECAUSE[cause], History(), FIFTEEN_MINUTES).answers[0]
    (reason,) = signing_in.reasons
    assert reason.cause is cause
    for texts in ((reason.rule.words,), reason.facts, reason.remedies):
        assert texts
        assert all(text.endswith(".") for text in texts)
