"""Written answers of My Account that a process remembers, and how it knows that one still holds.

Each read asks PostgreSQL which state the account is in (`store`), by one question for all reads that wait at that
moment (`infra/shared_questions`). An answer is given only if it was written from that state; so the next read on
whatever worker of whatever machine after an edit, an order or a move is acknowledged shows it, with no message that
could be late or lost, and whether Valkey answers or not. Without PostgreSQL nobody can know, and the read fails.

The state is asked for before its parts are read: a change in between makes the parts newer than the state that the
answer is remembered under, and the next read writes it anew. The other way round it would stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from cachetools import TTLCache

from authsvc.callers import Caller
from authsvc.my_account.rules import Version
from authsvc.my_account.service import MyAccounts
from authsvc.my_account.wire import MyAccount

# Every answer is held against PostgreSQL before it is given. So this is not how stale one may be, but how long one is
# kept for a shopper who has left.
REMEMBERED_SECONDS = 300.0
# A shopper with twenty orders and a handful of addresses takes about 15 kB: answers for 4,000 shoppers.
MOST_BYTES = 64 * 1024 * 1024
# An entry's objects beside its text.
ENTRY_BYTES = 600
# Of a SHA-256; 128 bits tell any two answers apart.
ETAG_DIGITS = 32

_KEPT_BY_ITS_SHOPPER = (
    ("Cache-Control", "private, no-cache"),
    ("Vary", "Authorization, x-vol-user-claims, x-vol-app-claims, x-vol-site, x-vol-tenant"),
)

Key = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """A written answer: the state it was written from, and at which tick."""

    version: Version
    body: bytes
    etag: str
    written_at: float


class MyAccountAnswers:
    """Answers by tenant, account and whether somebody acts for its shopper."""

    def __init__(
        self, service: MyAccounts, ticks: Callable[[], float], most_bytes: int = MOST_BYTES
    ) -> None:
        """Write with `service`; `ticks` counts seconds without ever jumping."""
        self.service = service
        self._ticks = ticks
        self._kept: TTLCache[Key, Answer] = TTLCache(
            most_bytes,
            REMEMBERED_SECONDS,
            timer=ticks,
            getsizeof=lambda answer: len(answer.body) + ENTRY_BYTES,
        )
        self._lock = Lock()

    def answer(self, caller: Caller) -> Answer:
        """Return the answer as things are now; raises as `MyAccounts` does, and `DatabaseUnavailable`."""
        version = self.service.version(caller)
        key = (caller.tenant_id, caller.own_account(), caller.is_acted_for)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.version == version:
            return kept
        written_at = self._ticks()
        model = MyAccount.of(self.service.read(caller))
        body = model.__pydantic_serializer__.to_json(model, by_alias=True)
        etag = f'"{hashlib.sha256(body).hexdigest()[:ETAG_DIGITS]}"'
        written = Answer(version, body, etag, written_at)
        if len(body) + ENTRY_BYTES <= self._kept.maxsize:
            with self._lock:
                self._kept[key] = written
        return written

    def headers(self, answer: Answer) -> list[tuple[str, str]]:
        """Return the headers that say how old an answer is and what it is known by.

        Browsers and proxies keep it and ask before each use (RFC 9111 §5.2.2.4), which costs no more than a 304.
        """
        return [
            ("ETag", answer.etag),
            ("Age", str(int(self._ticks() - answer.written_at))),
            *_KEPT_BY_ITS_SHOPPER,
        ]


def is_known(answer: Answer, if_none_match: str) -> bool:
    """Tell whether whoever asks has the answer already: `If-None-Match` names it (RFC 9110 §13.1.2)."""
    if not if_none_match:
        return False
    named = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in named or answer.etag in named
