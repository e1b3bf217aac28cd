"""Valkey Cluster: what is touched together is on one primary, and losing one costs its own tokens' copies only."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr

from authsvc.embedded.valkey_cluster import EmbeddedCluster
from authsvc.guessing.attempts import Attempt
from authsvc.guessing.counts import ValkeyCounts
from authsvc.guessing.origins import Origin
from authsvc.guessing.rules import Door
from authsvc.guessing.use_cases import limits_of
from authsvc.infra.token_records import TokenRecords
from authsvc.infra.valkey import ValkeyUnavailable
from authsvc.infra.valkey_cluster import TAGS, ValkeyCluster, connect_valkey
from authsvc.settings import Settings
from authsvc.tokens import Audience, TokenReference, reference
from tests.live.instances import wait_until
from tests.machines import machine, on
from tests.merchants import Merchant

TOKENS = 60


@pytest.fixture(scope="module", name="cluster")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """Three primaries, none of which has a replica."""
    with EmbeddedCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture(name="valkey")
def _valkey(cluster: EmbeddedCluster) -> Iterator[ValkeyCluster]:
    valkey = connect_valkey(cluster.url)
    assert isinstance(valkey, ValkeyCluster)
    yield valkey
    valkey.close()


def process(valkey: ValkeyCluster) -> TokenRecords:
    """Return what one process knows, after its follower has looked."""
    records = TokenRecords(valkey, prefix=f"test-{uuid4().hex}")
    look(records)
    return records


def look(records: TokenRecords) -> tuple[bool, list[bytes]]:
    """Look as a follower does; return whether all is known that was barred since, and what that is."""
    records.recognise_server()
    heard = records.barred_since_last()
    return heard.complete, [digest for bar in heard.bars for digest in bar.digests]


def new_tokens() -> list[TokenReference]:
    return [TokenReference(1, os.urandom(32)) for _ in range(TOKENS)]


def kept(records: TokenRecords, tokens: list[TokenReference]) -> list[TokenReference]:
    """Keep what PostgreSQL would say of each, and return of which there is a copy then."""
    answers = [(token, token.digest) for token in tokens]
    records.put_many(answers, records.question(datetime.now(UTC)))
    return [token for token in tokens if records.get(token) == token.digest]


def test_every_primary_has_the_same_share_of_all_tags(valkey: ValkeyCluster) -> None:
    runs = list(valkey.runs().values())
    assert len(runs) == TAGS
    assert sorted(runs.count(run) for run in set(runs)) == [TAGS // 3] * 3


def test_copies_and_bars_of_many_tokens_are_spread_and_listed(valkey: ValkeyCluster) -> None:
    one = process(valkey)
    tokens = new_tokens()
    assert kept(one, tokens) == tokens
    assert one.get_many(tokens) == [token.digest for token in tokens]
    void = tokens[::2]
    one.bar(1, [token.digest for token in void])
    assert [one.get(token) is None for token in tokens] == [token in void for token in tokens]
    assert look(one) == (True, [token.digest for token in void])
    # A bar gives way to no copy.
    assert kept(one, tokens) == tokens[1::2]


def test_a_primary_that_is_flushed_keeps_nothing_that_was_asked_for_before(
    cluster: EmbeddedCluster, valkey: ValkeyCluster
) -> None:
    """Its bars are gone."""
    one = process(valkey)
    question = one.question(datetime.now(UTC))
    cluster.primaries[1].tell("FLUSHALL")
    tokens = new_tokens()
    one.put_many([(token, token.digest) for token in tokens], question)
    found = [token for token in tokens if one.get(token) is not None]
    assert 0 < len(found) < TOKENS


def test_failed_attempts_are_counted(valkey: ValkeyCluster, settings: Settings) -> None:
    counts, now, name = ValkeyCounts(valkey, limits_of(settings)), datetime.now(UTC), uuid4().hex
    origin = Origin("198.51.100.0/24")
    first, second = (
        counts.begin(Attempt(Door.PASSWORD, origin, 1, "b2c", 101, name), now) for _ in range(2)
    )
    counts.fail(first, now)
    assert counts.standing(1, "b2c", name, now).count == 2
    counts.take_back(second, now, good=True)
    assert counts.standing(1, "b2c", name, now).count == 0


def test_a_session_is_checked_and_ended_on_every_machine(
    cluster: EmbeddedCluster, settings: Settings, merchant: Merchant
) -> None:
    url = SecretStr(cluster.url)
    with machine(settings, valkey_url=url) as here, machine(settings, valkey_url=url) as there:
        for each in (here, there):
            each.invalidation.follow()
        ticket = on(here, merchant).sign_up("stacy@mail.com", "Mystic Sports")
        token = reference(ticket.tokens.access_token, Audience.SHOPPER)
        assert token is not None
        record = here.sessions.records.fresh(token)
        assert record is not None
        assert there.sessions.records.remembered(token) == record
        here.sessions.sign_out(on(here, merchant).caller(), record.session_id)
        there.invalidation.follow()
        assert there.invalidation.trusted()
        assert there.sessions.records.remembered(token) is None


def test_a_lost_primary_costs_its_own_copies_and_holds_no_end_back(
    cluster: EmbeddedCluster, valkey: ValkeyCluster
) -> None:
    """Not the first: that one has the list of bars, and without it no process goes by what it remembers."""
    one = process(valkey)
    tokens = new_tokens()
    assert kept(one, tokens) == tokens
    os.kill(cluster.primaries[2].pid, signal.SIGSTOP)
    try:
        # The first to ask waits for its time-out. Nobody else does.
        one.get_many(tokens)
        began = time.monotonic()
        left = [token for token in tokens if one.get(token) is not None]
        assert time.monotonic() - began < 0.5
        assert 0 < len(left) < TOKENS
        gone = next(token for token in tokens if token not in left)
        with pytest.raises(ValkeyUnavailable):
            one.bar(1, [gone.digest])
        # All who remember it themselves hear of it, and of the copy nobody reads who could not bar it.
        assert look(one) == (True, [gone.digest])
    finally:
        os.kill(cluster.primaries[2].pid, signal.SIGCONT)
    assert one.get(gone) is None


def test_copies_of_a_primary_that_takes_no_bars_are_not_read_until_it_has_taken_them(
    cluster: EmbeddedCluster, valkey: ValkeyCluster
) -> None:
    """It still hands out its copies: a full disk, or no replica where it wants one."""
    wait_until(lambda: len(valkey.runs()) == TAGS, "all primaries answer")
    one = process(valkey)
    tokens = new_tokens()
    assert kept(one, tokens) == tokens
    cluster.primaries[2].tell("CONFIG", "SET", "min-replicas-to-write", 1)
    try:
        refused = []
        for token in tokens:
            try:
                one.bar(1, [token.digest])
            except ValkeyUnavailable:
                refused.append(token)
        assert 0 < len(refused) < TOKENS
        assert not any(one.get_many(refused))
        # Its next look has found the primary, and not told it yet.
        one.recognise_server()
        assert not any(one.get_many(refused))
        with pytest.raises(ValkeyUnavailable):
            one.bar(1, [token.digest for token in refused])
        one.barred_since_last()
        assert not any(map(one.get, refused))
    finally:
        cluster.primaries[2].tell("CONFIG", "SET", "min-replicas-to-write", 0)
    look(one)
    one.bar(1, [token.digest for token in refused])
    assert not any(one.get_many(tokens))


def test_slots_that_move_are_found_where_they_are(
    cluster: EmbeddedCluster, valkey: ValkeyCluster
) -> None:
    """The list of bars among them; what was kept in its old place is not believed in the new one."""
    one = process(valkey)
    source, target = cluster.primaries[0], cluster.primaries[1]
    wait_until(lambda: len(valkey.runs()) == TAGS, "all primaries answer")
    look(one)
    tokens = new_tokens()
    assert kept(one, tokens) == tokens
    # The first tags' slots, by Valkey 9's own way of moving them.
    target_id = target.tell("CLUSTER", "MYID")
    source.tell("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", 0, 600, "NODE", target_id)

    def noticed() -> bool:
        try:
            return not look(one)[0]
        except ValkeyUnavailable:
            # What is asked of the wrong primary is refused by it.
            return False

    wait_until(noticed, "the list's new place is noticed")
    assert look(one) == (True, [])
    one.bar(1, [tokens[0].digest])
    assert look(one) == (True, [tokens[0].digest])
    assert kept(one, tokens) == tokens[1:]
