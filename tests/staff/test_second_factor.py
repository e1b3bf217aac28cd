"""The second factor: offered or required, each code good once, and a way back when the telephone is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from authsvc.callers import Caller
from authsvc.infra.staff_schema import staff_recovery_codes, staff_users
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.attempt_rules import TooManyStaffAttempts
from authsvc.staff.rules import StaffUser, Standing, UnknownStaffUser
from authsvc.staff.second_factor import HasSecondFactor, NoSecondFactor, WrongCode
from authsvc.staff.sign_in import SignedIn, StaffSessionOver
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.staff.people import VISIT, Telephone, check, enrol, hire, sign_in
from tests.trail import actions, changes, entries


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="held")
def _held(settings: Settings, services: Services, clock: HeldClock) -> Iterator[Services]:
    """A machine whose time the test holds; the tables are there."""
    with machine(settings, clock) as held:
        yield held


@pytest.fixture(name="user")
def _user(held: Services, merchant: Merchant) -> StaffUser:
    return hire(held, merchant.tenant_id)


def test_a_password_alone_gets_no_further_than_the_code(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, _, _ = enrol(held, sign_in(held, user)[0])
    clock.pass_time(seconds=30)
    token, signed_in = sign_in(held, user)
    assert signed_in.standing is Standing.AWAITS_CODE
    assert signed_in.caller(VISIT).behaviors == frozenset()
    proven = held.staff.second_factors.give(signed_in, telephone.code(clock.now()), VISIT)
    assert check(held, proven).standing is Standing.SIGNED_IN
    assert check(held, proven).caller(VISIT).behaviors == user.behaviors
    # The token from before the code is worth nothing any more.
    assert held.staff.sign_in.check(token, VISIT) is None
    assert actions(held, user.tenant_id, user.subject)[-2:] == [
        "staff.password_accepted",
        "staff.signed_in",
    ]


def test_setting_it_up_gives_the_session_a_new_token_and_asks_the_others_for_a_code(
    held: Services, user: StaffUser
) -> None:
    other, _ = sign_in(held, user)
    before, _ = sign_in(held, user)
    _, after, codes = enrol(held, before)
    assert len(codes) == 10
    assert held.staff.sign_in.check(before, VISIT) is None
    assert check(held, after).standing is Standing.SIGNED_IN
    assert check(held, other).standing is Standing.AWAITS_CODE


def test_the_secret_is_encrypted_and_recovery_codes_are_digests(
    held: Services, user: StaffUser
) -> None:
    telephone, _, codes = enrol(held, sign_in(held, user)[0])
    with held.database.connection() as connection:
        stored = connection.execute(
            select(staff_users.c.totp_secret_encrypted).where(
                staff_users.c.tenant_id == user.tenant_id, staff_users.c.id == user.id
            )
        ).scalar_one()
        kept = connection.scalars(
            select(staff_recovery_codes.c.digest).where(
                staff_recovery_codes.c.tenant_id == user.tenant_id
            )
        ).all()
    assert telephone.secret.encode() not in bytes(stored)
    assert held.settings.encryption.decrypt(bytes(stored)).decode() == telephone.secret
    assert {len(bytes(item)) for item in kept} == {32}
    assert all(code.encode() not in bytes(item) for code in codes for item in kept)


def test_a_code_is_good_once(held: Services, user: StaffUser, clock: HeldClock) -> None:
    """RFC 6238 §5.2: The verifier MUST NOT accept the second attempt of the OTP."""
    telephone, _, _ = enrol(held, sign_in(held, user)[0])
    give = held.staff.second_factors.give
    # The code it was set up with is used up too.
    with pytest.raises(WrongCode):
        give(sign_in(held, user)[1], telephone.code(clock.now()), VISIT)
    clock.pass_time(seconds=30)
    code = telephone.code(clock.now())
    give(sign_in(held, user)[1], code, VISIT)
    with pytest.raises(WrongCode):
        give(sign_in(held, user)[1], code, VISIT)
    # Nor is an older one that nobody used.
    with pytest.raises(WrongCode):
        give(sign_in(held, user)[1], telephone.code(clock.now(), later=-1), VISIT)


def _at_once(work: Callable[[SignedIn], str], sessions: list[SignedIn]) -> list[str | Exception]:
    start = Barrier(len(sessions))

    def run(signed_in: SignedIn) -> str | Exception:
        start.wait()
        try:
            return work(signed_in)
        except WrongCode as refusal:
            return refusal

    with ThreadPoolExecutor(len(sessions)) as threads:
        return list(threads.map(run, sessions))


@pytest.mark.parametrize("kind", ["one-time", "recovery"])
def test_of_several_uses_of_one_code_at_once_one_succeeds(
    held: Services, user: StaffUser, clock: HeldClock, kind: str
) -> None:
    telephone, _, recovery_codes = enrol(held, sign_in(held, user)[0])
    clock.pass_time(seconds=30)
    code = telephone.code(clock.now()) if kind == "one-time" else recovery_codes[3]
    pending = [sign_in(held, user)[1] for _ in range(4)]
    results = _at_once(
        lambda signed_in: held.staff.second_factors.give(signed_in, code, VISIT), pending
    )
    assert sum(isinstance(result, str) for result in results) == 1


def test_two_codes_at_once_complete_one_session_once(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, _, recovery_codes = enrol(held, sign_in(held, user)[0])
    clock.pass_time(seconds=30)
    _, pending = sign_in(held, user)
    codes = iter([telephone.code(clock.now()), recovery_codes[0]])
    tokens = _at_once(
        lambda signed_in: held.staff.second_factors.give(signed_in, next(codes), VISIT),
        [pending, pending],
    )
    good = [
        token
        for token in tokens
        if isinstance(token, str) and held.staff.sign_in.check(token, VISIT) is not None
    ]
    assert len(good) == 1


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(
    held: Services, user: StaffUser
) -> None:
    _, _, codes = enrol(held, sign_in(held, user)[0])
    give = held.staff.second_factors.give
    signed_in = check(held, give(sign_in(held, user)[1], codes[0].upper(), VISIT))
    assert held.staff.second_factors.recovery_codes_left(signed_in) == 9
    with pytest.raises(WrongCode):
        give(sign_in(held, user)[1], codes[0], VISIT)
    used = [
        entry
        for entry in entries(held, user.tenant_id, user.subject)
        if entry["action"] == "staff.recovery_code_used"
    ]
    assert [changes(entry) for entry in used] == [{"recoveryCodesLeft": (10, 9)}]


def test_recovery_codes_are_renewed_by_a_one_time_code_only(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, token, old = enrol(held, sign_in(held, user)[0])
    factors, signed_in = held.staff.second_factors, check(held, token)
    caller = signed_in.caller(VISIT)
    clock.pass_time(seconds=30)
    with pytest.raises(WrongCode):
        factors.renew_recovery_codes(caller, signed_in, old[0])
    new = factors.renew_recovery_codes(caller, signed_in, telephone.code(clock.now()))
    assert len(set(new) - set(old)) == 10
    with pytest.raises(WrongCode):
        factors.give(sign_in(held, user)[1], old[1], VISIT)
    factors.give(sign_in(held, user)[1], new[1], VISIT)


def test_guessing_codes_must_wait_longer_and_longer(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, _, _ = enrol(held, sign_in(held, user)[0])
    clock.pass_time(minutes=5)
    give, (_, pending) = held.staff.second_factors.give, sign_in(held, user)
    wrong = Telephone("A" * 32).code(clock.now())
    for _ in range(5):
        with pytest.raises(WrongCode):
            give(pending, wrong, VISIT)
    with pytest.raises(TooManyStaffAttempts):
        give(pending, telephone.code(clock.now()), VISIT)
    # A fresh sign-in by the password does not count anew.
    with pytest.raises(TooManyStaffAttempts):
        give(sign_in(held, user)[1], telephone.code(clock.now()), VISIT)
    clock.pass_time(seconds=1)
    give(pending, telephone.code(clock.now()), VISIT)
    assert actions(held, user.tenant_id, user.subject).count("staff.code_refused") == 5


def test_a_right_password_waits_for_its_code_five_minutes(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, _, _ = enrol(held, sign_in(held, user)[0])
    token, pending = sign_in(held, user)
    clock.pass_time(minutes=5)
    assert held.staff.sign_in.check(token, VISIT) is None
    with pytest.raises(StaffSessionOver):
        held.staff.second_factors.give(pending, telephone.code(clock.now()), VISIT)


def test_required_lets_nobody_do_anything_before_it_is_set_up(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    with machine(settings, staff_second_factor="required") as strict:
        token, signed_in = sign_in(strict, hire(strict, merchant.tenant_id))
        assert signed_in.standing is Standing.MUST_ENROL
        assert signed_in.caller(VISIT).behaviors == frozenset()
        strict.staff.second_factors.decline(signed_in.caller(VISIT), signed_in)
        assert check(strict, token).standing is Standing.MUST_ENROL
        _, token, _ = enrol(strict, token)
        assert check(strict, token).standing is Standing.SIGNED_IN


def test_an_offer_that_was_declined_is_remembered(services: Services, merchant: Merchant) -> None:
    token, signed_in = sign_in(services, hire(services, merchant.tenant_id))
    assert signed_in.user.second_factor_offered_at is None
    services.staff.second_factors.decline(signed_in.caller(VISIT), signed_in)
    assert check(services, token).user.second_factor_offered_at is not None


def test_a_reset_signs_out_and_asks_for_a_new_one(held: Services, user: StaffUser) -> None:
    _, token, codes = enrol(held, sign_in(held, user)[0])
    _, pending = sign_in(held, user)
    system = Caller(user.tenant_id)
    held.staff.second_factors.reset(system, user.username)
    assert held.staff.sign_in.check(token, VISIT) is None
    with pytest.raises(NoSecondFactor):
        held.staff.second_factors.give(pending, codes[0], VISIT)
    again, signed_in = sign_in(held, user)
    assert signed_in.standing is Standing.MUST_ENROL
    enrol(held, again)
    for name in ("nobody", "no/bo@dy"):
        with pytest.raises(UnknownStaffUser):
            held.staff.second_factors.reset(system, name)


def test_a_reset_takes_it_from_a_disabled_staff_user_too(held: Services, user: StaffUser) -> None:
    enrol(held, sign_in(held, user)[0])
    system = Caller(user.tenant_id)
    held.staff.users.set_active(system, user.username, active=False)
    held.staff.second_factors.reset(system, user.username)
    assert not held.staff.users.other(system, user.id).has_second_factor


def test_setting_up_goes_by_its_order(held: Services, user: StaffUser, clock: HeldClock) -> None:
    factors = held.staff.second_factors
    token, signed_in = sign_in(held, user)
    other_token, _ = sign_in(held, user)
    caller = signed_in.caller(VISIT)
    with pytest.raises(NoSecondFactor):
        factors.shown(signed_in)
    factors.begin(signed_in)
    with pytest.raises(WrongCode):
        factors.confirm(caller, signed_in, "no code", VISIT)
    other = check(held, other_token)
    factors.begin(other)
    secrets = [Telephone(factors.shown(session)) for session in (signed_in, other)]
    assert secrets[0] != secrets[1]
    factors.confirm(caller, signed_in, secrets[0].code(clock.now()), VISIT)
    # Set up from two windows at once: the first counts.
    with pytest.raises(HasSecondFactor):
        factors.confirm(caller, other, secrets[1].code(clock.now()), VISIT)
    for use in (factors.begin, factors.shown):
        with pytest.raises(HasSecondFactor):
            use(check(held, other_token))
    assert held.staff.sign_in.check(token, VISIT) is None


def test_a_disabled_staff_user_cannot_complete_a_sign_in(
    held: Services, user: StaffUser, clock: HeldClock
) -> None:
    telephone, _, _ = enrol(held, sign_in(held, user)[0])
    clock.pass_time(seconds=30)
    _, pending = sign_in(held, user)
    held.staff.users.set_active(Caller(user.tenant_id), user.username, active=False)
    with pytest.raises(StaffSessionOver):
        held.staff.second_factors.give(pending, telephone.code(clock.now()), VISIT)
