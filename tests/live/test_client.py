"""Design §4 in another service's process: what it keeps is never given a second after the end was acknowledged.

Two services, one with threads and one on asyncio, follow one instance of two workers, while sessions end on the other
instance and the stream is stopped, killed and hung. With `TRUST_SECONDS = 1e9` in `client/kept_answers.py` this fails.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from authsvc.client import (
    Application,
    AsyncClient,
    CannotTell,
    Client,
    Misconfigured,
    NotSignedIn,
    OtherCustomerSet,
    Session,
    SessionEnded,
    UnknownSite,
)
from tests.live.callers import PROMISE_SECONDS, Callers, follower_of, url_of
from tests.live.conftest import House
from tests.live.instances import Instance, wait_until
from tests.live.storefronts import Storefronts

SITE = "Mystic Kids"
WHO = ("threads", "asyncio")
# A program that answers each line with what came of one check.
SERVICE = """
import sys
from authsvc.client import Application, Client, ClientError
url, client_id, secret, token, site = sys.argv[1:]
client = Client(url, application=Application(client_id, secret), timeout_seconds=0.3)
for line in sys.stdin:
    try:
        client.check(token, int(site))
        print(f"good {client.is_following()} {len(client._kept)}", flush=True)
    except ClientError as error:
        print(type(error).__name__, flush=True)
"""


@contextmanager
def stopped(*processes: int) -> Iterator[None]:
    """Hold processes still: they take what they are sent and say nothing."""
    for each in processes:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in processes:
            os.kill(each, signal.SIGCONT)


def stopped_workers(house: House, callers: Callers) -> None:
    """Nobody answers: the services give what they kept, as nobody else could, and then nothing."""
    token = callers.tokens[-1]

    def outcomes(since: float) -> list[list[type]]:
        return [callers.outcomes(who, token, since) for who in WHO]

    for _ in range(3):
        with stopped(*house.instances[0].workers()):
            began = time.monotonic()
            wait_until(
                lambda began=began: all(CannotTell in each for each in outcomes(began)),  # type: ignore[misc]
                "the services refuse",
            )
        if all(each[0] is Session for each in outcomes(began)):
            return
        # The machine was so busy that one of them had no news for a second before.
        since = time.monotonic()
        wait_until(
            lambda since=since: all(Session in each for each in outcomes(since)),  # type: ignore[misc]
            "it goes on",
        )
    pytest.fail("what was kept was never given")


def hung_valkey(house: House, _callers: Callers) -> None:
    """Nobody can say any more what has ended."""
    with stopped(house.servers.valkey.pid):
        time.sleep(PROMISE_SECONDS * 1.4)


def killed_valkey(house: House, _callers: Callers) -> None:
    """Another run of Valkey knows nothing of what the last one listed."""
    house.servers.valkey.kill()
    time.sleep(PROMISE_SECONDS * 0.4)
    house.servers.valkey.start()


def test_nothing_is_good_in_a_services_process_a_second_after_its_end(
    house: House, storefronts: Storefronts
) -> None:
    ended: dict[str, float] = {}
    troubles = (stopped_workers, hung_valkey, killed_valkey)
    shoppers = [storefronts.new_shopper() for _ in range(len(troubles) + 2)]
    # The first is checked by its JWT, the last stays.
    tokens = [shoppers[0].jwt, *(shopper.access_token for shopper in shoppers[1:])]
    left = iter(range(len(shoppers)))

    def end_one() -> None:
        at = next(left)
        answer = storefronts.call(
            "DELETE",
            "/session",
            shopper=shoppers[at].access_token,
            site=SITE,
            at=house.instances[1],
        )
        assert answer.status == 204, answer.body
        ended[tokens[at]] = time.monotonic()

    application = follower_of(house.services, storefronts.tenant_id)
    with Callers(
        url_of(house.instances[0]), application, tokens, storefronts.sites[SITE]
    ) as callers:

        def all_good(since: float) -> bool:
            going_on = [token for token in tokens if token not in ended]
            return all(
                Session in callers.outcomes(who, token, since) for who in WHO for token in going_on
            )

        wait_until(lambda: all_good(time.monotonic() - 0.5), "answers are kept")
        # Nothing is kept in the first second: wait until it has been.
        time.sleep(PROMISE_SECONDS * 1.3)
        end_one()
        for trouble in troubles:
            await_end = _meanwhile(end_one, after=0.15)
            trouble(house, callers)
            await_end()
            since = time.monotonic()
            wait_until(lambda since=since: all_good(since), "it goes on afterwards")  # type: ignore[misc]
        time.sleep(PROMISE_SECONDS)
    assert callers.failures == []
    stale = [
        f"{each.who}: good {each.asked - ended[each.token]:.2f} s after the end"
        for each in callers.seen
        if each.outcome is Session
        and each.asked > ended.get(each.token, each.asked) + PROMISE_SECONDS
    ]
    assert stale == []
    # It was worth watching: each saw each session good, and ended.
    assert len(ended) == len(shoppers) - 1
    for who in WHO:
        for token in tokens[:-1]:
            assert {Session, SessionEnded} <= set(callers.outcomes(who, token))


def _meanwhile(work: Callable[[], None], after: float) -> Callable[[], None]:
    """Do something in a thread a little later; returns what waits for it, and raises what it raised."""

    def run() -> None:
        time.sleep(after)
        work()

    pool = ThreadPoolExecutor(1)
    future = pool.submit(run)
    pool.shutdown(wait=False)
    return future.result


def test_a_service_that_stood_still_trusts_nothing_it_kept(
    house: House, storefronts: Storefronts
) -> None:
    """It is asked the moment it goes on: neither what it kept nor news that waited for it is of use."""
    shopper = storefronts.new_shopper()
    application = follower_of(house.services, storefronts.tenant_id)
    service = subprocess.Popen(
        [
            *(sys.executable, "-c", SERVICE, url_of(house.instances[0])),
            *(application.client_id, application.shared_secret),
            *(shopper.access_token, str(storefronts.sites[SITE])),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert service.stdin is not None
    assert service.stdout is not None
    with service, service.stdin as questions, service.stdout as answers:

        def ask() -> str:
            questions.write("?\n")
            questions.flush()
            return answers.readline().strip()

        wait_until(lambda: ask() == "good True 1", "the answer is kept")
        # The server stands still too, so that only what is kept could answer.
        with stopped(*house.instances[0].workers()):
            assert ask() == "good True 1"
            with stopped(service.pid):
                answer = storefronts.call(
                    "DELETE",
                    "/session",
                    shopper=shopper.access_token,
                    site=SITE,
                    at=house.instances[1],
                )
                assert answer.status == 204
                time.sleep(PROMISE_SECONDS * 1.1)
                questions.write("?\n")
                questions.flush()
            assert answers.readline().strip() == "CannotTell"
        wait_until(lambda: ask() == "SessionEnded", "it is told")


def test_a_child_shares_neither_connections_nor_answers(
    house: House, storefronts: Storefronts
) -> None:
    """A server that forks its workers after the client was made: each follows by itself."""
    shopper = storefronts.new_shopper()
    application = follower_of(house.services, storefronts.tenant_id)
    program = SERVICE.replace(
        "for line", "client.check(token, int(site)); import os; os.fork() and os.wait()\nfor line"
    )
    run = subprocess.run(
        [
            *(sys.executable, "-c", program, url_of(house.instances[0])),
            *(application.client_id, application.shared_secret),
            *(shopper.access_token, str(storefronts.sites[SITE])),
        ],
        input="?\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    # In its first second a process keeps nothing; what the parent kept is not there.
    assert run.stdout.strip() in {"good False 0", "good True 0"}


def test_each_answer_says_what_to_do(house: House, storefronts: Storefronts) -> None:
    shopper, other = storefronts.new_shopper(), storefronts.new_shopper()
    sports, parts = storefronts.sites["Mystic Sports"], storefronts.sites["Mystic Parts"]
    asked = [shopper.jwt, "1001s~" + "x" * 43, "no token\r\nX: y", shopper.access_token]
    url = url_of(house.instances[0])

    with Client(url, tenant_id=storefronts.tenant_id) as client:
        session = client.check(shopper.access_token, sports)
        assert (session.account_id, session.customer_set) == (shopper.account_id, "b2c")
        assert (session.site_id, session.methods) == (sports, ("new_account",))
        assert client.check(shopper.jwt).user_id == session.user_id
        for token, site, error in (
            (shopper.access_token, parts, OtherCustomerSet),
            (shopper.access_token, 999_999, UnknownSite),
            (asked[1], sports, NotSignedIn),
            (asked[2], sports, NotSignedIn),
            ("", sports, NotSignedIn),
        ):
            with pytest.raises(error):
                client.check(token, site)
        answers = client.check_many(asked, sports)
        assert [type(each) for each in answers] == [Session, NotSignedIn, NotSignedIn, Session]
        # More than go into one call, and no two alike.
        many = client.check_many([other.access_token, *(f"1001s~{n:043}" for n in range(1_500))])
        assert [type(each) for each in many] == [Session, *[NotSignedIn] * 1_500]
    with Client(url, tenant_id=storefronts.tenant_id + 1) as client, pytest.raises(NotSignedIn):
        client.check(shopper.access_token)

    async def the_same_on_asyncio() -> None:
        async with AsyncClient(url) as client:
            found = await asyncio.gather(*(client.check(shopper.jwt, sports) for _ in range(20)))
            assert {each.account_id for each in found} == {shopper.account_id}
            assert [type(each) for each in await client.check_many(asked, sports)] == [
                *(Session, NotSignedIn, NotSignedIn, Session)
            ]
            with pytest.raises(OtherCustomerSet):
                await client.check(shopper.access_token, parts)
            # A task that is given up takes its connection with it: nobody gets another's answer.
            given_up = asyncio.create_task(client.check(other.access_token, sports))
            await asyncio.sleep(0)
            given_up.cancel()
            session = await client.check(shopper.access_token, sports)
            assert session.account_id == shopper.account_id

    asyncio.run(the_same_on_asyncio())


def test_an_application_that_may_not_follow_still_checks(
    house: House, storefronts: Storefronts, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once, and no log line of the library holds a token."""
    caplog.set_level("DEBUG")
    shopper = storefronts.new_shopper()
    with Client(
        url_of(house.instances[0]), application=Application("1.x", "not-the-secret")
    ) as client:
        wait_until(lambda: "not followed" in caplog.text, "it is said")
        assert client.check(shopper.access_token, storefronts.sites[SITE]).account_id
        assert not client.is_following()
    assert shopper.access_token not in caplog.text
    assert "not-the-secret" not in caplog.text


def test_no_server_lets_nobody_in(house: House, storefronts: Storefronts) -> None:
    token = storefronts.new_shopper().access_token
    nobody = Instance(house.folder / "none.log", house.variables)
    with Client(url_of(nobody)) as client, pytest.raises(CannotTell):
        client.check(token)
    for url in ("auth.example.com", "ftp://auth.example.com", "http://u:p@auth.example.com", ""):
        with pytest.raises(Misconfigured):
            Client(url)
