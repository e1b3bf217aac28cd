"""Where copies of token records are: which keys they have, and which server holds them.

Tokens are dealt out evenly over the servers' tags: one tag where there is one server, `TAGS` in a cluster
(`infra/valkey_cluster.py`). A tag's copies, bars and mark have one hash slot, and so are on one server; the list of all
bars has the first tag. Every key says which run of a server it belongs to, and a process knows of each tag which run
holds it, from the last look of its follower.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from authsvc.infra.valkey import Command, Servers, Valkey, ValkeyUnavailable

# Marks are asked for this often: an older one costs copies that are not kept, and nothing else.
MARKS_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """The run of the server that holds a tag, and the mark that stands there."""

    run: bytes
    mark: bytes = b""


NOWHERE = Place(b"")


class TokenPlaces:
    """Keys and servers of token records, and what this process knows of them."""

    def __init__(self, valkey: Servers, prefix: str) -> None:
        """Let all keys begin with `prefix`."""
        self._valkey = valkey
        self._tags = valkey.tags
        self._prefixes = {tag: prefix.encode() + tag for tag in valkey.tags}
        # Replaced as a whole and never changed, so that whoever asks a question may hold on to it.
        self.known: Mapping[bytes, Place] = {}
        self._recognised: Mapping[bytes, Place] = {}
        self._marks_until = float("-inf")

    def recognise(self) -> None:
        """Learn which run holds what now, to be known after `go_by_recognised`.

        In between, what has ended is told to the servers: copies of one that could not be told must not be read in the
        meantime. Raises one of `ValkeyUnavailable` when no server answers.
        """
        before = self.known
        places = {
            tag: before[tag] if before.get(tag, NOWHERE).run == run else Place(run)
            for tag, run in self._valkey.runs().items()
        }
        # The first tag's mark is read with the list.
        others = [tag for tag in places if tag != self._tags[0]]
        if monotonic() >= self._marks_until or not all(places[tag].mark for tag in others):
            self._marks_until = monotonic() + MARKS_SECONDS
            places |= self._marked(others)
        self._recognised = places

    def go_by_recognised(self) -> None:
        """Know from now on what was recognised, and not forgotten since."""
        self.known = self._recognised

    def forget(self, digests: Iterable[bytes]) -> None:
        """Know nothing of where these tokens are, until the next look."""
        forgotten = {self.tag(digest) for digest in digests}
        if forgotten:
            self._recognised = _without(self._recognised, forgotten)
            self.known = _without(self.known, forgotten)

    def found_list(self, place: Place) -> bool:
        """Take note of the mark that was read with the list; tell whether the run is the one that was recognised."""
        first = self._tags[0]
        known = self.known.get(first)
        if known is not None and known.run == place.run and known != place:
            self.known = {**self.known, first: place}
        return known is None or known.run == place.run

    def of(self, digest: bytes) -> Place:
        """Return where a token is; `NOWHERE` while that is not known."""
        return self.known.get(self.tag(digest), NOWHERE)

    def tag(self, digest: bytes) -> bytes:
        """Return a token's tag: digests are spread evenly, and so are tokens."""
        return self._tags[digest[0] * len(self._tags) >> 8]

    def server(self, digest: bytes) -> Valkey:
        """Return who holds a token; raises one of `ValkeyUnavailable`."""
        return self._valkey.holding(self.tag(digest))

    def by_server(self, digests: Sequence[bytes]) -> dict[Valkey, Sequence[int]]:
        """Return which server holds which of these tokens, by their numbers here.

        Those that no server is known to hold are left out.
        """
        if len(self._tags) == 1:
            return {self._valkey.holding(self._tags[0]): range(len(digests))}
        found: defaultdict[Valkey, list[int]] = defaultdict(list)
        for number, digest in enumerate(digests):
            try:
                found[self._valkey.holding(self.tag(digest))].append(number)
            except ValkeyUnavailable:
                continue
        return dict(found)

    def list_server(self) -> Valkey:
        """Return who holds the list of bars; raises one of `ValkeyUnavailable`."""
        return self._valkey.holding(self._tags[0])

    def key(self, run: bytes, tenant_id: int, digest: bytes) -> bytes:
        """Return the key of a token's copy, or bar, in a run of its server."""
        prefix = self._prefixes[self.tag(digest)]
        return b"%s:token:%s:%d:%s" % (prefix, run, tenant_id, digest.hex().encode())

    def mark_key(self, digest: bytes, run: bytes) -> bytes:
        """Return the key of the mark that stands beside a token's copy."""
        return self._mark_key(self.tag(digest), run)

    def list_key(self, run: bytes) -> bytes:
        """Return the key of the list of bars."""
        return b"%s:bars:%s" % (self._prefixes[self._tags[0]], run)

    def ask_list_mark(self, run: bytes) -> list[Command]:
        """Return the two commands whose second reply is the mark beside the list."""
        return self._ask_mark(self._tags[0], run)

    def _marked(self, tags: Sequence[bytes]) -> dict[bytes, Place]:
        """Return where these tags are now, with their marks; of those whose server answers."""
        servers: defaultdict[Valkey, list[bytes]] = defaultdict(list)
        for tag in tags:
            with suppress(*ValkeyUnavailable):
                servers[self._valkey.holding(tag)].append(tag)
        found: dict[bytes, Place] = {}
        for server, held in servers.items():
            reached: list[bytes] = []

            def ask(
                run: bytes, held: list[bytes] = held, reached: list[bytes] = reached
            ) -> list[Command]:
                reached.append(run)
                return [command for tag in held for command in self._ask_mark(tag, run)]

            with suppress(*ValkeyUnavailable):
                marks = server.ask(ask)[1::2]
                found |= {
                    tag: Place(reached[-1], mark) for tag, mark in zip(held, marks, strict=True)
                }
        return found

    def _ask_mark(self, tag: bytes, run: bytes) -> list[Command]:
        # Whoever looks first at a new or flushed server marks it.
        mark = self._mark_key(tag, run)
        return [("SET", mark, secrets.token_hex(8), "NX"), ("GET", mark)]

    def _mark_key(self, tag: bytes, run: bytes) -> bytes:
        return b"%s:mark:%s" % (self._prefixes[tag], run)


def _without(places: Mapping[bytes, Place], tags: Collection[bytes]) -> Mapping[bytes, Place]:
    return {tag: place for tag, place in places.items() if tag not in tags}
