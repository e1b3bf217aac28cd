"""What may befall workers and Valkey while sessions are checked and ended: each trouble comes, lasts and goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import redis

from authsvc.infra.valkey import TIMEOUT_SECONDS
from tests.live.freshness import PROMISE_SECONDS, SITE, Connections, Crowd


def stop_a_worker(crowd: Crowd, watched: Connections, changing: Connections) -> None:
    """What a worker remembers grows old while it stands still, and it is asked the moment it goes on."""
    worker, connection = crowd.chance.choice(list(watched.items()))
    other = next(each for pid, each in changing.items() if pid != worker)
    token = crowd.living()
    crowd.storefronts.check(token, SITE, at=connection)
    os.kill(worker, signal.SIGSTOP)
    try:
        crowd.sign_out(token, other)
        crowd.stopping.wait(PROMISE_SECONDS * 1.1)
        asked = time.monotonic()
        headers = {"x-vol-user-claims": token, "x-vol-site": str(crowd.storefronts.sites[SITE])}
        connection.request("GET", "/session", headers=headers)
    finally:
        os.kill(worker, signal.SIGCONT)
    answer = connection.getresponse()
    answer.read()
    crowd.note(worker, asked, {token: answer.status == 200})


def flush_valkey(crowd: Crowd, *_: Connections) -> None:
    """Copies and bars are gone, and so is what told of them."""
    with redis.from_url(crowd.house.servers.valkey_url) as valkey:
        valkey.flushall()


def pause_the_channel(crowd: Crowd, *_: Connections) -> None:
    """Copies are read on, while nobody can say or hear what has ended: for less than a time-out, and for longer."""
    with redis.from_url(crowd.house.servers.valkey_url) as valkey:
        for seconds in (TIMEOUT_SECONDS / 2, 2 * TIMEOUT_SECONDS):
            valkey.client_pause(int(seconds * 1000), all=False)
            crowd.stopping.wait(1.2 * seconds)


def replace_valkey(crowd: Crowd, *_: Connections) -> None:
    """Killed outright, away for a while, and back from what it had written down."""
    crowd.house.servers.valkey.kill()
    crowd.stopping.wait(0.5)
    crowd.house.servers.valkey.start()


def hang_valkey(crowd: Crowd, *_: Connections) -> None:
    """It takes what it is sent and says nothing: whoever tells of an end, and who wants to hear of it, waits."""
    valkey = crowd.house.servers.valkey.pid
    os.kill(valkey, signal.SIGSTOP)
    try:
        crowd.stopping.wait(PROMISE_SECONDS * 1.2)
    finally:
        os.kill(valkey, signal.SIGCONT)


TROUBLES: tuple[Callable[[Crowd, Connections, Connections], None], ...] = (
    stop_a_worker,
    flush_valkey,
    pause_the_channel,
    replace_valkey,
    hang_valkey,
)
