"""Issue: administrator (structure and customers), customer service (customers, no structure), auditor (reads)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authsvc.callers import Behavior, Caller, NoTicket, Requires
from authsvc.errors import Forbidden, Invalid
from authsvc.staff.rules import (
    BEHAVIORS,
    STOREFRONTS_ONLY,
    Role,
    SecondFactor,
    StaffSession,
    StaffUser,
    Standing,
    refuse_guessable,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
IDLE = timedelta(minutes=30)
USER = StaffUser(
    1001, 101, "Anna", "anna", Role.AUDITOR, "hash", True, False, False, False, None, None, NOW
)
SESSION = StaffSession(
    1001, "id", 101, NOW, None, NOW, NOW + timedelta(hours=12), None, "browser", False
)


def _is_allowed(role: Role, behavior: Behavior) -> bool:
    """Say in the issue's words what a role may do, from a permission's name alone."""
    if behavior in STOREFRONTS_ONLY:
        return False
    if behavior is Behavior.AUDIT_READ:
        # Customer service does not look over its colleagues' shoulders.
        return role is not Role.CUSTOMER_SERVICE
    if behavior.endswith("-read"):
        return True
    if role is Role.AUDITOR:
        return False
    is_about_customers = behavior.startswith(
        ("customer-", "order-")
    ) and "set" not in behavior.split("-")
    return role is Role.ADMINISTRATOR or is_about_customers


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("behavior", Behavior)
def test_a_role_may_do_what_its_name_says_and_nothing_else(role: Role, behavior: Behavior) -> None:
    caller = replace(USER, role=role).caller(None, None)
    if _is_allowed(role, behavior):
        Requires(behavior).admit(caller)
    else:
        with pytest.raises(Forbidden, match=f"Your role lacks the behavior {behavior}"):
            Requires(behavior).admit(caller)


def test_every_role_is_decided() -> None:
    assert set(BEHAVIORS) == set(Role)


def test_a_disabled_staff_user_may_do_nothing() -> None:
    assert replace(USER, is_active=False).caller(None, None).behaviors == frozenset()


def test_staff_act_in_their_own_name() -> None:
    caller = USER.caller("192.0.2.7", "abc")
    assert (caller.name, caller.tenant_id, caller.remote_address) == (
        "staff:anna",
        1001,
        "192.0.2.7",
    )
    with pytest.raises(NoTicket):
        Requires(Behavior.CUSTOMER_READ).admit(Caller(1001))


@pytest.mark.parametrize(
    ("passed", "is_over"),
    [(timedelta(minutes=29, seconds=59), False), (IDLE, True), (timedelta(hours=13), True)],
)
def test_a_session_left_alone_ends(passed: timedelta, is_over: bool) -> None:
    assert SESSION.is_over(now=NOW + passed, idle=IDLE) is is_over


def test_a_busy_session_ends_at_its_longest_all_the_same() -> None:
    later = NOW + timedelta(hours=12)
    busy = replace(SESSION, last_used_at=later)
    assert busy.is_over(now=later, idle=IDLE)
    assert not busy.is_over(now=later - timedelta(seconds=1), idle=IDLE)
    assert replace(SESSION, ended=True).is_over(now=NOW, idle=IDLE)


@pytest.mark.parametrize(
    ("has_factor", "gave_code", "must_enrol", "policy", "standing"),
    [
        (False, False, False, SecondFactor.OFFERED, Standing.SIGNED_IN),
        (False, False, True, SecondFactor.OFFERED, Standing.MUST_ENROL),
        (False, False, False, SecondFactor.REQUIRED, Standing.MUST_ENROL),
        (True, False, False, SecondFactor.OFFERED, Standing.AWAITS_CODE),
        (True, False, True, SecondFactor.REQUIRED, Standing.AWAITS_CODE),
        (True, True, False, SecondFactor.REQUIRED, Standing.SIGNED_IN),
        # The factor was reset after the code was given: what holds now counts.
        (False, True, False, SecondFactor.REQUIRED, Standing.MUST_ENROL),
    ],
)
def test_how_far_a_sign_in_has_come(
    has_factor: bool, gave_code: bool, must_enrol: bool, policy: SecondFactor, standing: Standing
) -> None:
    user = replace(USER, has_second_factor=has_factor, must_enrol=must_enrol)
    session = replace(SESSION, second_factor_at=NOW if gave_code else None)
    assert session.standing(user, policy) is standing


@pytest.mark.parametrize(
    "password",
    ["administrator-2026!", "my-ANNA.SMITH-pass", "aaaaaaaaaaaaaaaaaa", "1212121212121212"],
)
def test_a_password_that_gives_itself_away_is_refused(password: str) -> None:
    name = "administrator" if "admin" in password else "anna.smith@mystic.example"
    with pytest.raises(Invalid):
        refuse_guessable(password, name)


def test_a_short_name_may_occur_in_a_password() -> None:
    refuse_guessable("annotated-manual", "ann")
