"""Answers that a process keeps, and the rules by which it may give them: never older than a second. No sockets here.

The server's own promise is that what it answers is true for a moment at most a second before it was asked. A kept
answer must be worth as much, though it is given long after. Three rules see to that, all by one clock of this process:

1. *Trust.* What is kept is given only until one second after the moment that the last news is true for. News is asked
   for; the answer says how long before it was asked nothing else had ended. So that moment is counted back from when
   this process asked: no other machine's clock is believed, and news that was late, wherever it waited, is old news.
2. *Drops.* Tokens that the news names are forgotten. All are, when it says that it is not complete.
3. *Late answers.* The server may answer as of a second before it was asked: an answer may be from before an end of
   which the news came already. So what was asked for less than a second after its token was dropped is used once and
   not kept.

A pause of the process, a silent server and a broken connection are all the same: no news, and so no trust.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from threading import Lock

from authsvc.client.questions import News
from authsvc.client.session import Session

# The promise (docs/session_checks.md).
TRUST_SECONDS = 1.0
# How old an answer of the server may be: the same second, and a tenth for clocks that do not tick alike.
LATE_SECONDS = 1.1
# No answer is kept for longer; the server remembers for twice as long what it has told (`infra/barred_tokens`).
KEPT_SECONDS = 30.0
# What took longer to ask is used once and not kept, so that drops need to be remembered no longer than this.
LONGEST_QUESTION_SECONDS = 5.0
# Of drops remembered: some 20 MB. One more, and it is as if all had been dropped.
MOST_DROPS = 100_000
# What an answer takes besides its texts, in bytes (tests/client/test_kept_answers.py measures it).
ANSWER_BYTES = 1_250

Key = tuple[bytes, int | None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be kept: so many answers, and so many bytes of memory; beyond either the oldest go."""

    answers: int = 100_000
    bytes: int = 128 * 1024 * 1024


class _Kept:
    __slots__ = ("bytes", "moment", "session", "token", "until")

    def __init__(self, session: Session, token: bytes, until: float, size: int) -> None:
        self.session = session
        self.token = token
        self.until = until
        self.bytes = size
        self.moment: datetime | None = None


class KeptAnswers:
    """Good answers by digest of the token as it was shown, and site; `ticks` counts seconds without ever jumping."""

    def __init__(self, ticks: Callable[[], float], bounds: Bounds) -> None:
        """Keep nothing before the first news."""
        self._ticks = ticks
        self._bounds = bounds
        self._trusted_until = float("-inf")
        self._moment: datetime | None = None
        self._kept: dict[Key, _Kept] = {}
        # The digest that news names a token by → the answers about it, by whichever of its forms and on which site.
        self._keys: dict[bytes, set[Key]] = {}
        self._bytes = 0
        # Digest → when it was dropped; the oldest first.
        self._dropped: dict[bytes, float] = {}
        self._all_dropped_at = float("inf")
        self._lock = Lock()

    def emptied(self) -> KeptAnswers:
        """Return such a memory with nothing in it, that shares nothing with this one."""
        return KeptAnswers(self._ticks, self._bounds)

    def __len__(self) -> int:
        """Return how many answers are kept."""
        return len(self._kept)

    @property
    def size(self) -> int:
        """Return how many bytes they are taken to need."""
        return self._bytes

    def trusted(self) -> bool:
        """Tell whether what is kept may be given at this moment."""
        return self._ticks() < self._trusted_until

    def get(self, token: str, site_id: int | None) -> Session | None:
        """Return the session that is kept, if it may be given at this moment."""
        now = self._ticks()
        if now >= self._trusted_until:
            return None
        # Before the answer: what had ended by that moment is dropped already, and an answer still there was not.
        moment = self._moment
        try:
            kept = self._kept.get((sha256(token.encode()).digest(), site_id))
        except UnicodeEncodeError:
            return None
        if kept is None or now >= kept.until:
            return None
        if kept.moment is not moment and moment is not None:
            # True as of the news, which names all that has ended since.
            if moment > kept.session.as_of:
                kept.session = replace(kept.session, as_of=moment)
            kept.moment = moment
        return kept.session

    def keep(self, token: str, site_id: int | None, session: Session, asked_at: float) -> None:
        """Keep what the server answered to a question asked at `asked_at`, if nothing has ended since (rule 3)."""
        shown = sha256(token.encode()).digest()
        known_as = _named_in_news(token, shown)
        # Both moments are the server's. Its answer may be a second old, so its end may be a second nearer.
        left = (session.expires_at - session.as_of).total_seconds() - LATE_SECONDS
        if known_as is None or left <= 0:
            return
        size = ANSWER_BYTES + sum(
            map(len, (session.user_id, session.customer_set, *session.methods))
        )
        with self._lock:
            dropped_at = max(self._dropped.get(known_as, float("-inf")), self._all_dropped_at)
            is_late = asked_at < dropped_at + LATE_SECONDS
            if is_late or self._ticks() > asked_at + LONGEST_QUESTION_SECONDS:
                return
            key = (shown, site_id)
            self._forget(key)
            self._kept[key] = _Kept(session, known_as, asked_at + min(KEPT_SECONDS, left), size)
            self._keys.setdefault(known_as, set()).add(key)
            self._bytes += size
            while len(self._kept) > self._bounds.answers or self._bytes > self._bounds.bytes:
                self._forget(next(iter(self._kept)))

    def hear(self, news: News, asked_at: float) -> None:
        """Take the answer to what was asked at `asked_at`, and trust what is left for the rest of its second."""
        with self._lock:
            now = self._ticks()
            if news.complete:
                self._drop(news.digests, now)
            else:
                self._drop_all(now)
            true_for = asked_at - news.age_seconds
            if true_for + TRUST_SECONDS > self._trusted_until:
                self._moment = news.as_of
                self._trusted_until = true_for + TRUST_SECONDS

    def forget_all(self) -> None:
        """Forget everything, and trust nothing before the next news."""
        with self._lock:
            self._trusted_until = float("-inf")
            self._drop_all(self._ticks())

    def _drop(self, digests: Iterable[bytes], now: float) -> None:
        for digest in digests:
            for key in tuple(self._keys.get(digest, ())):
                self._forget(key)
            self._dropped.pop(digest, None)
            self._dropped[digest] = now
        if len(self._dropped) > MOST_DROPS:
            self._drop_all(now)
        while self._dropped:
            oldest = next(iter(self._dropped))
            if self._dropped[oldest] + LATE_SECONDS + LONGEST_QUESTION_SECONDS >= now:
                break
            del self._dropped[oldest]

    def _drop_all(self, now: float) -> None:
        self._all_dropped_at = now
        self._kept.clear()
        self._keys.clear()
        self._dropped.clear()
        self._bytes = 0

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._bytes -= kept.bytes
        keys = self._keys[kept.token]
        keys.discard(key)
        if not keys:
            del self._keys[kept.token]


def _named_in_news(token: str, shown: bytes) -> bytes | None:
    """Return the digest that news names a token by: its own, or that of the access token a JWT stands for (`jti`).

    The server has said that the JWT is genuine; None for one that names no token, which then is not kept.
    """
    if "." not in token:
        return shown
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        digest = bytes.fromhex(claims["jti"])
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return digest if len(digest) == len(shown) else None
