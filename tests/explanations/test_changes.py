"""Which of all changes left a customer where they are, and which one parted them from a site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from authsvc.explanations.changes import ChangeKind, ChangeMade, History, PlanDone, last_move

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
SIGNED_UP = ChangeMade(ChangeKind.ACCOUNT_CREATED, MONDAY, "shopper:5", None, "b2c")
PLAN = PlanDone(17, "why", MONDAY + DAY, "staff:dana", MONDAY + 8 * DAY, None, None)
UNDONE = PlanDone(
    17, "why", MONDAY + DAY, "staff:dana", MONDAY + 8 * DAY, MONDAY + 2 * DAY, "staff:kim"
)


def assigned(at: datetime, old: str, new: str, plan_id: int | None = None) -> ChangeMade:
    """Return a site's move."""
    return ChangeMade(ChangeKind.SITE_ASSIGNED, at, "staff:dana", old, new, plan_id)


def test_whoever_was_never_moved_is_where_they_signed_up() -> None:
    assert last_move(SIGNED_UP, [], "b2c") is SIGNED_UP


def test_a_plan_that_moved_them_later_made_it_so() -> None:
    move = last_move(SIGNED_UP, [(PLAN, "b2c", "b2b")], "b2b")
    assert move is not None
    assert (move.plan_id, move.by, move.old, move.new) == (17, "staff:dana", "b2c", "b2b")
    assert move.rollback_until == PLAN.rollback_until


def test_rolling_the_plan_back_made_it_so() -> None:
    move = last_move(SIGNED_UP, [(UNDONE, "b2c", "b2b")], "b2c")
    assert move is not None
    assert (move.is_rollback, move.by, move.old, move.new) == (True, "staff:kim", "b2b", "b2c")
    assert move.rollback_until is None


def test_a_customer_who_was_moved_on_meanwhile_was_left_by_the_roll_back() -> None:
    """[B] knows no history; the plan says: customers moved on by somebody after the commit are left as they are."""
    meanwhile = replace(PLAN, id=18, committed_at=MONDAY + 1.5 * DAY)
    planned = [(UNDONE, "b2c", "b2b"), (meanwhile, "b2b", "default")]
    moved_on = last_move(SIGNED_UP, planned, "default")
    assert moved_on == meanwhile.move(ChangeKind.ACCOUNT_MOVED, "b2b", "default")


def test_what_nothing_tells_is_not_made_up() -> None:
    assert last_move(None, [], "b2c") is None
    assert last_move(SIGNED_UP, [], "b2b") is None


def test_the_change_that_parted_site_and_customer_is_the_later_of_the_two() -> None:
    away = assigned(MONDAY + DAY, "b2c", "b2b")
    assert History((away,), SIGNED_UP).deciding("b2b", "b2c") is away
    # A site that came from elsewhere was no site of theirs before either.
    from_elsewhere = assigned(MONDAY + DAY, "default", "b2b")
    assert History((from_elsewhere,), SIGNED_UP).deciding("b2b", "b2c") is None
    # And one that came to them brought them together.
    home = assigned(MONDAY + DAY, "b2b", "b2c")
    assert History((home,), SIGNED_UP).deciding("b2c", "b2c") is home


def test_a_plan_that_moves_both_together_parts_nobody() -> None:
    site = assigned(PLAN.committed_at - timedelta(seconds=1), "b2c", "b2b", PLAN.id)
    customer = last_move(SIGNED_UP, [(PLAN, "b2c", "b2b")], "b2b")
    assert History((site,), customer).deciding("b2b", "b2b") is None
