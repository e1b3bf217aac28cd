"""Sign-ins at the same moment as others, and as what should stop them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from authsvc.callers import Caller
from authsvc.credentials.hashing import PasswordHashing
from authsvc.errors import Forbidden
from authsvc.services import Services
from authsvc.settings import Settings
from authsvc.staff.attempt_rules import TooManyStaffAttempts
from authsvc.staff.rules import Role, StaffUser
from authsvc.staff.service import StaffUsers
from authsvc.staff.sign_in import BadStaffCredentials
from tests.clock import HeldClock
from tests.machines import machine
from tests.merchants import Merchant
from tests.overlaps import DEADLINE_SECONDS, meanwhile
from tests.staff.people import OTHER_PASSWORD, PASSWORD, VISIT, hire, sign_in

AT_ONCE = 16
FREE = 5


class Interrupted(PasswordHashing):
    """Real hashing, and something that happens just after a password was found right."""

    def __init__(self, real: PasswordHashing, happens: Callable[[], object]) -> None:
        self._real = real
        self._happens = happens

    def matches(
        self,
        stored_hash: str | None,
        prepared: str,
        *,
        or_as: str | None = None,
        beside: Callable[[], bool] | None = None,
    ) -> bool:
        """Compare, and let it happen."""
        found = self._real.matches(stored_hash, prepared, or_as=or_as, beside=beside)
        self._happens()
        return found

    def is_outdated(self, stored_hash: str) -> bool:
        """Ask the real one."""
        return self._real.is_outdated(stored_hash)


def test_guesses_at_once_all_count(
    settings: Settings, services: Services, merchant: Merchant
) -> None:
    """However many connections an attacker opens, the free guesses are as few as one after the other."""
    user = hire(services, merchant.tenant_id)
    start = Barrier(AT_ONCE)

    with machine(settings, HeldClock()) as held:

        def guess(_: int) -> type[Exception]:
            start.wait()
            with pytest.raises((BadStaffCredentials, TooManyStaffAttempts)) as refusal:
                sign_in(held, user, "Wrong-Password-42")
            return type(refusal.value)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            results = list(threads.map(guess, range(AT_ONCE)))
    assert results.count(BadStaffCredentials) == FREE
    assert results.count(TooManyStaffAttempts) == AT_ONCE - FREE


def _disable(services: Services, user: StaffUser) -> None:
    services.staff.users.set_active(Caller(user.tenant_id), user.username, active=False)


def _reset(services: Services, user: StaffUser) -> None:
    services.staff.users.reset_password(Caller(user.tenant_id), user.username, OTHER_PASSWORD)


@pytest.mark.parametrize("stop", [_disable, _reset])
def test_who_is_stopped_while_the_password_is_compared_gets_no_session(
    services: Services, merchant: Merchant, stop: Callable[[Services, StaffUser], None]
) -> None:
    user = hire(services, merchant.tenant_id)
    use = services.staff.sign_in
    late = replace(use, hashing=Interrupted(use.hashing, lambda: stop(services, user)))
    with pytest.raises(BadStaffCredentials):
        late.sign_in(user.tenant_id, user.username, PASSWORD, VISIT)
    assert use.sessions.open_sessions(user.tenant_id, user.id, services.clock()) == []


@pytest.mark.parametrize(
    "stop",
    [
        lambda users, caller, name: users.set_active(caller, name, active=False),
        lambda users, caller, name: users.set_role(caller, name, Role.AUDITOR),
    ],
    ids=["locked", "another role"],
)
def test_of_two_administrators_who_stop_each_other_at_once_one_stays(
    services: Services, merchant: Merchant, stop: Callable[[StaffUsers, Caller, str], None]
) -> None:
    users = services.staff.users
    anna, bob = (hire(services, merchant.tenant_id) for _ in range(2))
    with (
        meanwhile(
            services,
            lambda: stop(users, anna.caller(None, None), bob.username),
            lambda: stop(users, bob.caller(None, None), anna.username),
        ) as second,
        pytest.raises(Forbidden),
    ):
        second.result(DEADLINE_SECONDS)
    stay = [user for user in users.users(merchant.tenant_id) if user.behaviors == anna.behaviors]
    assert [user.username for user in stay] == [anna.username]
