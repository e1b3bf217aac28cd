"""Valkey's copies of what PostgreSQL says about tokens: read often, believed briefly, never the record.

A copy lives `RECORD_SECONDS` from the moment PostgreSQL was *asked*, not from when it was written here, and is
written only where nothing stands: a process that was stopped between asking and writing can bring back nothing
that has been barred meanwhile (design §4). Each copy belongs to one run of the server, which is part of its key, and
is given only to the run there was when PostgreSQL was asked: a server that comes back from a snapshot, or a replica
that takes over, may have lost a bar, so what was kept before does not exist for it.

Where a change touches more tokens than can be barred one by one, all copies are made void at once: each says under
which generation PostgreSQL was asked, and a process believes none of an older one than it knows of. The number is in
PostgreSQL, and every process looks at it as often as it must to believe copies at all (`infra/invalidation.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from authsvc.infra.barred_tokens import Bar, Heard
from authsvc.infra.token_places import NOWHERE, Place, TokenPlaces
from authsvc.infra.valkey import Command, Servers, ValkeyAway, ValkeyUnavailable
from authsvc.tokens import TokenReference

# The hard maximum age of a copy: no lost message matters for longer (design §4).
RECORD_SECONDS = 60
# A bar outlives every copy that may have been read before it was raised, with room for clocks that differ.
BAR_SECONDS = RECORD_SECONDS + 30

# How far back the list of bars reaches: longer than a process remembers anything (`process_copies.PROCESS_SECONDS`).
BARS_LISTED_SECONDS = 120
BARS_AT_ONCE = 1_000

_DIGEST_BYTES = 32
_BARRED = b"-"
# What reading a copy raises that another release made: it has other fields, or other values in them.
UNREADABLE = (ValueError, TypeError, LookupError)

# A copy gives way to one of a newer generation only, and a bar to none. Bars that were flushed away take with them the
# mark that there was when PostgreSQL was asked.
_PUT = b"""if redis.call('GET', KEYS[2]) ~= ARGV[4] then
    return 0
end
local held = redis.call('GET', KEYS[1])
if not held or (held ~= '-' and tonumber(string.match(held, '^%d+')) < tonumber(ARGV[1])) then
    redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
end
return 1"""
# By the server's own clock, so that no machine whose clock is ahead takes away what others have not read.
# An entry's one field is called after the tenant whose tokens they are.
_LIST = b"""local before = (redis.call('TIME')[1] - ARGV[2]) * 1000
return redis.call('XADD', KEYS[1], 'MINID', '~', before, '*', ARGV[3], ARGV[1])"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """When PostgreSQL is asked, under which generation, and the places that may keep the answer."""

    asked_at: datetime
    places: Mapping[bytes, Place]
    generation: int


class TokenRecords:
    """Copies of token records in Valkey, by tenant and digest; values are bytes the caller understands."""

    def __init__(self, valkey: Servers, prefix: str = "authsvc") -> None:
        """Keep copies under `prefix` in `valkey`."""
        self._places = TokenPlaces(valkey, prefix)
        self._generation = 0
        self._list = NOWHERE
        self._last_bar = b"0"

    def get(self, token: TokenReference) -> bytes | None:
        """Return the copy; None when there is none, it is barred, or Valkey does not answer: ask PostgreSQL."""
        place = self._places.of(token.digest)
        if place is NOWHERE:
            return None

        def key(run: bytes) -> bytes:
            if run != place.run:
                raise ValkeyAway("another run was reached than was recognised")
            return self._places.key(run, token.tenant_id, token.digest)

        try:
            value = self._places.server(token.digest).get(key)
        except ValkeyAway:
            return None
        except ValkeyUnavailable as failure:
            log.warning("valkey_read_failed", error=type(failure).__name__)
            return None
        return self._believed(value)

    def get_many(self, tokens: Sequence[TokenReference]) -> list[bytes | None]:
        """Return what `get` does of each token, in order, for one journey to each server."""
        found: list[bytes | None] = [None] * len(tokens)
        for server, numbers in self._places.by_server([each.digest for each in tokens]).items():
            asked: list[int] = []

            def read(
                run: bytes, numbers: Sequence[int] = numbers, asked: list[int] = asked
            ) -> list[Command]:
                asked[:] = [
                    number
                    for number in numbers
                    if self._places.of(tokens[number].digest).run == run
                ]
                return [
                    ("GET", self._places.key(run, tokens[number].tenant_id, tokens[number].digest))
                    for number in asked
                ]

            try:
                values = server.ask(read)
            except ValkeyAway:
                continue
            except ValkeyUnavailable as failure:
                log.warning("valkey_read_failed", error=type(failure).__name__)
                continue
            for number, value in zip(asked, values, strict=True):
                found[number] = self._believed(value)
        return found

    def _believed(self, value: bytes | None) -> bytes | None:
        if value is None or value == _BARRED:
            return None
        generation, _, record = value.partition(b" ")
        return record if int(generation) >= self._generation else None

    def question(self, now: datetime) -> Question:
        """Begin to ask PostgreSQL at `now`; what it answers may be `put`."""
        return Question(now, self._places.known, self._generation)

    def put(self, token: TokenReference, record: bytes, question: Question) -> None:
        """Keep what PostgreSQL answered to a question; without Valkey, or with another run of it, keep nothing."""
        self.put_many([(token, record)], question)

    def put_many(self, answers: Sequence[tuple[TokenReference, bytes]], question: Question) -> None:
        """Keep all that PostgreSQL answered to one question, as `put` does, in one journey to each server."""
        dies_at = int((question.asked_at + timedelta(seconds=RECORD_SECONDS)).timestamp() * 1000)
        for server, numbers in self._places.by_server(
            [token.digest for token, _ in answers]
        ).items():

            def copy(run: bytes, numbers: Sequence[int] = numbers) -> list[Command]:
                commands: list[Command] = []
                for token, record in (answers[number] for number in numbers):
                    place = question.places.get(self._places.tag(token.digest), NOWHERE)
                    if place.run != run:
                        continue
                    key = self._places.key(run, token.tenant_id, token.digest)
                    value = b"%d %s" % (question.generation, record)
                    commands.append(
                        (
                            *("EVAL", _PUT, 2, key, self._places.mark_key(token.digest, run)),
                            *(question.generation, value, dies_at, place.mark),
                        )
                    )
                return commands

            try:
                server.ask(copy)
            except ValkeyAway:
                continue
            except ValkeyUnavailable as failure:
                log.warning("valkey_write_failed", error=type(failure).__name__)

    def bar(self, tenant_id: int, digests: Iterable[bytes]) -> None:
        """Let nobody use or make a copy of these tokens until every older answer has died, and list them.

        Raises one of `ValkeyUnavailable` when that cannot be promised. Where a server could not be told, this process
        reads no copies of it until it has heard from it again.
        """
        void = list(digests)
        untold = set(range(len(void)))
        failure: Exception | None = None
        for server, numbers in self._places.by_server(void).items():

            def set_bars(run: bytes, numbers: Sequence[int] = numbers) -> list[Command]:
                keys = [self._places.key(run, tenant_id, void[number]) for number in numbers]
                return [("SET", key, _BARRED, "EX", BAR_SECONDS) for key in keys]

            try:
                server.ask(set_bars)
                untold.difference_update(numbers)
            except ValkeyUnavailable as refused:
                failure = refused
        self._places.forget(void[number] for number in untold)
        # The list comes last: whoever has read in it that a token is void finds no copy of it. It is told of the others
        # too, for those who go by the list alone (`barred_tokens`); of their copies every follower hears in PostgreSQL.
        listed = (b"".join(void), BARS_LISTED_SECONDS, tenant_id)
        self._places.list_server().ask(
            lambda run: [("EVAL", _LIST, 1, self._places.list_key(run), *listed)]
        )
        if untold:
            raise failure or ValkeyAway("nobody holds some of the tokens")

    def barred_since_last(self) -> Heard:
        """Return what was barred since this was last asked, and whether that is all.

        It may not be if another run of the server answers, or this one was flushed. From here on copies are read where
        `recognise_server` has found them. Raises one of `ValkeyUnavailable`.
        """
        self._places.go_by_recognised()
        complete = True
        bars: list[Bar] = []
        while True:
            place, entries = self._bars_after()
            if not self._places.found_list(place):
                raise ValkeyAway("another run has the list than was recognised")
            if place != self._list:
                self._list, self._last_bar = place, b"0"
                complete, bars = False, []
                continue
            bars += [_bar(*entry) for entry in entries]
            if entries:
                self._last_bar = entries[-1][0]
            if len(entries) < BARS_AT_ONCE:
                return Heard(complete, (place.run + place.mark).decode(), bars)

    def await_bar(self, seconds: float) -> None:
        """Return when somebody bars a token, or after `seconds`; raises one of `ValkeyUnavailable`."""
        self._bars_after(int(seconds * 1000))

    def void_before(self, generation: int) -> None:
        """Believe no copy of an older generation from here on."""
        self._generation = max(self._generation, generation)

    def recognise_server(self) -> None:
        """Learn which run holds what; only answers asked for after `barred_since_last` are kept there.

        Raises one of `ValkeyUnavailable` when no server answers.
        """
        self._places.recognise()

    def _bars_after(self, wait_milliseconds: int | None = None) -> tuple[Place, list[Any]]:
        """Return where the list is, and its entries behind the last one read, or wait for one."""
        reached: list[bytes] = []
        wait = () if wait_milliseconds is None else ("BLOCK", wait_milliseconds)

        def read(run: bytes) -> list[Command]:
            reached.append(run)
            behind = ("STREAMS", self._places.list_key(run), self._last_bar)
            return [
                *self._places.ask_list_mark(run),
                ("XREAD", "COUNT", BARS_AT_ONCE, *wait, *behind),
            ]

        _, mark, reply = self._places.list_server().ask(read)
        return Place(reached[-1], mark), reply[0][1] if reply else []


def _bar(entry: bytes, fields: Sequence[bytes]) -> Bar:
    """Read one entry of the list; the last release did not say whose tokens they are."""
    tenant, joined = fields
    milliseconds, _, number = entry.partition(b"-")
    digests = [joined[at : at + _DIGEST_BYTES] for at in range(0, len(joined), _DIGEST_BYTES)]
    return Bar(
        (int(milliseconds), int(number)), int(tenant) if tenant.isdigit() else None, tuple(digests)
    )
