"""When which key signs, and how long each is needed: rotation as rules, without a store.

A key is published an hour before it signs, so that whoever verifies has it by then, however seldom they look; and it
is published after its successor took over, until the last token that it signed has expired. So nobody who keeps the
published keys for less than an hour ever meets a token whose key they cannot have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# Longer than whoever verifies keeps the published set: jose keeps it for 10 minutes, PyJWT for 5, and we allow 5
# (`routes.KEYS_MAX_AGE_SECONDS`).
PUBLISHED_AHEAD = timedelta(hours=1)
# The most that AUTHSVC_ACCESS_TOKEN_SECONDS can be, so that a setting which was higher once does no harm.
LONGEST_TOKEN = timedelta(days=1)
# A worker may go on with the keys it has for two rereads, and clocks of machines differ.
LATE_SIGNATURES = timedelta(minutes=5)


class KeyState(StrEnum):
    """What a key is there for."""

    WAITING = "waiting"
    SIGNING = "signing"
    KEPT = "kept"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyLife:
    """The moments of one key's life; `kid` names it."""

    kid: str
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All keys there ever were, but for those that were thrown away."""

    keys: tuple[KeyLife, ...]

    def signing(self, now: datetime) -> KeyLife:
        """Return the key that signs; there is always one, also where a clock is behind the first key's."""
        usable = [key for key in self.keys if key.retired_at is None]
        begun = [key for key in usable if key.signs_from <= now]
        if not begun:
            return min(usable, key=_turn)
        return max(begun, key=_turn)

    def needed_until(self, key: KeyLife) -> datetime | None:
        """Return when the last token that `key` signed has expired; None while no other key takes over from it."""
        followers = [other.signs_from for other in self.keys if _turn(other) > _turn(key)]
        return min(followers) + LATE_SIGNATURES + LONGEST_TOKEN if followers else None

    def state(self, key: KeyLife, now: datetime) -> KeyState:
        """Return what `key` is there for now."""
        if key.retired_at is not None:
            return KeyState.RETIRED
        if key == self.signing(now):
            return KeyState.SIGNING
        return KeyState.WAITING if key.signs_from > now else KeyState.KEPT

    def is_due(self, now: datetime, period: timedelta) -> bool:
        """Tell whether it is time to publish a successor of a key that is to sign for `period` only."""
        newest = max((key for key in self.keys if key.retired_at is None), key=_turn, default=None)
        return newest is not None and newest.signs_from + period - PUBLISHED_AHEAD <= now

    def finished(self, now: datetime) -> list[KeyLife]:
        """Return the keys that are published still, though no token of theirs can be good any more."""
        return [
            key
            for key in self.keys
            if self.state(key, now) is KeyState.KEPT
            and (until := self.needed_until(key)) is not None
            and until <= now
        ]


def _turn(key: KeyLife) -> tuple[datetime, str]:
    return key.signs_from, key.kid
