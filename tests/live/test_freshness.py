"""Design §4 under load and trouble: no worker calls a session good a second after its end was acknowledged.

Four workers of two instances are asked about a thousand sessions all the time, singly and many at once, while sessions
are signed out and accounts locked, disabled, moved and given new passwords, all at random; publishers are delayed,
Valkey's writes are paused, it is flushed, killed and hung, and workers are stopped. Only what was recorded is judged.
Taken away, the rule that all rests on is missed: the same test finds stale answers then.
`FRESHNESS_TEST_SECONDS` in the environment makes it go on for longer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator

import pytest

from tests.live.conftest import House
from tests.live.freshness import ENDS, Crowd, History
from tests.live.instances import Instance
from tests.live.storefronts import Storefronts
from tests.live.troubles import TROUBLES

SECONDS = float(os.environ.get("FRESHNESS_TEST_SECONDS", "4"))
# A machine that is busy with much else gets this long for what takes a second.
LONGEST_SECONDS = SECONDS + 60
KINDS = {"sign-out", "delayed", *(kind for kind, *_ in ENDS)}
# `authsvc serve` as it is, but that a look at what has ended is believed for ever.
WITHOUT_THE_RULE = (
    sys.executable,
    "-c",
    "from authsvc.infra import invalidation; invalidation.TRUST_SECONDS = 1e9; "
    "from authsvc.cli import main; main()",
)


def watch(crowd: Crowd) -> History:
    """Let all troubles come, again and again, until every way to end sessions was taken; a stale answer ends it."""
    with crowd.watching() as (watched, changing):
        began = time.monotonic()

        def goes_on() -> bool:
            passed = time.monotonic() - began
            return passed < SECONDS or (crowd.history.kinds != KINDS and passed < LONGEST_SECONDS)

        while goes_on() and not crowd.history.stale():
            for trouble in crowd.chance.sample(TROUBLES, len(TROUBLES)):
                crowd.keep_open(watched, changing)
                trouble(crowd, watched, changing)
                if crowd.history.stale():
                    break
    assert crowd.failures == []
    history = crowd.history
    found = {"answers": len(history.seen), "ended": len(history.ended), "stale": history.stale()}
    print(json.dumps(found))  # noqa: T201
    return history


def test_no_worker_calls_a_session_good_a_second_after_its_end(
    house: House, storefronts: Storefronts
) -> None:
    history = watch(Crowd.of(house, storefronts, house.instances, SECONDS))
    assert history.stale() == []
    # It was worth watching: sessions ended in every way, and every worker was seen to notice.
    assert history.kinds == KINDS
    assert len(history.ended) > 100
    assert history.ending_seen_by() == {
        worker for instance in house.instances for worker in instance.workers()
    }


@pytest.fixture(name="trusting")
def _trusting(house: House) -> Iterator[Instance]:
    """An instance of one worker that believes a look for ever."""
    instance = house.new_instance("trusting", WITHOUT_THE_RULE, AUTHSVC_WORKERS="1")
    instance.start()
    instance.await_ready()
    yield instance
    instance.put_away()


def test_without_the_rule_the_same_finds_stale_answers(
    house: House, storefronts: Storefronts, trusting: Instance
) -> None:
    history = watch(Crowd.of(house, storefronts, [trusting], SECONDS))
    assert history.stale()
