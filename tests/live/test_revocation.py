"""Design §4: what ends a session is in force on every worker of every instance within a second of its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest

from tests.live.conftest import House
from tests.live.storefronts import Answer, Shopper, Storefronts
from tests.merchants import PASSWORD

PROMISE_SECONDS = 1.0
# Every worker is asked again and again until then, so that a good answer that comes back late is seen too.
WATCHED_SECONDS = 1.5

End = Callable[[Storefronts, Shopper], Answer]


def sign_out(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("DELETE", "/session", shopper=shopper.access_token, site="Mystic Kids")


def lock(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("POST", f"accounts/{shopper.account_id}/set-login-locked", True)


def disable(storefronts: Storefronts, shopper: Shopper) -> Answer:
    action = {"actionName": "DisableAccount"}
    return storefronts.call("POST", f"accounts/{shopper.account_id}/action", action)


def change_password(storefronts: Storefronts, shopper: Shopper) -> Answer:
    change = {"oldPassword": PASSWORD, "newPassword": "Another-2026"}
    return storefronts.call("POST", f"accounts/{shopper.account_id}/change-password", change)


def delete(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("DELETE", f"accounts/{shopper.account_id}")


def move(storefronts: Storefronts, shopper: Shopper) -> Answer:
    return storefronts.call("PUT", f"accounts/{shopper.account_id}", {"customerSet": "b2b"})


def assert_refused_soon(
    storefronts: Storefronts, workers: list[HTTPConnection], token: str, site: str = "Mystic Kids"
) -> None:
    """Every worker refuses the session within the second."""
    by = time.monotonic() + PROMISE_SECONDS
    for worker in workers:
        while storefronts.check(token, site, at=worker).status != 401:
            assert time.monotonic() < by


@pytest.fixture(name="workers")
def _workers(house: House) -> Iterator[list[HTTPConnection]]:
    """An open connection to each worker of each instance."""
    connections = [
        connection for instance in house.instances for connection in instance.connections().values()
    ]
    assert len(connections) == 4
    yield connections
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("end", [sign_out, lock, disable, change_password, delete, move])
def test_an_end_is_in_force_on_every_worker_within_a_second(
    storefronts: Storefronts, workers: list[HTTPConnection], end: End
) -> None:
    shopper = storefronts.new_shopper()
    for shown in (shopper.access_token, shopper.jwt):
        for worker in workers:
            assert storefronts.check(shown, at=worker).status == 200
    # Whoever asks from another instance than the one that ends it is told as soon.
    assert end(storefronts, shopper).status in {200, 204}
    ended = time.monotonic()
    last_good = 0.0
    while (asked := time.monotonic() - ended) < WATCHED_SECONDS:
        for shown in (shopper.access_token, shopper.jwt):
            for worker in workers:
                answer = storefronts.check(shown, at=worker)
                assert answer.status in {200, 401}
                if answer.status == 200:
                    last_good = asked
    assert last_good < PROMISE_SECONDS


def test_a_moved_account_takes_its_session_to_the_sites_of_its_new_set(
    storefronts: Storefronts, workers: list[HTTPConnection]
) -> None:
    """Rule 13: the account's set now, compared with the site's set now."""
    shopper = storefronts.new_shopper()
    for worker in workers:
        assert storefronts.check(shopper.access_token, "Mystic Kids", at=worker).status == 200
        assert storefronts.check(shopper.access_token, "Mystic Parts", at=worker).status == 401
    assert move(storefronts, shopper).status == 200
    for worker in workers:
        # A remembered session never keeps a new door closed.
        assert storefronts.check(shopper.access_token, "Mystic Parts", at=worker).status == 200
    assert_refused_soon(storefronts, workers, shopper.access_token)


def test_the_session_that_changes_its_password_goes_on_and_all_others_end(
    storefronts: Storefronts, workers: list[HTTPConnection]
) -> None:
    shopper = storefronts.new_shopper()
    other = storefronts.sign_in(shopper.username, "Mystic Kids").json["accessToken"]
    for worker in workers:
        assert storefronts.check(other, at=worker).status == 200
    change = {"oldPassword": PASSWORD, "newPassword": "Another-2026"}
    path = f"accounts/{shopper.account_id}/change-password"
    answer = storefronts.call(
        "POST", path, change, shopper=shopper.access_token, site="Mystic Kids"
    )
    assert answer.status == 200, answer.body
    for worker in workers:
        assert storefronts.check(shopper.access_token, at=worker).status == 200
    assert_refused_soon(storefronts, workers, other)


def test_a_refresh_token_shown_again_after_the_grace_ends_the_session_everywhere(
    house: House, storefronts: Storefronts, workers: list[HTTPConnection]
) -> None:
    """Design §4; here with an instance that knows no grace."""
    strict = house.new_instance("strict", AUTHSVC_REFRESH_GRACE_SECONDS="0", AUTHSVC_WORKERS="1")
    strict.start()
    try:
        strict.await_ready()
        shopper = storefronts.new_shopper()
        successor = storefronts.refresh(shopper.refresh_token, "Mystic Kids", at=strict).json
        for worker in workers:
            assert storefronts.check(successor["accessToken"], at=worker).status == 200
        assert storefronts.refresh(shopper.refresh_token, "Mystic Kids", at=strict).status == 404
        for token in (successor["accessToken"], shopper.access_token):
            assert_refused_soon(storefronts, workers, token)
        answer = storefronts.refresh(successor["refreshToken"], "Mystic Kids")
        assert answer.status == 404
    finally:
        strict.put_away()
