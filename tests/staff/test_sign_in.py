"""Signing staff in: one refusal for every reason, sessions that end, and a wait that grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from authsvc.callers import Caller
from authsvc.infra.staff_schema import staff_sessions
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.attempt_rules import TooManyStaffAttempts
from authsvc.staff.rules import Standing, UnknownStaffSession
from authsvc.staff.sign_in import NOBODY, BadStaffCredentials, Visit
from authsvc.tokens import digest
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import ELSEWHERE, PASSWORD, VISIT, check, hire, sign_in
from tests.trail import actions, changes, entries


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="held")
def _held(settings: Settings, services: Services, clock: HeldClock) -> Iterator[Services]:
    """A machine whose time the test holds; the tables are there."""
    with machine(settings, clock) as held:
        yield held


def test_only_the_digest_of_a_token_is_kept(services: Services, merchant: Merchant) -> None:
    token, signed_in = sign_in(services, hire(services, merchant.tenant_id))
    assert signed_in.standing is Standing.SIGNED_IN
    with services.database.connection() as connection:
        row = connection.execute(
            select(staff_sessions).where(staff_sessions.c.tenant_id == merchant.tenant_id)
        ).one()
    assert bytes(row.digest) == digest(token)
    assert token not in str(row)


def test_unknown_wrong_disabled_and_foreign_are_one_refusal(
    services: Services, merchant: Merchant, other_merchant: Merchant
) -> None:
    user = hire(services, merchant.tenant_id)
    disabled = hire(services, merchant.tenant_id)
    services.staff.users.set_active(Caller(merchant.tenant_id), disabled.username, active=False)
    foreign = hire(services, other_merchant.tenant_id)
    refusals = set()
    for name, password in (
        (user.username, "Wrong-Password-42"),
        ("nobody", PASSWORD),
        ("not/a@name", PASSWORD),
        (disabled.username, PASSWORD),
        (foreign.username, PASSWORD),
        (user.username, ""),
        (user.username, "\ud800"),
    ):
        with pytest.raises(BadStaffCredentials) as refusal:
            services.staff.sign_in.sign_in(merchant.tenant_id, name, password, VISIT)
        refusals.add((refusal.value.error_code, refusal.value.message))
    assert len(refusals) == 1


def test_a_refused_sign_in_is_told_without_what_was_typed(
    services: Services, merchant: Merchant
) -> None:
    user = hire(services, merchant.tenant_id)
    for name in (user.username, "Password-In-The-Name-Field"):
        with pytest.raises(BadStaffCredentials):
            services.staff.sign_in.sign_in(merchant.tenant_id, name, "Wrong-Password-42", VISIT)
    told = [
        entry
        for entry in entries(services, merchant.tenant_id)
        if entry["action"] == "staff.sign_in_refused"
    ]
    assert [entry["subject"] for entry in told] == [user.subject, NOBODY]
    assert {(entry["remote_address"], entry["actor"]) for entry in told} == {
        ("192.0.2.7", "system")
    }


def test_a_session_ends_when_left_alone_and_at_its_longest(
    held: Services, merchant: Merchant, clock: HeldClock
) -> None:
    token, _ = sign_in(held, hire(held, merchant.tenant_id))
    for _ in range(25):
        clock.pass_time(minutes=28)
        check(held, token)
    clock.pass_time(minutes=21)
    assert held.staff.sign_in.check(token, VISIT) is None

    token, _ = sign_in(held, hire(held, merchant.tenant_id))
    clock.pass_time(minutes=30)
    assert held.staff.sign_in.check(token, VISIT) is None


def test_use_is_noted_once_a_minute_with_where_from(
    held: Services, merchant: Merchant, clock: HeldClock
) -> None:
    token, first = sign_in(held, hire(held, merchant.tenant_id))
    clock.pass_time(seconds=59)
    held.staff.sign_in.check(token, ELSEWHERE)
    assert check(held, token).session.last_used_at == first.session.last_used_at
    clock.pass_time(seconds=1)
    held.staff.sign_in.check(token, ELSEWHERE)
    used = check(held, token).session
    assert (used.last_used_at, used.remote_address) == (clock.now(), ELSEWHERE.remote_address)


def test_what_is_no_token_shows_no_session(services: Services, merchant: Merchant) -> None:
    token, _ = sign_in(services, hire(services, merchant.tenant_id))
    for text in ("", "x", token[:-1], token.replace("t~", "s~"), merchant.application_token):
        assert services.staff.sign_in.check(text, VISIT) is None


def test_one_session_all_sessions_or_this_one_are_ended(
    services: Services, merchant: Merchant
) -> None:
    user = hire(services, merchant.tenant_id)
    one, signed_in = sign_in(services, user)
    two, second = sign_in(services, user, visit=ELSEWHERE)
    three, third = sign_in(services, user)
    use = services.staff.sign_in
    listed = use.open_sessions(signed_in)
    assert {session.id for session, _ in listed} == {
        signed_in.session.id,
        second.session.id,
        third.session.id,
    }
    assert {standing for _, standing in listed} == {Standing.SIGNED_IN}
    caller = signed_in.caller(VISIT)
    use.end_session(caller, signed_in, second.session.id)
    assert use.check(two, VISIT) is None
    with pytest.raises(UnknownStaffSession):
        use.end_session(caller, signed_in, second.session.id)
    use.sign_out(caller, signed_in)
    use.sign_out(caller, signed_in)
    assert use.check(one, VISIT) is None
    use.end_everywhere(caller, third)
    assert use.check(three, VISIT) is None
    assert actions(services, merchant.tenant_id, user.subject)[-3:] == [
        "staff.session_ended",
        "staff.signed_out",
        "staff.signed_out_everywhere",
    ]
    assert changes(entries(services, merchant.tenant_id, user.subject)[-1]) == {
        "openSessions": (1, 0)
    }


def test_nobody_ends_a_colleagues_session(services: Services, merchant: Merchant) -> None:
    _, mine = sign_in(services, hire(services, merchant.tenant_id))
    token, theirs = sign_in(services, hire(services, merchant.tenant_id))
    with pytest.raises(UnknownStaffSession):
        services.staff.sign_in.end_session(mine.caller(VISIT), mine, theirs.session.id)
    check(services, token)


def _fail(services: Services, tenant_id: int, name: str, visit: Visit, times: int) -> None:
    for _ in range(times):
        with pytest.raises(BadStaffCredentials):
            services.staff.sign_in.sign_in(tenant_id, name, "Wrong-Password-42", visit)


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_must_wait_longer_and_longer_whoever_exists(
    held: Services, merchant: Merchant, clock: HeldClock, exists: bool
) -> None:
    name = hire(held, merchant.tenant_id).username if exists else "nobody-at-all"
    _fail(held, merchant.tenant_id, name, VISIT, 5)
    for seconds in (1, 2, 4):
        for _ in range(2):
            with pytest.raises(TooManyStaffAttempts) as refusal:
                held.staff.sign_in.sign_in(merchant.tenant_id, name, PASSWORD, VISIT)
            assert refusal.value.retry_after_seconds == seconds
        clock.pass_time(seconds=seconds)
        _fail(held, merchant.tenant_id, name, VISIT, 1)


def test_the_right_password_after_the_wait_counts_anew(
    held: Services, merchant: Merchant, clock: HeldClock
) -> None:
    user = hire(held, merchant.tenant_id)
    _fail(held, merchant.tenant_id, user.username, VISIT, 5)
    clock.pass_time(seconds=1)
    sign_in(held, user)
    _fail(held, merchant.tenant_id, user.username, VISIT, 5)


def test_strangers_do_not_lock_out_who_has_signed_in_from_here(
    held: Services, merchant: Merchant
) -> None:
    user = hire(held, merchant.tenant_id)
    sign_in(held, user)
    for last in range(20):
        _fail(
            held,
            merchant.tenant_id,
            user.username,
            replace(VISIT, remote_address=f"203.0.113.{last}"),
            1,
        )
    with pytest.raises(TooManyStaffAttempts):
        sign_in(held, user, visit=ELSEWHERE)
    sign_in(held, user)


def test_one_address_may_not_try_everybody(held: Services, merchant: Merchant) -> None:
    for number in range(50):
        _fail(held, merchant.tenant_id, f"guess-{number}", VISIT, 1)
    with pytest.raises(TooManyStaffAttempts):
        sign_in(held, hire(held, merchant.tenant_id))


def test_a_hash_of_other_parameters_is_renewed(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    user = hire(services, merchant.tenant_id)
    with machine(settings, argon2_time_cost=2) as later:
        _, signed_in = sign_in(later, user)
        renewed = later.staff.sign_in.store.user(user.tenant_id, user.id)
    assert renewed is not None
    assert "t=2" in renewed.password_hash
    assert signed_in.user.id == user.id
    sign_in(services, user)


def test_what_ended_long_ago_is_deleted(
    held: Services, merchant: Merchant, clock: HeldClock
) -> None:
    token, _ = sign_in(held, hire(held, merchant.tenant_id))
    assert held.staff.purge(clock.now()) >= 0
    check(held, token)
    clock.pass_time(days=31)
    assert held.staff.purge(clock.now()) >= 1
